"""Puts this folder on the import path, and gives lives of a hub that end with the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from keys_rig import KeyRig


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Callable[..., KeyRig]]:
    """Makes a life of a hub; one that is before it is over then, as after kill -9."""
    lives: list[KeyRig] = []

    def make(**arguments: Any) -> KeyRig:
        for before in lives:
            before.close()
        lives.append(KeyRig(tmp_path, **arguments))
        return lives[-1]

    yield make
    lives[-1].close()
