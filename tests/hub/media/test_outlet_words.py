"""Words of an outlet, as people write them."""

from __future__ import annotations

import pytest

from hj212d.hub.media.outlet_words import number, switched
from hj212d.hub.site import Site


def outlet(**words: object) -> Site:
    """A site that says this of its outlet."""
    return Site(mn="F1", medium="flue", outlet=words)


def test_switches() -> None:
    """From a file they are texts."""
    assert all(switched(outlet(wet=each), "wet") for each in (True, "true", "yes", 1, "1"))
    assert not any(
        switched(outlet(wet=each), "wet") for each in (False, "false", "No", 0, "0", "")
    )
    assert not switched(outlet(), "wet")


def test_numbers() -> None:
    """Texts, too; nothing said is what else holds; nonsense is said with the site."""
    assert number(outlet(stop_o2="20.5"), "stop_o2") == 20.5
    assert number(outlet(), "stop_flow", 0.0) == 0.0
    assert number(outlet(stop_o2=""), "stop_o2") is None
    for wrong in ("much", "nan", [1]):
        with pytest.raises(ValueError, match="site F1: outlet stop_o2"):
            number(outlet(stop_o2=wrong), "stop_o2")
