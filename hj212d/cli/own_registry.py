"""The registry itself: for commands when no daemon runs, and for what no daemon tells.

Whoever can read its file and its key owns the data folder. Tests: tests/cli/test_keys_command.py.
"""

from __future__ import annotations

import getpass
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hj212d.cli.here import Here
from hj212d.cli.refusal import NO, Refusal
from hj212d.config import places

if TYPE_CHECKING:
    from pathlib import Path

    from hj212d.config.model import Config
    from hj212d.hub.devices import Devices
    from hj212d.hub.site_book import SiteBook
    from store.registry.open import Registry
    from store.timeseries import TimeSeriesStore


@contextmanager
def own_registry(here: Here) -> Iterator[Registry]:
    """The registry of the data folder; Refusal when there is none or it cannot be opened."""
    with _opened(here.config(), here.data) as registry:
        yield registry


def devices_in_force(config: Config, data: Path) -> Devices:
    """What configuration and registry say of devices; Refusal when the registry is there and
    cannot be opened: half of what is known must not decide."""
    from hj212d.hub.devices import Devices
    from hj212d.hub.registered import registered
    from store.registry.place import sqlite_file

    devices = Devices(config.devices, unknown_mn=config.link.unknown_mn)
    file = sqlite_file(places.registry_url(config, data))
    if file is None or file.exists():
        with _opened(config, data) as registry:
            devices.load(registered(registry))
    return devices


def sites_in_force(
    config: Config, data: Path, st_of: Callable[[str], str] = lambda _: ""
) -> SiteBook:
    """What configuration and registry say of sites; Refusal as :func:`devices_in_force`.
    ``st_of``: the ST that an MN was heard with, see :func:`heard_sts`."""
    from store.registry.place import sqlite_file

    file = sqlite_file(places.registry_url(config, data))
    if file is not None and not file.exists():
        return sites_of(config, None, st_of)
    with _opened(config, data) as registry:
        return sites_of(config, registry, st_of)


def sites_of(config: Config, registry: Registry | None, st_of: Callable[[str], str]) -> SiteBook:
    """The same of a registry that is open, None: of the configuration alone."""
    from hj212d.hub.devices import Devices
    from hj212d.hub.registered import registered
    from hj212d.hub.site_book import SiteBook

    devices = Devices(config.devices, unknown_mn=config.link.unknown_mn)
    sites = SiteBook(devices, config.sites, st_of)
    if registry is not None:
        devices.load(registered(registry))
        sites.load(registry.sites.all())
    return sites


def heard_sts(store: TimeSeriesStore) -> Callable[[str], str]:
    """MN -> the ST that it was heard with, of what a store knows now; "" for none."""
    heard = store.devices()
    sts = dict(zip(heard["mn"].to_pylist(), heard["st"].to_pylist(), strict=True))
    return lambda mn: sts.get(mn) or ""


@contextmanager
def _opened(config: Config, data: Path) -> Iterator[Registry]:
    from store.registry.errors import RegistryUnavailable
    from store.registry.open import open_registry

    if not data.is_dir():
        raise Refusal(f"there is no data folder {data}", NO)
    try:
        registry = open_registry(
            places.registry_url(config, data), places.registry_key(config, data)
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
