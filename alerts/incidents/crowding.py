"""Many alarms of a region within a short time, far more than usual there, although they are no
large share of its stations: they are one outage all the same.

Pure. What is enough of a share is not decided here (`grouping.py`).
Tests: tests/alerts/incidents/test_crowding.py.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping

from alerts.rules.regions import chain

FAR_MORE = 3.0  # times what is usual
NEARLY_ALL = 0.9
NOWHERE = ""  # the stem of what has no region in common


def crowded(concerned: Iterable[str], usual: Mapping[str, float], least: int) -> dict[str, int]:
    """Stem -> stations concerned, of the smallest regions that hold nearly all of a crowd; none
    holds another. NOWHERE when only all together are one.

    ``concerned``: the region of each station; ``usual``: region -> how many stand for themselves
    in such a time as a rule.
    """
    counts, below = _tree(Counter(concerned))
    if counts[NOWHERE] < least:
        return {}
    common, _ = _tree(usual)

    def enough(region: str) -> bool:
        return counts[region] >= least and counts[region] >= FAR_MORE * common[region]

    def beyond(region: str) -> float:
        return counts[region] - common[region]

    found: dict[str, int] = {}
    looked = [NOWHERE]
    while looked:
        region = looked.pop()
        inner = sorted(one for one in below[region] if counts[one] >= least)
        if not enough(region):
            looked += inner
            continue
        crowds = [one for one in inner if enough(one)]
        cause = [one for one in crowds if beyond(one) >= NEARLY_ALL * beyond(region)]
        if cause:
            looked += cause
        elif crowds and region == NOWHERE:
            looked += crowds
        else:
            found[region] = int(counts[region])
    return found


def _tree(
    own: Mapping[str, float],
) -> tuple[defaultdict[str, float], defaultdict[str, set[str]]]:
    """Stem -> sum of all below it, and stem -> the stems one level below."""
    counts: defaultdict[str, float] = defaultdict(float)
    below: defaultdict[str, set[str]] = defaultdict(set)
    for code, many in own.items():
        counts[NOWHERE] += many
        above = NOWHERE
        for one in chain(code):
            counts[one] += many
            below[above].add(one)
            above = one
    return counts, below
