"""A device of HJ 212-2025 on a real socket, for whoever kills what it talks to.

It asks for its MN, uploads encrypted minutes one after the other, each until it is acknowledged,
beats its heart, and answers requests; when its link breaks it comes again. Its answers are those
of bench/instruments/answering.py.
"""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable

from bench.instruments import envelope
from bench.instruments.answering import Answering
from bench.instruments.clock import date_text, qn_text
from bench.instruments.envelope import Upload
from bench.instruments.state import State
from bench.instruments.station import KINDS, Station
from hj212d.wire import codec
from hj212d.wire.cutter import Cutter
from hj212d.wire.frame import Frame

RESEND_S = 0.5
NOTICE_S = 0.5
BEGIN_S = 1_767_225_600  # 2026-01-01: the minutes that it reports


class Device:
    """``acked``: the uploads that were acknowledged, by their raw bytes without line end.

    ``on_request``: called with each request before it is answered, ``on_reply`` with the CN of
    each reply before it leaves; what they return, if False, ends the link instead.
    """

    def __init__(self, address: tuple[str, int], key: bytes, mn: str = "", seed: int = 7) -> None:
        station = Station(mn, "S", next(iter(KINDS)), "2025", "123456", seed, 1, key)
        self.state = State(station, time.time(), activated=bool(mn))
        self.answering = Answering(self.state)
        self.acked: list[bytes] = []
        self.counts = {"1001": 0, "9015": 0, "links": 0}
        self.on_request: Callable[[Frame], bool | None] = lambda _: None
        self.on_reply: Callable[[str], bool | None] = lambda _: None
        self.quiet = threading.Event()  # no uploads while it is set
        self._address = address
        self._ending = threading.Event()
        self._minute = 0
        self._waiting: tuple[Upload, float] | None = None
        self._heart_at = 0.0
        self._thread = threading.Thread(target=self._live, name="device")
        self.fault: BaseException | None = None

    @property
    def key(self) -> bytes:
        """The key that it has now."""
        return self.state.station.key

    def __enter__(self) -> Device:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ending.set()
        self._thread.join()
        if self.fault is not None:
            raise self.fault

    def _live(self) -> None:
        try:
            while not self._ending.is_set():
                try:
                    with socket.create_connection(self._address, timeout=90) as link:
                        self.counts["links"] += 1
                        self._speak(link)
                except OSError:  # killed, or not there yet
                    self._ending.wait(0.05)
        except BaseException as fault:  # noqa: BLE001 - raised in the test's thread
            self.fault = fault

    def _speak(self, link: socket.socket) -> None:
        cutter = Cutter()
        notice_at = 0.0
        self._waiting = self._waiting and (self._waiting[0], 0.0)
        while not self._ending.is_set():
            now = time.monotonic()
            if not self.state.activated:
                if now >= notice_at:
                    notice_at = now + NOTICE_S
                    self.answering._next_serials = 0.0
                    link.sendall(self.answering.notices(time.time())[0].raw)
            else:
                self._upload(link, now)
            if not select.select([link], [], [], 0.02)[0]:
                continue
            data = link.recv(65536)
            if not data:
                return
            for cut in cutter.feed(data):
                if not self._hear(link, self.answering.read(cut)):
                    return

    def _upload(self, link: socket.socket, now: float) -> None:
        if self._waiting is None and not self.quiet.is_set():
            self._waiting = self._next(now), 0.0
        if self._waiting is not None and now - self._waiting[1] >= RESEND_S:
            upload = self._again(self._waiting[0])
            self._waiting = upload, now
            link.sendall(upload.raw)

    def _next(self, now: float) -> Upload:
        qn = qn_text(int(time.time() * 1000))
        if now >= self._heart_at:
            self._heart_at = now + 0.5
            return envelope.heartbeat(self.state.station, qn, time.time())
        self._minute += 1
        at = BEGIN_S + 60 * self._minute
        body = f"DataTime={date_text(at)};a01011-Avg={self._minute}.5,a01011-Flag=N"
        return envelope.seal(self.state.station, "2051", at, body, qn)

    def _again(self, upload: Upload) -> Upload:
        """The same content, under the key and the MN of now."""
        station = self.state.station
        return envelope.seal(station, upload.cn, upload.data_time, upload.body, upload.qn)

    def _hear(self, link: socket.socket, frame: Frame) -> bool:
        if frame.cn in ("9013", "9014"):
            if not self.state.activated:
                self.counts["1001"] += frame.cn == "9013"
            elif self._waiting is not None and frame.qn == self._waiting[0].qn:
                upload = self._waiting[0]
                self._waiting = None
                if upload.cn == "2051":
                    self.acked.append(upload.raw.rstrip(b"\r\n"))
                else:
                    self.counts[upload.cn] += 1
            return True
        if not frame.ok or frame.cn.startswith("9"):
            return True
        if self.on_request(frame) is False:
            return False
        for piece in self.answering.request(frame, time.time()):
            reply = codec.decode(Cutter().feed(piece.data)[0])
            if self.on_reply(reply.cn) is False:
                return False
            link.sendall(piece.data)
        return True
