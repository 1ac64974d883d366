"""The registry itself: for commands when no daemon runs, and for what no daemon tells.

Whoever can read its file and its key owns the data folder. Tests: tests/cli/test_keys_command.py.
"""

from __future__ import annotations

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hj212d.cli.here import Here
from hj212d.cli.refusal import NO, Refusal
from hj212d.config import places

if TYPE_CHECKING:
    from store.registry.open import Registry


@contextmanager
def own_registry(here: Here) -> Iterator[Registry]:
    """The registry of the data folder; Refusal when there is none or it cannot be opened."""
    from store.registry.errors import RegistryUnavailable
    from store.registry.open import open_registry

    config = here.config()
    if not here.data.is_dir():
        raise Refusal(f"there is no data folder {here.data}", NO)
    try:
        registry = open_registry(
            places.registry_url(config, here.data), places.registry_key(config, here.data)
        )
    except RegistryUnavailable as problem:
        raise Refusal(str(problem), NO) from problem
    try:
        yield registry
    except RegistryUnavailable as problem:
        raise Refusal(str(problem), NO) from problem
    finally:
        registry.close()


def somebody() -> str:
    """Who does it, for the audit: the name of the user."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container without a name for its user
        return "somebody"
