"""Which values are news of now: not a resend, a refill or a backlog, whatever their clock says.

News is what is newer than the last and comes within an hour of its data time. Instruments whose
clock is hours behind, or was set back by years, send nothing such; they are told from a refill by
how they come: data times and receipts move alike for five minutes. Their values are ordered and
dated by receipt. Tests: tests/hub/alerts/test_arrivals.py.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from alerts.detect.outcomes import NEVER, S_US, Bits, State, Times

LATE_US = 3600 * S_US  # nobody needs to be told of now what is older
STEADY_US = 300 * S_US
_JITTER_US = 2 * S_US


def news(facts: State, time_us: Times, received_us: Times) -> tuple[Bits, Times]:
    """Of one value for each row of KEY: whether it is news, and the time by which it is ordered.
    ``received`` of ``facts`` is that of before; what has to be known of the others is kept there.
    """
    fresh: NDArray[np.bool_] = (time_us > facts["last"]) & (received_us - time_us <= LATE_US)
    if fresh.all():
        facts["odd_time"] = NEVER
        return fresh, time_us
    known = facts["odd_time"] != NEVER
    before = np.where(known, facts["odd_time"], time_us)
    moved = time_us - before
    same = known & (moved == 0)
    passed = received_us - np.where(known, facts["odd_received"], received_us)
    goes_on = known & (moved > 0) & (np.abs(passed - moved) <= moved // 5 + _JITTER_US)
    since = np.where(goes_on | same, facts["odd_since"], received_us)
    by_receipt = (
        ~fresh
        & goes_on
        & (received_us - since >= STEADY_US)
        & (received_us > np.maximum(facts["last"], facts["received"]))
    )
    facts["odd_since"] = since
    facts["odd_received"] = np.where(same, facts["odd_received"], received_us)
    facts["odd_time"] = np.where(fresh, NEVER, time_us)
    return fresh | by_receipt, np.where(by_receipt, received_us, time_us)
