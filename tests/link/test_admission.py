"""hj212d/link/admission.py: networks, unknown MNs, passwords, switches of devices."""

from typing import Any

import pytest

from hj212d.link.admission import Admission, Gate, Networks
from hj212d.link.settings import LinkSettings, ProfileSettings
from hj212d.wire.frame import Device, Frame
from hj212d.wire.reasons import Reason
from hj212d.wire.settings import DeviceSettings
from hj212d.wire.tolerances import DEFAULT, Tolerance

IP = "192.0.2.7"


def gate(*devices: DeviceSettings, **link: Any) -> Gate:
    """The gate of addresses without a profile."""
    return Admission(LinkSettings(**link), (), devices).gate("")


def frame(mn: str, pw: str = "") -> Frame:
    """A good frame, as decode leaves it."""
    return Frame(Reason.OK, b"", mn=mn, pw=pw)


def test_networks_hold_addresses_of_both_families() -> None:
    """CIDR counts, single addresses count, an empty list lets all in."""
    networks = Networks(["192.0.2.0/29", "2001:db8::/32", "198.51.100.9"])
    assert "192.0.2.7" in networks
    assert "192.0.2.8" not in networks
    assert "2001:db8::1" in networks
    assert "198.51.100.9" in networks
    assert "203.0.113.1" in Networks([])


@pytest.mark.parametrize("unknown_mn", ["accept", "quarantine", "close"])
def test_a_device_may_ask_for_its_mn_wherever_it_comes(unknown_mn: str) -> None:
    """A notice 1001 with serial numbers (HJ 212-2025); nothing else of an MN that is unknown."""
    asked = gate(unknown_mn=unknown_mn)
    notice = frame("")
    notice.cn, notice.version = "1001", "2025"
    notice.factors = {"i23005": {"Info": "6970000000001ABCDEFG1234"}}
    assert asked.judge(notice, IP) is Reason.OK
    notice.cn = "2011"
    expected = Reason.OK if unknown_mn == "accept" else Reason.MN_UNKNOWN
    assert asked.judge(notice, IP) is expected


def test_connecting_needs_the_global_and_the_profiles_list() -> None:
    """Both lists must hold the address."""
    admission = Admission(
        LinkSettings(allow=["192.0.2.0/24"]),
        [ProfileSettings(name="narrow", allow=["192.0.2.0/30"])],
    )
    assert admission.gate("").may_connect(IP)
    assert not admission.gate("narrow").may_connect(IP)
    assert admission.gate("narrow").may_connect("192.0.2.1")
    assert not admission.gate("").may_connect("203.0.113.1")


@pytest.mark.parametrize(
    ("policy", "verdict"),
    [
        ("accept", Reason.OK),
        ("quarantine", Reason.MN_UNKNOWN),
        ("close", Reason.MN_UNKNOWN),
    ],
)
def test_unknown_mn_follows_the_policy(policy: str, verdict: Reason) -> None:
    """An MN without a [[device]] is good only where strangers are accepted."""
    strangers = gate(DeviceSettings(mn="KNOWN"), unknown_mn=policy)
    assert strangers.judge(frame("STRANGER"), IP) is verdict
    assert strangers.judge(frame("KNOWN"), IP) is Reason.OK


def test_profile_overrides_the_policy() -> None:
    """A port may refuse strangers where the others take them."""
    admission = Admission(
        LinkSettings(), [ProfileSettings(name="closed", unknown_mn="quarantine")]
    )
    assert admission.gate("closed").judge(frame("X"), IP) is Reason.MN_UNKNOWN
    assert admission.gate("").judge(frame("X"), IP) is Reason.OK


def test_mn_is_case_sensitive() -> None:
    """D3: an MN in other letters is another MN."""
    assert (
        gate(DeviceSettings(mn="AbC"), unknown_mn="quarantine").judge(frame("abc"), IP)
        is Reason.MN_UNKNOWN
    )


def test_password_counts_only_where_one_is_set() -> None:
    """D6: 123456 is everybody's; a device with a password of its own must send that one."""
    gates = gate(DeviceSettings(mn="A", password="s3cret"), DeviceSettings(mn="B"))
    assert gates.judge(frame("A", "s3cret"), IP) is Reason.OK
    assert gates.judge(frame("A", "S3cret"), IP) is Reason.PW_WRONG
    assert gates.judge(frame("A", ""), IP) is Reason.PW_WRONG
    assert gates.judge(frame("A", "密码"), IP) is Reason.PW_WRONG
    assert gates.judge(frame("B", "anything"), IP) is Reason.OK


def test_mn_may_be_bound_to_networks() -> None:
    """An MN that comes from elsewhere is not believed."""
    gates = gate(DeviceSettings(mn="A", allow=["198.51.100.0/24"]))
    assert gates.judge(frame("A"), IP) is Reason.ADDRESS_WRONG
    assert gates.judge(frame("A"), "198.51.100.1") is Reason.OK


def test_switches_are_default_then_profile_then_device() -> None:
    """The device's word is the last one, in both directions."""
    admission = Admission(
        LinkSettings(),
        [ProfileSettings(name="old", tolerate=["crc_modbus"], refuse=["text_gb18030"])],
        [
            DeviceSettings(mn="STRICT", refuse=["crc_modbus"]),
            DeviceSettings(mn="LOOSE", tolerate=["crc_absent", "text_gb18030"]),
        ],
    )
    old = admission.gate("old")
    profile = (DEFAULT | Tolerance.CRC_MODBUS) & ~Tolerance.TEXT_GB18030
    assert old.tolerances("STRANGER") == profile
    assert old.tolerances("") == profile
    assert old.tolerances("STRICT") == profile & ~Tolerance.CRC_MODBUS
    assert old.tolerances("LOOSE") == profile | Tolerance.CRC_ABSENT | Tolerance.TEXT_GB18030
    assert admission.gate("").tolerances("STRANGER") == DEFAULT


def test_keys_are_read_in_both_forms() -> None:
    """SM4 keys stand as 32 hexadecimal digits or as 16 characters, newest first."""
    device = gate(DeviceSettings(mn="A", keys=["00" * 15 + "ff", "0123456789abcdef"])).device("A")
    assert device.keys == (b"\0" * 15 + b"\xff", b"0123456789abcdef")
    assert gate().device("STRANGER") == Device()


def test_reload_changes_the_gate_that_links_hold() -> None:
    """New settings count for living links: the gate object stays, its rules change."""
    admission = Admission(LinkSettings(), [ProfileSettings(name="p")])
    held, named = admission.gate(""), admission.gate("p")
    admission.set(
        LinkSettings(unknown_mn="quarantine"),
        [ProfileSettings(name="p", unknown_mn="close")],
        [DeviceSettings(mn="A", password="x")],
    )
    assert held.judge(frame("B"), IP) is Reason.MN_UNKNOWN
    assert held.judge(frame("A"), IP) is Reason.PW_WRONG
    assert named.unknown_mn == "close"
    assert held.knows("A")


def test_unusable_settings_change_nothing() -> None:
    """A tolerance that does not exist is an error, and the old rules stay."""
    held = gate(DeviceSettings(mn="A"), unknown_mn="quarantine")
    with pytest.raises(KeyError):
        held.set(LinkSettings(), ProfileSettings(name="x", tolerate=["no_such"]), [])
    assert held.judge(frame("B"), IP) is Reason.MN_UNKNOWN
