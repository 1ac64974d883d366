"""After an instrument took a new password (1072), what is registered of it follows.

Otherwise its next frames would be refused for the password that we gave it ourselves.
Tests: tests/hub/commands/test_password_change.py.
"""

from __future__ import annotations

from typing import Any

import msgspec
from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from hj212d.hub.commands.book import Keeper
from hj212d.hub.commands.dispatch import Knowing
from hj212d.hub.commands.drawing_up import read
from store.registry.open import Registry
from store.registry.records import CommandRecord, DeviceRecord

SET_PASSWORD = "1072"
_FIELDS = ("NewPW", "PW")  # of 2017 and 2025, of 2005


class PasswordChange:
    """Hears of commands that ended."""

    _log = Logger()

    def __init__(self, keeper: Keeper, knowing: Knowing) -> None:
        self._keeper = keeper
        self._knowing = knowing

    def finished(self, record: CommandRecord) -> None:
        """Take over the new password; in the registry only where one was registered."""
        if record.cn != SET_PASSWORD or record.state != "done":
            return
        password = _password(record)
        if not password:
            return
        self._knowing.saw_password(record.mn, password)
        if self._knowing.facts(record.mn).password:
            kept: Deferred[Any] = self._keeper.call(_keep, record, password)
            kept.addErrback(self._failed, record.mn)

    def _failed(self, failure: Failure, mn: str) -> None:
        self._log.error(
            "event=password_not_kept mn={mn} error={error}: register it by hand",
            mn=mn,
            error=failure.getErrorMessage(),
        )


def _keep(registry: Registry, record: CommandRecord, password: str) -> None:
    device = registry.devices.get(record.mn) or DeviceRecord(record.mn)
    who = f"command {record.id} of {record.who or record.origin}"
    registry.devices.put(msgspec.structs.replace(device, password=password), who)


def _password(record: CommandRecord) -> str:
    """The new one; of a frame that somebody else made it is in its bytes."""
    args = record.secret_args or read(record.raw).cp
    return next((str(args[name]) for name in _FIELDS if args.get(name)), "")
