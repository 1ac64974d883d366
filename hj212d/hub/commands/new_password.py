"""After 1072 was carried out: the password that the instrument has now is sent, and kept.

A password that people registered is exchanged in the registry; one that was only ever heard is
remembered as heard. Event loop only. Tests: tests/hub/commands/test_new_password.py,
tests/system/test_every_command.py.
"""

from __future__ import annotations

from typing import Any

from twisted.logger import Logger
from twisted.python.failure import Failure

from hj212d.hub.commands.facts import Witness
from hj212d.hub.device_requests import put_changes
from hj212d.hub.registry_service import RegistryService
from store.registry.errors import RegistryUnavailable
from store.registry.records import CommandRecord

SET_PASSWORD = "1072"


class NewPasswords:
    """Hears of commands that ended; :meth:`finished` is a hook of the command service."""

    _log = Logger()

    def __init__(self, registry: RegistryService, witness: Witness) -> None:
        self._registry = registry
        self._witness = witness

    def finished(self, record: CommandRecord) -> None:
        """Take over what an instrument took."""
        password: Any = next(iter(record.secret_args.values()), "")
        if record.cn != SET_PASSWORD or record.state != "done" or not password:
            return
        if self._witness.has_password(record.mn, password):
            kept = self._registry.call(
                put_changes, [{"mn": record.mn, "password": password}], f"command {record.id}"
            )
            kept.addErrback(self._not_kept, record)

    def _not_kept(self, failure: Failure, record: CommandRecord) -> None:
        """It is used all the same, until the hub ends."""
        failure.trap(RegistryUnavailable, ValueError)
        self._log.error(
            "event=password_not_kept mn={mn} command={id} error={error}",
            mn=record.mn,
            id=record.id,
            error=failure.value,
        )
