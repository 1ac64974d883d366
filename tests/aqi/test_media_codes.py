"""What codes mean at sites of a medium."""

from __future__ import annotations

from aqi.factors import default_unit
from aqi.media_codes import codes_of, factor_of
from aqi.units import unit_named


def test_codes_of_2017_and_of_2005() -> None:
    """The same item by both."""
    for medium, code, old, item in (
        ("wastewater", "w01018", "011", "COD"),
        ("water", "w21003", "060", "NH3-N"),
        ("flue", "a21026", "02", "SO2"),
        ("flue", "a19001", "S01", "O2"),
    ):
        for each in (code, old):
            found = factor_of(medium, each)
            assert found is not None
            assert found.item == item
        assert set(codes_of(medium, item)) >= {code, old}


def test_unknown_codes_mean_nothing() -> None:
    """Nor do codes of another medium."""
    assert factor_of("flue", "w01018") is None
    assert factor_of("air", "a34004") is None
    assert codes_of("flue", "COD") == ()


def test_units_agree_with_those_of_the_air_room() -> None:
    """Where both tables know a unit by name, it is the same one."""
    for medium, code in (("flue", "a21026"), ("flue", "a01013"), ("wastewater", "w01018")):
        found = factor_of(medium, code)
        assert found is not None
        assert default_unit(code, medium) == unit_named(found.unit)
