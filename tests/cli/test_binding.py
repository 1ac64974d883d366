"""hj212d/cli/binding.py: ports settled and held before anything starts."""

import socket
from collections.abc import Iterator

import pytest

from hj212d.cli.binding import Bound, CannotListen, summary
from hj212d.config.addresses import parse_listen
from hj212d.link.addresses import Address
from hj212d.link.listening import open_socket


@pytest.fixture
def bound() -> Iterator[Bound]:
    """Addresses that are given back."""
    made = Bound()
    yield made
    made.close()


def test_port_0_is_settled_and_shared_with_our_workers_only(bound: Bound) -> None:
    """The port is known at once; our listeners open it beside us, a plain one cannot."""
    bound.bind([parse_listen("127.0.0.1:0"), parse_listen("[::1]:0")])
    four, six = bound.addresses
    assert four.port > 0
    assert (six.host, str(six)) == ("::1", f"[::1]:{six.port}")
    with (
        open_socket(four, 16),
        open_socket(four, 16),
        open_socket(six, 16),
        pytest.raises(OSError, match="in use"),
    ):
        socket.create_server(("127.0.0.1", four.port)).close()


def test_held_port_takes_no_connections(bound: Bound) -> None:
    """Holding is not listening: nobody is queued where nobody accepts."""
    bound.bind([parse_listen("127.0.0.1:0")])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", bound.addresses[0].port)).close()


@pytest.mark.parametrize("share", [False, True])
def test_foreign_listener_is_noticed(bound: Bound, share: bool) -> None:
    """Another program on the port is named, even one that would share it."""
    with socket.create_server(("127.0.0.1", 0), reuse_port=share) as foreign:
        port = foreign.getsockname()[1]
        with pytest.raises(CannotListen, match=f"127.0.0.1:{port}: in use by another program"):
            bound.bind([parse_listen(f"127.0.0.1:{port}")])


def test_address_of_another_machine_is_refused(bound: Bound) -> None:
    """An address that is not ours is said to be that."""
    with pytest.raises(CannotListen, match="not an address of this machine"):
        bound.bind([parse_listen("192.0.2.1:9212")])


def test_empty_host_is_every_address_of_both_families(bound: Bound) -> None:
    """ ":9212" listens on IPv4 and IPv6, which do not get in each other's way."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    bound.bind([parse_listen(f":{port}")])
    assert [str(address) for address in bound.addresses] == [f"0.0.0.0:{port}", f"[::]:{port}"]


def test_sockets_from_systemd_carry_a_profile_by_their_name(bound: Bound) -> None:
    """A socket named like a profile has it; other names mean none; Unix sockets are refused."""
    ours = [socket.create_server(("127.0.0.1", 0)).detach() for _ in range(2)]
    bound.inherit([(ours[0], "old"), (ours[1], "hj212d.socket")], ["old"])
    assert [address.profile for address in bound.addresses] == ["old", ""]
    assert bound.inherited == tuple(ours)
    pair = socket.socketpair()
    pair[1].close()
    with pytest.raises(CannotListen, match='"x" from systemd'):
        bound.inherit([(pair[0].detach(), "x")], [])


def test_summary_folds_port_ranges() -> None:
    """The line `ready` stays readable with two hundred ports."""
    ports = [Address("0.0.0.0", port) for port in range(9300, 9400)]
    assert summary([*ports, Address("::", 9212), Address("::", 9214)]) == (
        "0.0.0.0:9300-9399,[::]:9212,[::]:9214"
    )
