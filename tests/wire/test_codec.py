"""The seam: what others import is there, and says which it is."""

from __future__ import annotations

from wire_samples import FRAME, SEGMENT

from hj212d.wire import codec


def test_the_seam() -> None:
    """A frame goes through the three names."""
    assert codec.NAME in ("python", "compiled")
    (cut,) = codec.Cutter().feed(FRAME)
    assert codec.decode(cut).mn == "A110000_0001"
    assert codec.crc(SEGMENT) == int(FRAME[-6:-2], 16)
    assert (codec.NAME == "compiled") == (codec.WHY_PYTHON == "")
