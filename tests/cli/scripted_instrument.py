"""An instrument on a real link: it uploads once, then answers each request as its script says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable

from hj212d.wire import build
from hj212d.wire.cutter import Cutter
from hj212d.wire.decode import decode
from hj212d.wire.frame import Frame

Said = list[tuple[str, str]]  # CN and CP of what it says to a request


class ScriptedInstrument:
    """Connects at once; ends with the ``with``."""

    def __init__(
        self, address: tuple[str, int], mn: str, script: Callable[[Frame], Said], version: int = 4
    ) -> None:
        self.mn = mn
        self.heard: list[Frame] = []
        self._flag = version
        self._script = script
        self._link = socket.create_connection(address, timeout=90)
        self._link.settimeout(None)
        self.say("2011", "DataTime=20260101080000;w01018-Rtd=1,w01018-Flag=N", "20260101080000000")
        self._thread = threading.Thread(target=self._answer)
        self._thread.start()

    def say(self, cn: str, cp: str, qn: str) -> None:
        """A frame without a wish for an answer."""
        st = "91" if cn.startswith("901") else "32"
        segment = build.segment(
            qn=qn, st=st, cn=cn, pw="654321", mn=self.mn, flag=self._flag, cp=cp
        )
        self._link.sendall(build.frame(segment))

    def __enter__(self) -> ScriptedInstrument:
        return self

    def __exit__(self, *_: object) -> None:
        self._link.shutdown(socket.SHUT_RDWR)
        self._thread.join(90)
        self._link.close()

    def _answer(self) -> None:
        cutter = Cutter()
        while data := self._link.recv(65536):
            for cut in cutter.feed(data):
                request = decode(cut)
                self.heard.append(request)
                for cn, cp in self._script(request):
                    self.say(cn, cp, request.qn)
