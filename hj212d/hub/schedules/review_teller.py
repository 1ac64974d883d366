"""Reminds the contacts of emergency plans that have to be looked at again.

Tests: tests/hub/schedules/test_review_teller.py.
"""

from __future__ import annotations

from typing import Any

from twisted.internet.defer import Deferred, inlineCallbacks, succeed
from twisted.logger import Logger

from alerts.plans.review import Overdue, overdue, review_facts
from alerts.schedules.due import DAY, Run, beijing_day, reviews_due
from alerts.schedules.messages import records
from alerts.schedules.recipients import People, plan_readers
from alerts.schedules.settings import SchedulesSettings
from alerts.schedules.wording import Words
from hj212d.hub.schedules import keeping
from hj212d.hub.schedules.telling import Steps, Telling
from store.registry.alert_records import MessageRecord

MOST_SHOWN = 20


class ReviewTeller:
    """``status``: plans that are overdue, and those of them that nobody is told of."""

    _log = Logger()

    def __init__(self, telling: Telling, words: Words, settings: SchedulesSettings) -> None:
        self.settings = settings
        self.status: dict[str, Any] = {"day": "", "overdue": [], "nobody": [], "messages": 0}
        self._telling = telling
        self._words = words
        self._done: set[str] = set()

    def look(self) -> Deferred[Any]:
        """Remind, once a day at the most."""
        run = reviews_due(self._telling.now(), self.settings)
        if run is None or run.about in self._done:
            return succeed(None)
        return self._look(run)

    @inlineCallbacks
    def _look(self, run: Run) -> Steps:
        plans, people = yield self._telling.registry.call(keeping.plans_in_force)
        late = overdue(plans, beijing_day(run.start), self.settings.plan_review_repeat_days)
        messages, nobody = yield self._telling.slowly(lambda: self._messages(run, late, people))
        told = yield self._telling.registry.call(
            keeping.tell, run, messages, 0, self._telling.now(), ""
        )
        self._done.add(run.about)
        codes = [one.plan.code for one in late]
        self.status = {
            "day": run.period,
            "overdue": codes[:MOST_SHOWN],
            "nobody": nobody[:MOST_SHOWN],
            "messages": told or 0,
        }
        if nobody:
            self._log.warn(
                "event=plan_without_contacts codes={codes}", codes=",".join(nobody[:MOST_SHOWN])
            )

    def _messages(
        self, run: Run, late: list[Overdue], people: People
    ) -> tuple[list[MessageRecord], list[str]]:
        messages, nobody = [], []
        for one in late:
            readers = plan_readers(people, one.plan.contact_ids)
            if not readers:
                nobody.append(one.plan.code)
            for reader in readers:
                facts = review_facts(one, beijing_day(run.start))
                message = self._words.message("review", reader.contact.language, facts)
                expires = run.end + (self.settings.plan_review_repeat_days - 1) * DAY
                messages += records(
                    reader, message, about=one.about, step=one.step, expires_at=expires
                )
        return messages, nobody
