"""A scripted instrument behind a worker that is a plain socket: what the hub has sent to it is
read there, what it says is put into the journal."""

from __future__ import annotations

import base64
import time
from pathlib import Path
from typing import Any

from command_rig import frame
from hub_rig import MN, FakeWorker, append, good

from hj212d.journal.writer import LaneWriter
from hj212d.wire import build
from hj212d.wire.frame import Frame


class Instrument:
    """One MN on one link of worker 0."""

    def __init__(self, control: Path, writer: LaneWriter, mn: str = MN) -> None:
        self.mn = mn
        self.link = (time.time_ns() // 1000) << 8
        self._writer = writer
        self._worker = FakeWorker(control, 0)
        self._worker.say({"op": "identified", "mn": mn, "link": self.link, "peer": "192.0.2.1:9"})

    def request(self) -> Frame:
        """The next frame that the hub has sent; the worker says that it went out."""
        while True:
            heard = self._worker.hear()
            if heard.get("op") == "send":
                self._worker.say({"op": "sent", "id": heard["id"], "why": ""})
                assert heard["link"] == self.link
                return frame(base64.b64decode(heard["data"]))

    def say(self, cn: str, cp: str, qn: str, st: str = "91") -> None:
        """A frame from it, durable."""
        segment = build.segment(qn=qn, st=st, cn=cn, pw="123456", mn=self.mn, flag=4, cp=cp)
        append(self._writer, [good(build.frame(segment).removesuffix(b"\r\n"), link=self.link)])

    def answer_clock(self, request: Frame) -> None:
        """What it says to 1011."""
        self.say("9011", "QnRtn=1", request.qn)
        self.say("1011", "SystemTime=20260101080000", request.qn, st="32")
        self.say("9012", "ExeRtn=1", request.qn)

    def close(self) -> None:
        """Go."""
        self._worker.close()

    def __enter__(self) -> Instrument:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()
