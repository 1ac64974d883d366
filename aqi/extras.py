"""Libraries of the extra `analysis`, brought in when they are needed: a daemon does without them.

One place says the sentence when they are missing. Tests: tests/aqi/test_map_fields.py.
"""

from __future__ import annotations

import importlib
from typing import Any


class ExtraMissing(Exception):
    """A library of the extra `analysis` is not installed; the text is one sentence."""


def needed(module: str) -> Any:
    """The module, imported now; ExtraMissing names the extra when it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise ExtraMissing(
            f'{module.partition(".")[0]} is not installed: pip install "hj212d[analysis]"'
        ) from error
