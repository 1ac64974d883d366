"""Requests that give a logger of 2025 its name and its key: 1002 and 1014.

HJ 212-2025 6.4.3, C.2, C.3, C.7, C.8. Test: tests/bench/test_answering.py.
"""

from __future__ import annotations

from bench.instruments.ask import DONE, REFUSED, WRONG, Ask, Handler, Result
from bench.instruments.behaviour import KeyMishap
from bench.instruments.state import State

KEY_BYTES = 16


def set_mn(state: State, ask: Ask) -> Result:
    """1002: the new MN stands in the header, i23005 says for which logger it is."""
    if ask.frame.factors.get("i23005", {}).get("Info") != state.serials["i23005"]:
        return Result(qn_rtn=REFUSED)
    if not ask.frame.mn:
        return WRONG

    def take() -> None:
        state.change(mn=ask.frame.mn)
        state.activated = True

    return Result(after=take)


def set_key(state: State, ask: Ask) -> Result:
    """1014: under the old key, where there is one; the new one counts after the result."""
    if state.station.key and not ask.frame.encrypted:
        return Result(qn_rtn=REFUSED)
    key = _bytes(ask.text("NewSK"))
    created = ask.text("SKCreateTime")
    if key is None or not created.isdigit() or len(created) not in (14, 17):
        return WRONG
    mishap, state.key_mishap = state.key_mishap, KeyMishap.NONE

    def take() -> None:
        state.change(key=key)
        state.key_created = created

    match mishap:
        case KeyMishap.TAKEN_IN_SILENCE:
            return Result(silent=True, after=take)
        case KeyMishap.LOST_IN_SILENCE:
            return Result(silent=True)
        case KeyMishap.DONE_BUT_LOST:
            return DONE
        case _:
            return Result(after=take)


def _bytes(text: str) -> bytes | None:
    """Sixteen characters are the key; 32 hexadecimal digits write it too."""
    raw = text.encode("utf-8")
    if len(raw) == 2 * KEY_BYTES:
        try:
            return bytes.fromhex(text)
        except ValueError:
            return None
    return raw if len(raw) == KEY_BYTES else None


IN_2025: dict[str, Handler] = {"1002": set_mn, "1014": set_key}
