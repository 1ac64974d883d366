"""Registered devices for the commands: asked of the running daemon, so that its processes hear of
a change at once, or of the registry itself when none runs.

Tests: tests/cli/test_device_command.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from hj212d.cli.answers import Answers, NoDaemonRuns, refused
from hj212d.cli.device_file import DeviceFile
from hj212d.cli.here import Here
from hj212d.cli.own_registry import own_registry, somebody
from hj212d.cli.refusal import NO, Refusal

if TYPE_CHECKING:
    from store.registry.open import Registry

T = TypeVar("T")

_AT_ONCE = 1000


class RegisteredDevices:
    """The devices of one data folder."""

    def __init__(self, here: Here) -> None:
        self._here = here
        self._answers = Answers(here)

    def rows(self) -> list[dict[str, Any]]:
        """All devices of registry and configuration, as they are in force, in order of MN."""
        return self._ask(self._rows_of_daemon, lambda registry: self._own_rows(registry, None))

    def knows(self, mn: str) -> bool:
        """Whether registry or configuration says anything of it."""
        return bool(self._found(mn)["devices"])

    def row(self, mn: str) -> dict[str, Any]:
        """One of them, with its last changes; Refusal when nobody knows it."""
        found = self._found(mn)
        if not found["devices"]:
            raise Refusal(f"neither registry nor configuration knows a device {mn}", NO)
        return {**found["devices"][0], "changes": found["changes"]}

    def _found(self, mn: str) -> dict[str, Any]:
        def own(registry: Registry) -> dict[str, Any]:
            from hj212d.hub.device_requests import about

            return about(registry, self._own_rows(registry, mn), mn)

        return self._ask(lambda: self._answers.client.call("device_get", mn=mn), own)

    def put(self, changes: Sequence[dict[str, Any]]) -> int:
        """Change devices, all or none; how many are different now."""

        def own(registry: Registry) -> int:
            from hj212d.hub.device_requests import put_changes

            return put_changes(registry, changes, somebody())

        client = self._answers.client
        return self._ask(
            lambda: int(client.call("device_put", devices=list(changes))["changed"]), own
        )

    def remove(self, mns: Sequence[str]) -> None:
        """Forget devices, all or none."""

        def own(registry: Registry) -> None:
            from hj212d.hub.device_requests import remove_all

            remove_all(registry, mns, somebody())

        self._ask(lambda: self._answers.client.call("device_remove", mns=list(mns)), own)

    def take(self, file: DeviceFile) -> int:
        """All that a file says, or none of it; how many devices are different now. Written into
        the registry itself, however long the list is; a daemon that runs is told."""
        from hj212d.hub.device_requests import put_changes
        from hj212d.hub.keys.keyring import open_rings
        from store.registry.shelf import utc_now

        with own_registry(self._here) as registry, _wrong_values(), registry.together():
            changed = put_changes(registry, file.changes, somebody())
            if file.keys:
                open_rings(registry, file.keys, utc_now())
        try:
            with refused():
                self._answers.client.call("registry_look")
        except NoDaemonRuns:
            pass
        return changed

    def rekey(self) -> int:
        """Exchange the key of the registry's secrets; how many secrets there are."""
        client = self._answers.client
        return self._ask(
            lambda: int(client.call("registry_rekey")["secrets"]), lambda own: own.rekey()
        )

    def _ask(self, daemon: Callable[[], T], own: Callable[[Registry], T]) -> T:
        try:
            with refused():
                return daemon()
        except NoDaemonRuns:
            with own_registry(self._here) as registry, _wrong_values():
                return own(registry)

    def _rows_of_daemon(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        after: str | None = ""
        while after is not None:
            answer = self._answers.client.call("device_get", after=after, limit=_AT_ONCE)
            rows += answer["devices"]
            after = answer.get("next")
        return rows

    def _own_rows(self, registry: Registry, mn: str | None) -> list[dict[str, Any]]:
        from hj212d.hub.device_requests import row
        from hj212d.hub.devices import Devices
        from hj212d.hub.registered import registered

        devices = Devices(self._answers.config.devices)
        devices.load(registered(registry, None if mn is None else {mn}))
        mns = devices.mns_after("", len(devices)) if mn is None else [mn]
        return [row(devices, one) for one in mns if devices.knows(one)]


@contextmanager
def _wrong_values() -> Iterator[None]:
    try:
        yield
    except ValueError as problem:
        raise Refusal(str(problem), NO) from problem
