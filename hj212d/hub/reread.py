"""From a journal record back to the frame that the listener saw.

The verdict in the record stands: what was acknowledged as good must not change its mind because a
tolerance was switched off since. The repairs that were used then are the tolerances now.
Tests: tests/hub/test_reread.py.
"""

from __future__ import annotations

from collections.abc import Callable

from hj212d.hub.rows import VERDICTS
from hj212d.journal.record import Record
from hj212d.wire import codec
from hj212d.wire.decode import mn_of
from hj212d.wire.frame import Cut, Device, Frame
from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import Tolerance

# The longest segment that four digits can declare: limits were checked when the frame came.
_MAX_SEGMENT_BYTES = 9999
# Verdicts below this are about the stream: there is no whole frame to read.
_FIRST_WHOLE = Reason.CRC_WRONG
_MOST_CUTTERS = 64


class Rereader:
    """Reads records again. ``device``: mn -> what the wire must know of it.

    Not for several threads at once: it keeps its cutters.
    """

    def __init__(self, device: Callable[[str], Device]) -> None:
        self._device = device
        self._cutters: dict[Tolerance, codec.Cutter] = {}

    def as_recorded(self, record: Record) -> Frame:
        """The frame with the verdict of the record.

        One that was good and cannot be read any more (its key is gone) has the reason why.
        KeyError when the verdict has a number that this program does not know.
        """
        verdict = VERDICTS[record.verdict]
        if Reason.OK < verdict < _FIRST_WHOLE:
            return codec.decode(Cut(verdict, record.raw, 0))
        frame = self.read(record.raw, lambda _: Tolerance(record.marks))
        if verdict is not Reason.OK:
            frame.reason = verdict
        return frame

    def read(self, raw: bytes, tolerances: Callable[[Device], Tolerance]) -> Frame:
        """The frame with a verdict of today; ``tolerances`` chooses what is allowed."""
        device = self._device(mn_of(raw))
        allowed = tolerances(device)
        cut = self._cut(raw, allowed)
        return codec.decode(cut, Device(allowed, device.keys))

    def _cut(self, raw: bytes, tolerances: Tolerance) -> Cut:
        """The envelope of a record's bytes; all of them, also when more than one piece is in
        them."""
        # Taken out while in use: one that raised is not used again.
        cutter = self._cutters.pop(tolerances, None) or codec.Cutter(
            _MAX_SEGMENT_BYTES, tolerances
        )
        # The line end tells the cutter that no further digit of a short CRC comes.
        cuts = cutter.feed(raw + b"\r\n") + cutter.expire()
        if len(self._cutters) >= _MOST_CUTTERS:
            self._cutters.clear()
        self._cutters[tolerances] = cutter
        if len(cuts) == 1 and cuts[0].raw == raw:
            return cuts[0]
        reasons = [cut.reason for cut in cuts if cut.reason is not Reason.OK]
        return Cut(reasons[0] if reasons else Reason.JUNK, raw, 0)
