"""What types cannot say: addresses, networks, names of tolerances and profiles, keys, doubles.

Each check raises `ConfigError` with one sentence that names the place and the value.
Tests: tests/config/test_checks.py.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterable, Mapping

from alerts import settings as alerts
from alerts.notify import settings as notify
from alerts.schedules import settings as schedules
from hj212d.config.addresses import parse_address, parse_listen
from hj212d.config.model import Config, ConfigError
from hj212d.config.nearest import did_you_mean
from hj212d.hub.decisions import settings as decisions
from hj212d.hub.forward import settings as forward
from hj212d.hub.means import settings as means
from hj212d.hub.quality import settings as quality
from hj212d.wire.settings import sm4_key
from hj212d.wire.tolerances import HELP
from store.clickhouse_place import place
from store.registry.place import check_url

TOLERANCES = tuple(member.labels[0] for member in HELP)
_DUCKDB = "duckdb:///"
STORES = "duckdb:///FILE, clickhouse://HOST:8123/DATABASE or chdb:///FOLDER"
SHORTEST_TOKEN = 12

_CLICKHOUSE = ("clickhouse:", "chdb:")
_MEMORY = re.compile(r"\d+(\.\d+)?\s*([KMGT]i?B|%)", re.IGNORECASE)


def check(config: Config, places: Mapping[str, str]) -> None:
    """Refuse what cannot work.

    ``places``: dotted key -> the start of a sentence about it; a key that was not given is named
    by itself. ConfigError at the first thing that is wrong.
    """

    def where(dotted: str) -> str:
        return places.get(dotted, dotted)

    _check_profiles(config, where)
    _check_listen(config, where)
    _check_networks(config.link.allow, where("link.allow"))
    if config.hub.http:
        try:
            parse_address(config.hub.http)
        except ValueError as error:
            raise ConfigError(f'{where("hub.http")} = "{config.hub.http}": {error}') from error
    _check_tokens(config, where)
    _check_store(config, where)
    _check_registry(config, where)
    _check_devices(config, where)
    _check_sites(config, where)
    _check_forwards(config, where)
    key, why = schedules.problem(config.schedules)
    if key:
        raise ConfigError(f"{where(f'schedules.{key}')}: {why}")
    key, why = quality.problem(config.quality)
    if key:
        raise ConfigError(f"{where(f'quality.{key}')}: {why}")
    key, why = means.problem(config.means)
    if key:
        raise ConfigError(f"{where(f'means.{key}')}: {why}")
    key, why = notify.problem(config.notify)
    if key:
        raise ConfigError(f"{where(f'notify.{key}')}: {why}")
    key, why = alerts.problem(config.alerts)
    if key:
        raise ConfigError(f"{where(f'alerts.{key}')} = {why}")


def _check_tokens(config: Config, where: Callable[[str], str]) -> None:
    for entry in config.hub.api_tokens:
        name, _, token = entry.partition(":")
        if not name or len(token) < SHORTEST_TOKEN:
            raise ConfigError(
                f'{where("hub.api_tokens")}: each is "name:token", the token of at least '
                f"{SHORTEST_TOKEN} characters"
            )


def _check_profiles(config: Config, where: Callable[[str], str]) -> None:
    seen: set[str] = set()
    for number, profile in enumerate(config.profiles):
        at = f"profile.{number}"
        if profile.name in seen:
            raise ConfigError(f'{where(f"{at}.name")} = "{profile.name}": the name is taken')
        seen.add(profile.name)
        _check_tolerances(profile.tolerate, where(f"{at}.tolerate"))
        _check_tolerances(profile.refuse, where(f"{at}.refuse"))
        _check_networks(profile.allow, where(f"{at}.allow"))


def _check_listen(config: Config, where: Callable[[str], str]) -> None:
    place = where("link.listen")
    names = [profile.name for profile in config.profiles]
    if not config.link.listen:
        raise ConfigError(f"{place} = []: expected at least one address")
    for text in config.link.listen:
        try:
            listen = parse_listen(text)
        except ValueError as error:
            raise ConfigError(f'{place} = "{text}": {error}') from error
        if listen.profile and listen.profile not in names:
            near = did_you_mean(listen.profile, names) if names else ""
            raise ConfigError(f'{place} = "{text}": no [[profile]] has that name{near}')


def _check_store(config: Config, where: Callable[[str], str]) -> None:
    url = config.store.url
    if url.startswith(_CLICKHOUSE):
        # The URL may hold a password: it is not shown.
        try:
            place(url)
        except ValueError as problem:
            raise ConfigError(f"{where('store.url')}: {problem}") from problem
    elif url and (not url.startswith(_DUCKDB) or url == _DUCKDB):
        raise ConfigError(f'{where("store.url")} = "{url}": expected {STORES}')
    if not _MEMORY.fullmatch(config.store.memory_limit):
        raise ConfigError(
            f'{where("store.memory_limit")} = "{config.store.memory_limit}": '
            'expected a size such as "1GB"'
        )


def _check_registry(config: Config, where: Callable[[str], str]) -> None:
    if config.registry.url:
        # The URL may hold a password: it is not shown.
        try:
            check_url(config.registry.url)
        except ValueError as problem:
            raise ConfigError(f"{where('registry.url')} {problem}") from problem


def _check_devices(config: Config, where: Callable[[str], str]) -> None:
    seen: dict[str, int] = {}
    for number, device in enumerate(config.devices):
        at = f"device.{number}"
        if device.mn in seen:
            raise ConfigError(
                f'{where(f"{at}.mn")} = "{device.mn}": the MN stands in number '
                f"{seen[device.mn] + 1} already"
            )
        seen[device.mn] = number
        _check_tolerances(device.tolerate, where(f"{at}.tolerate"))
        _check_tolerances(device.refuse, where(f"{at}.refuse"))
        _check_networks(device.allow, where(f"{at}.allow"))
        for key in device.keys:
            try:
                sm4_key(key)
            except ValueError:
                raise ConfigError(
                    f"{where(f'{at}.keys')} = ***: a key is 16 bytes, as 32 hexadecimal digits "
                    f"or 16 characters; this one has {len(key)} characters"
                ) from None


def _check_sites(config: Config, where: Callable[[str], str]) -> None:
    seen: dict[str, int] = {}
    for number, site in enumerate(config.sites):
        at = f"site.{number}"
        if site.mn in seen:
            raise ConfigError(
                f'{where(f"{at}.mn")} = "{site.mn}": the MN stands in number '
                f"{seen[site.mn] + 1} already"
            )
        seen[site.mn] = number
        key, why = decisions.problem(site)
        if key:
            raise ConfigError(f"{where(f'{at}.{key}')}: {why}")


def _check_forwards(config: Config, where: Callable[[str], str]) -> None:
    seen: set[str] = set()
    for number, target in enumerate(config.forwards):
        at = f"forward.{number}"
        if target.name in seen:
            raise ConfigError(f'{where(f"{at}.name")} = "{target.name}": the name is taken')
        seen.add(target.name)
        key, why = forward.problem(target)
        if key:
            raise ConfigError(f"{where(f'{at}.{key}')}: {why}")


def _check_tolerances(labels: Iterable[str], place: str) -> None:
    for label in labels:
        if label not in TOLERANCES:
            near = did_you_mean(label, TOLERANCES)
            raise ConfigError(f'{place} = "{label}": there is no such tolerance{near}')


def _check_networks(networks: Iterable[str], place: str) -> None:
    for text in networks:
        try:
            ipaddress.ip_network(text)
        except ValueError as error:
            raise ConfigError(f'{place} = "{text}": {_why_no_network(text)}') from error


def _why_no_network(text: str) -> str:
    try:
        wide = ipaddress.ip_network(text, strict=False)
    except ValueError:
        return "expected a network such as 10.0.0.0/8 or 2001:db8::/32"
    return f"bits are set to the right of the mask; did you mean {wide}?"
