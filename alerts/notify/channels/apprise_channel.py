"""Further services by apprise (extra `notify`): it says only whether it went well.

Why it failed it tells its log alone, with addresses in it, so that log is not kept. For robots of
WeChat Work, DingTalk and Feishu there are channels of our own: apprise 2.2 takes a status of 200
for success and does not read the code in the answer.
Tests: tests/alerts/notify/test_small_channels.py.
"""

from __future__ import annotations

import importlib
import logging
import threading
from typing import Any

from alerts.notify.parcel import NotNow, Parcel, Receipt, Refused

MISSING = "apprise is not installed: pip install 'hj212d[notify]'"


class AppriseChannel:
    """Imported with the first message."""

    def __init__(self) -> None:
        self._apprise: Any = None
        self._lock = threading.Lock()

    def send(self, parcel: Parcel) -> Receipt:
        """Refused when it knows no such address; NotNow."""
        services = self._library().Apprise()
        if not services.add(parcel.address):
            raise Refused("apprise knows no service of such an address")
        if not services.notify(title=parcel.subject, body=parcel.text):
            raise NotNow("apprise says that it failed; it does not say why")
        return Receipt("apprise says that it went well")

    def _library(self) -> Any:
        with self._lock:
            if self._apprise is None:
                try:
                    self._apprise = importlib.import_module("apprise")
                except ImportError as missing:
                    raise NotNow(MISSING) from missing
                log = logging.getLogger("apprise")
                log.addHandler(logging.NullHandler())
                log.propagate = False
            return self._apprise
