"""The class of surface water: of an item, of a section by its worst item.

Values come in the units of the table, already means; nothing here knows stations or time.
Tests: tests/aqi/water/test_water_classes.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import isfinite, isinf, isnan

import msgspec

from aqi.water.table import Body, Item, items

NOT_RATED = 0
WORSE = 6  # worse than class V
NAMES = ("", "I", "II", "III", "IV", "V", "worse than V")
NAMES_ZH = ("", "Ⅰ", "Ⅱ", "Ⅲ", "Ⅳ", "Ⅴ", "劣Ⅴ")

PH_MOST = 14.0


class Rating(msgspec.Struct, frozen=True):
    """A section by its worst item (single-factor method).

    ``number``: 1 to 5, 6 worse than V, 0 without any rated item. ``decisive``: the items of that
    class. ``aside``: class of items that are told but not rated (nitrogen of a lake). ``marks``:
    why a value was left out: "negative", "absurd", "none" (no number), "unknown" (no such item).
    """

    number: int
    classes: dict[str, int]
    decisive: tuple[str, ...]
    aside: dict[str, int]
    marks: dict[str, str]

    @property
    def name(self) -> str:
        """ "I" ... "V", "worse than V", "" without a class."""
        return NAMES[self.number]


def mark_of(name: str, value: float | None) -> str:
    """Why a value cannot be judged; "" when it can. pH 20 is absurd, a negative mass is wrong."""
    if name not in items():
        return "unknown"
    if value is None or isnan(value):
        return "none"
    if isinf(value) or (name == "pH" and value > PH_MOST):
        return "absurd"
    if value < 0 and name != "temperature":
        return "negative"
    return ""


def item_class(
    name: str, value: float, body: Body = "river", *, saturation: float | None = None
) -> int:
    """Class of a value: 1 to 5, 6 worse than V, 0 without a value or limits.

    GB 3838-2002, table 1 (confirmed for COD, CODMn, BOD5, NH3-N, TP of rivers, DO, pH, Cu, Zn; one
    source for the rest). A value on the limit keeps the class. pH outside 6 to 9 fails all five.
    Values must be rounded already where that is wished for (`Item.decimals`). ``saturation``: of
    oxygen, %; 90 % is class I whatever the mg/L (confirmed).
    """
    item: Item = items()[name]
    if not isfinite(value) or value < 0:
        return NOT_RATED
    enough = item.saturation_class_1
    if enough is not None and saturation is not None and saturation >= enough:
        return 1
    if item.direction == "range":
        if value > PH_MOST:
            return NOT_RATED
        return 1 if item.low <= value <= item.high else WORSE
    limits = item.limits(body)
    if not limits:
        return NOT_RATED
    at_least = item.direction == "ge"
    return 1 + sum(value < limit if at_least else value > limit for limit in limits)


def rate(
    values: Mapping[str, float | None],
    body: Body = "river",
    *,
    saturation: float | None = None,
) -> Rating:
    """The class of a section: that of its worst item.

    Single-factor method (Huanban [2011] 22, 3.1; one source). Temperature, nitrogen and fecal
    coliform are not rated; the nitrogen of a lake is told aside.
    """
    classes: dict[str, int] = {}
    aside: dict[str, int] = {}
    marks: dict[str, str] = {}
    for name, value in values.items():
        if mark := mark_of(name, value):
            marks[name] = mark
            continue
        assert value is not None
        number = item_class(name, value, body, saturation=saturation)
        if number != NOT_RATED:
            (classes if items()[name].rated else aside)[name] = number
    worst = max(classes.values(), default=NOT_RATED)
    decisive = tuple(name for name, number in classes.items() if number == worst)
    return Rating(worst, classes, decisive, aside, marks)
