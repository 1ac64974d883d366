"""The hub answers without the libraries that only pictures and maps need."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("scipy", "matplotlib", "pykrige", "shapely", "contourpy", "PIL")
ASKED = (
    "import sys, hj212d.hub.analysis.assembly, hj212d.hub.maps.wish, aqi.maps.atlas, "
    "aqi.maps.picture, aqi.maps.frames, aqi.analysis.pictures, aqi.analysis.rose_picture; "
    f"print(*[name for name in {HEAVY} if name in sys.modules])"
)


def test_nothing_heavy_is_imported_beforehand() -> None:
    """scipy, matplotlib and the like come when something is interpolated or drawn."""
    done = subprocess.run(
        [sys.executable, "-c", ASKED], capture_output=True, text=True, timeout=90, check=True
    )
    assert done.stdout.strip() == ""
