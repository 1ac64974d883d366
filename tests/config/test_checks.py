"""What types cannot say: each nonsense is refused in a sentence that names it."""

from __future__ import annotations

import pytest

from hj212d.config.checks import check
from hj212d.config.model import Config, ConfigError
from hj212d.hub.settings import HubSettings
from hj212d.link.settings import LinkSettings, ProfileSettings
from hj212d.wire.settings import DeviceSettings
from store.settings import StoreSettings

OLD = ProfileSettings(name="old", tolerate=["crc_modbus"])


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (Config(link=LinkSettings(listen=[])), "link.listen = []: expected at least one address"),
        (
            Config(link=LinkSettings(listen=["9212"])),
            'link.listen = "9212": expected host:port or [v6]:port',
        ),
        (
            Config(link=LinkSettings(listen=["0.0.0.0:9212 odl"]), profiles=[OLD]),
            'link.listen = "0.0.0.0:9212 odl": no [[profile]] has that name; did you mean old?',
        ),
        (
            Config(link=LinkSettings(listen=["0.0.0.0:9212 old"])),
            'link.listen = "0.0.0.0:9212 old": no [[profile]] has that name',
        ),
        (
            Config(link=LinkSettings(allow=["10.0.0.1/8"])),
            'link.allow = "10.0.0.1/8": bits are set to the right of the mask; '
            "did you mean 10.0.0.0/8?",
        ),
        (
            Config(link=LinkSettings(allow=["10.0.0.0/33"])),
            'link.allow = "10.0.0.0/33": expected a network such as 10.0.0.0/8 or 2001:db8::/32',
        ),
        (
            Config(hub=HubSettings(api_tokens=["scada:short"])),
            'hub.api_tokens: each is "name:token", the token of at least 12 characters',
        ),
        (
            Config(hub=HubSettings(http="localhost")),
            'hub.http = "localhost": expected host:port or [v6]:port',
        ),
        (
            Config(store=StoreSettings(url="sqlite:///x")),
            'store.url = "sqlite:///x": expected duckdb:///FILE, '
            "clickhouse://HOST:8123/DATABASE or chdb:///FOLDER",
        ),
        (
            Config(store=StoreSettings(url="duckdb:///")),
            'store.url = "duckdb:///": expected duckdb:///FILE, '
            "clickhouse://HOST:8123/DATABASE or chdb:///FOLDER",
        ),
        (
            Config(store=StoreSettings(url="clickhouse://me:geheim@host/db?tls=1")),
            "store.url: unknown option 'tls'; there are 'cluster' and 'secure'",
        ),
        (
            Config(store=StoreSettings(memory_limit="much")),
            'store.memory_limit = "much": expected a size such as "1GB"',
        ),
        (Config(profiles=[OLD, OLD]), 'profile.1.name = "old": the name is taken'),
        (
            Config(profiles=[ProfileSettings(name="x", tolerate=["modbus"])]),
            'profile.0.tolerate = "modbus": there is no such tolerance; did you mean crc_modbus?',
        ),
        (
            Config(profiles=[ProfileSettings(name="x", refuse=["length_shor"])]),
            'profile.0.refuse = "length_shor": there is no such tolerance; '
            "did you mean length_short?",
        ),
        (
            Config(profiles=[ProfileSettings(name="x", allow=["x"])]),
            'profile.0.allow = "x": expected a network such as 10.0.0.0/8 or 2001:db8::/32',
        ),
        (
            Config(devices=[DeviceSettings(mn="A"), DeviceSettings(mn="A")]),
            'device.1.mn = "A": the MN stands in number 1 already',
        ),
        (
            Config(devices=[DeviceSettings(mn="A", tolerate=["CRC_MODBUS"])]),
            'device.0.tolerate = "CRC_MODBUS": there is no such tolerance; '
            "did you mean crc_modbus?",
        ),
        (
            Config(devices=[DeviceSettings(mn="A", allow=["1.2.3.4.5"])]),
            'device.0.allow = "1.2.3.4.5": expected a network such as 10.0.0.0/8 or 2001:db8::/32',
        ),
        (
            Config(devices=[DeviceSettings(mn="A", keys=["0" * 32, "geheim"])]),
            "device.0.keys = ***: a key is 16 bytes, as 32 hexadecimal digits or 16 characters; "
            "this one has 6 characters",
        ),
    ],
)
def test_nonsense_is_refused(config: Config, sentence: str) -> None:
    """One sentence that names the key, the value and what was expected."""
    with pytest.raises(ConfigError) as caught:
        check(config, {})
    assert str(caught.value) == sentence


def test_the_place_of_a_value_opens_the_sentence() -> None:
    """A value that was given is named by its place."""
    with pytest.raises(ConfigError, match=r"^environment: HJ212D_HUB_HTTP = "):
        check(Config(hub=HubSettings(http="x")), {"hub.http": "environment: HJ212D_HUB_HTTP"})


def test_sense_is_accepted() -> None:
    """Profiles in use, both forms of a key, networks of both families, no pages at all."""
    check(
        Config(
            link=LinkSettings(listen=["[::]:0", ":9300-9310 old"], allow=["10.0.0.0/8", "::/0"]),
            hub=HubSettings(http=""),
            store=StoreSettings(url="duckdb:///x.duckdb", memory_limit="512 MiB"),
            profiles=[OLD],
            devices=[
                DeviceSettings(mn="A", keys=["0" * 16, "0aF" + "0" * 29], allow=["10.1.2.3"]),
                DeviceSettings(mn="a", refuse=["crc_lower_case"]),
            ],
        ),
        {},
    )
