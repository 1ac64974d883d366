"""When an instrument that is back is looked at again."""

from __future__ import annotations

from completeness_rig import HOUR, MINUTE, SECOND, at

from hj212d.hub.completeness.settings import CompletenessSettings
from hj212d.hub.completeness.watching import next_look_us

BACK = at("06-01T12:00")
SETTINGS = CompletenessSettings(grace_s=60, settle_s=20)


def test_until_the_whole_silence_is_owed() -> None:
    """Its last value is, once the grace has passed; then that is all."""
    assert next_look_us(BACK, BACK + 20 * SECOND, {"minute"}, SETTINGS) == BACK + MINUTE
    assert next_look_us(BACK, BACK + MINUTE, {"minute"}, SETTINGS) is None


def test_until_its_interval_has_shown() -> None:
    """With longer and longer pauses, for an hour at the most."""
    looks, now = [], BACK
    while (found := next_look_us(BACK, now, {"hour"}, SETTINGS)) is not None:
        looks.append((found - BACK) // MINUTE)
        now = found
    assert looks == [1, 2, 4, 8, 16, 32, 64]


def test_without_grace_and_settling() -> None:
    """A pause is never nothing."""
    settings = CompletenessSettings(grace_s=0, settle_s=0)
    assert next_look_us(BACK, BACK, (), settings) == BACK + SECOND
    assert next_look_us(BACK, BACK + HOUR, (), settings) is None
