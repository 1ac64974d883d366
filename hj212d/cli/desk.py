"""How frames are read on the desk: as configured, with what was asked for, and a bit kinder.

On a link a wrong length field ends a frame unless its device is known for that; whoever looks at a
capture wants to see what is in it. Tests: tests/cli/test_decode_command.py.
"""

from __future__ import annotations

from collections.abc import Sequence

from hj212d.cli.refusal import Refusal
from hj212d.config.checks import TOLERANCES
from hj212d.config.model import Config
from hj212d.config.nearest import did_you_mean
from hj212d.link.admission import Admission
from hj212d.wire import codec
from hj212d.wire.decode import mn_of
from hj212d.wire.frame import Cut, Device, Frame
from hj212d.wire.reasons import Reason
from hj212d.wire.settings import sm4_key
from hj212d.wire.tolerances import Tolerance

KINDER = Tolerance.LENGTH_SHORT | Tolerance.LENGTH_OFF


class Desk:
    """Cutters and frames for one run of ``decode``.

    ``keys``: SM4 keys as 32 hexadecimal digits or 16 characters, tried before those of the
    device; ``tolerate``: names of tolerances. Refusal when one of them is none.
    """

    def __init__(self, config: Config, keys: Sequence[str], tolerate: Sequence[str]) -> None:
        for name in tolerate:
            if name not in TOLERANCES:
                raise Refusal(f"there is no tolerance {name}{did_you_mean(name, TOLERANCES)}")
        try:
            self._keys = tuple(sm4_key(key) for key in keys)
        except ValueError as error:
            raise Refusal(
                "--key: a key is 16 bytes, as 32 hexadecimal digits or 16 characters"
            ) from error
        self._asked = Tolerance.of(tolerate)
        self._limit = config.link.max_segment_bytes
        self._gate = Admission(config.link, config.profiles, config.devices).gate("")

    def cutter(self) -> codec.Cutter:
        """A cutter for one line or one stream."""
        return codec.Cutter(self._limit, lambda mn: self._given(mn) | KINDER)

    def frame(self, cut: Cut) -> Frame:
        """What was cut, decoded."""
        mn = mn_of(cut.raw)
        given = self._given(mn)
        # Kindness is for lengths that are off; one that no link would wait for is a broken field.
        if cut.declared_length > self._limit and cut.repairs & ~given:
            cut.reason = Reason.LENGTH_OVER_LIMIT
        keys = self._keys + self._gate.device(mn).keys
        return codec.decode(cut, Device(given | KINDER, keys))

    def _given(self, mn: str) -> Tolerance:
        """What is switched on by the configuration or on the command line."""
        return self._gate.device(mn).tolerances | self._asked
