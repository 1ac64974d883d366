"""The table of keys: complete, described, and consistent with the settings structs."""

from __future__ import annotations

import msgspec
import pytest

from hj212d.config.keys import Key, environment_names, keys, sections
from hj212d.config.model import Config


def test_every_section_of_the_configuration_is_in_the_table() -> None:
    """The names on the file are those of Config."""
    fields = msgspec.structs.fields(Config)
    assert [field.encode_name for field in fields] == list(sections())
    many = {name for name, section in sections().items() if section.many}
    assert many == {"profile", "device", "site", "forward"}


@pytest.mark.parametrize("key", keys().values(), ids=list(keys()))
def test_every_key_says_what_it_is(key: Key) -> None:
    """Help is a sentence, apply is known, and the default is one that may be given."""
    assert key.help.endswith(".")
    assert key.apply in ("reload", "restart")
    if not key.required:
        assert msgspec.convert(key.default, key.annotation) == key.default


def test_keys_that_the_contract_names_are_there() -> None:
    """These names stand in other people's files."""
    contract = """link.listen link.workers link.max_links link.idle_timeout_s
        link.partial_timeout_s link.max_segment_bytes journal.dir journal.sync journal.max_bytes
        journal.retain_days store.url hub.http hub.control device.mn device.password device.keys
        device.tolerate"""
    assert set(contract.split()) <= set(keys())
    assert keys()["link.idle_timeout_s"].default == 300
    assert keys()["link.max_segment_bytes"].default == 4096


def test_units_and_names_of_variables() -> None:
    """Units come from the names; sections that repeat have no variables."""
    table = keys()
    assert table["link.idle_timeout_s"].unit == "s"
    assert table["link.address_links_per_s"].unit == "1/s"
    assert table["link.address_bytes_per_s"].unit == "bytes/s"
    assert table["journal.max_bytes"].unit == "bytes"
    assert table["link.idle_timeout_s"].environment == "HJ212D_LINK_IDLE_TIMEOUT_S"
    assert table["device.mn"].environment == ""
    assert all(not key.many for key in environment_names().values())


def test_secrets_are_marked() -> None:
    """Passwords and keys are never shown."""
    assert {key.dotted for key in keys().values() if key.secret} == {
        "device.password",
        "device.keys",
        "hub.api_tokens",
        "forward.set_pw",
        "forward.set_key",
        "forward.url",
        "forward.token",
        "notify.smtp_password",
        "notify.proxy",
        "notify.sms_url",
        "notify.sms_headers",
        "notify.sms_body",
    }
