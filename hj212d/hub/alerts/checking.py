"""Makes the check at :00 and :30: asks store and registry, and has its findings ready.

A check that store or registry cannot answer leaves the counts of those rules as they are. Event
loop only. Tests: tests/hub/alerts/test_alert_service.py.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

from twisted.internet.defer import Deferred, inlineCallbacks
from twisted.logger import Logger

from alerts.rules.book import Rule
from alerts.settings import AlertsSettings
from hj212d.hub.alerts import findings
from hj212d.hub.alerts.checks import Checks, Finding
from hj212d.hub.alerts.findings import Rates, Sites
from hj212d.hub.alerts.watch import Found
from hj212d.hub.completeness.settings import CompletenessSettings
from hj212d.hub.slow_work import Busy, SlowWork, TookTooLong
from store.registry.errors import RegistryUnavailable
from store.timeseries import StoreUnavailable

_NOT_NOW = (StoreUnavailable, RegistryUnavailable, Busy, TookTooLong)


class Keeping(Protocol):
    """The registry service."""

    def call(self, work: Callable[..., Any], *args: Any) -> Deferred[Any]:
        """Do something in the registry's thread."""


class Checking:
    """``completeness``: its settings in force."""

    _log = Logger()

    def __init__(
        self,
        reactor: Any,
        *,
        rates: Rates,
        completeness: Callable[[], CompletenessSettings],
        sites: Sites,
        registry: Keeping,
        slow: SlowWork,
    ) -> None:
        self.faults = 0
        self._reactor = reactor
        self._rates = rates
        self._completeness = completeness
        self._sites = sites
        self._registry = registry
        self._slow = slow
        self._begun_us = 0
        self._asking = False
        self._found: Found | None = None

    def begin(
        self, checks: Checks, rules: Sequence[Rule], settings: AlertsSettings, now_us: int
    ) -> int | None:
        """Begin the check that is due, if one is and none goes on; its moment."""
        self._begun_us = min(self._begun_us, now_us)  # the clock may have been set back
        slot = checks.due(now_us, settings.check_minutes)
        if slot is None or slot <= self._begun_us or self._asking:
            return None
        self._begun_us, self._asking = slot, True
        self._make(slot, rules, settings, now_us)
        return slot

    def take(self) -> Found | None:
        """What a check found that has ended."""
        found, self._found = self._found, None
        return found

    def close(self) -> None:
        """Ask nobody any more."""
        self._slow.close()

    @inlineCallbacks
    def _make(
        self, slot: int, rules: Sequence[Rule], settings: AlertsSettings, now_us: int
    ) -> Any:
        by_store, by_registry = findings.of_store(rules), findings.of_registry(rules)
        asked = {rule.key for rule in (*by_store, *by_registry)}
        judged = [rule for rule in rules if rule.key not in asked]  # by what detectors say
        found: list[Finding] = []
        for some, ask in (
            (by_store, partial(self._incomplete, by_store, now_us)),
            (by_registry, partial(self._old_keys, by_registry, now_us)),
        ):
            if not some:
                continue
            try:
                found += yield ask()
            except _NOT_NOW as why:
                self._log.warn("event=check_not_made why={why}", why=why)
            except Exception:  # noqa: BLE001 - the other rules are judged all the same
                self._fault()
            else:
                judged += some
        times = {rule.key: findings.in_a_row(rule, settings.check_in_a_row) for rule in judged}
        self._found = Found(slot, found, times)
        self._asking = False

    def _incomplete(self, rules: list[Rule], now_us: int) -> Deferred[list[Finding]]:
        settings = self._completeness()
        return self._slow.defer(
            self._reactor,
            lambda: findings.incomplete(rules, self._rates, settings, self._sites, now_us),
        )

    def _old_keys(self, rules: list[Rule], now_us: int) -> Deferred[list[Finding]]:
        return self._registry.call(findings.old_keys, rules, self._sites, now_us)

    def _fault(self) -> None:
        self.faults += 1
        if self.faults == 1:
            self._log.failure("a check failed in our own code")
