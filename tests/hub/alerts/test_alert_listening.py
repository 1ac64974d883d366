"""Silence is counted from the moment from which the platform could hear."""

from __future__ import annotations

from hj212d.hub.alerts.listening import PAUSE_US, Listening

S = 1_000_000
NOON = 1_780_000_000 * S


def test_a_hub_alone_was_away() -> None:
    """Workers that lived heard everything: nothing begins anew, however long the hub was away."""
    listening = Listening()
    listening.hears(NOON, NOON - 60 * S)
    listening.hears(NOON + 3600 * S, NOON - 60 * S)
    assert listening.up_since_us == NOON - 60 * S


def test_the_daemon_was_away() -> None:
    """Workers that began after a pause heard nothing before."""
    listening = Listening()
    listening.hears(NOON, NOON - 60 * S)
    listening.hears(NOON + 200 * S, NOON + 190 * S)
    assert listening.up_since_us == NOON + 190 * S


def test_a_worker_is_started_again() -> None:
    """The pause until then is short enough for instruments to be counted as silent."""
    listening = Listening()
    listening.hears(NOON, NOON - 60 * S)
    listening.hears(NOON + 5 * S, NOON + PAUSE_US)
    assert listening.up_since_us == NOON - 60 * S
    listening.hears(NOON + 90 * S, NOON + 5 * S + PAUSE_US + 1)
    assert listening.up_since_us == NOON + 5 * S + PAUSE_US + 1


def test_what_was_left_out_was_not_heard() -> None:
    """A backlog that is skipped is a pause; an older one changes nothing."""
    listening = Listening()
    listening.hears(NOON, NOON - 60 * S)
    listening.missed(NOON - 30 * S)
    assert listening.up_since_us == NOON - 30 * S
    listening.missed(NOON - 50 * S)
    assert listening.up_since_us == NOON - 30 * S


def test_the_clock_was_set_back() -> None:
    """Nobody has listened since a moment that is to come, nor is anything known of then."""
    listening = Listening()
    assert not listening.hears(NOON, NOON - 60 * S)
    assert not listening.hears(NOON - PAUSE_US, NOON - 60 * S)
    assert listening.hears(NOON - 7200 * S, NOON - 7200 * S)
    assert (listening.up_since_us, listening.heard_us) == (NOON - 7200 * S, NOON - 7200 * S)
    assert not listening.hears(NOON - 7199 * S, NOON - 7200 * S)
