"""Places as questions name them."""

from __future__ import annotations

from datetime import datetime

import msgspec
import pytest

from hj212d.hub.quality.questions import RankQuestion


def test_unknown_fields_are_refused() -> None:
    """A misspelt filter must not quietly mean everything."""
    span = {"places": ["region:*"], "start": datetime(2026, 3, 1), "end": datetime(2026, 4, 1)}
    assert msgspec.convert(span, RankQuestion).key == "index"
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({**span, "stations": []}, RankQuestion)
