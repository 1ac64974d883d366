"""A rule tried on stored data: asked of the daemon or read from the store, judged here.

Tests: tests/cli/test_rule_command.py.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from alerts.rules.book import Rule, checked
from alerts.rules.params import OverLimit
from hj212d.cli.answers import Answers
from hj212d.cli.here import Here
from hj212d.cli.own_registry import own_registry, sites_of
from hj212d.cli.refusal import NO, WRONG_USE, Refusal
from hj212d.cli.times import BEIJING, naive_utc
from hj212d.hub.alert_desk.rehearsal import LONGEST, alarms, rehearse, warm_up, why_not
from hj212d.hub.alert_desk.rule_deeds import rule_of, rule_with
from hj212d.hub.alerts.ground import HubGround
from store.timeseries import FrameQuery, SampleQuery

if TYPE_CHECKING:
    from hj212d.hub.site_book import SiteBook

MOST_ROWS = 5_000_000


def tried(
    here: Here,
    key: str,
    params: dict[str, Any],
    start: datetime,
    end: datetime,
    mns: Sequence[str],
) -> dict[str, Any]:
    """ "alarms" that a rule would have raised, "values" that were judged, "frames". Refusal."""
    if end <= start:
        raise Refusal("the time ends before it begins", WRONG_USE)
    if end - start > LONGEST:
        raise Refusal(f"a rule is tried on {LONGEST.days} days at the most", WRONG_USE)
    answers = Answers(here)
    sts = {row["mn"]: row["st"] for row in answers.devices()}
    config = here.config()
    with own_registry(here) as registry:
        try:
            fields = {"params": params} if params else {}
            rule = checked(rule_with(rule_of(registry, key), key, fields))
        except ValueError as problem:
            raise Refusal(str(problem), NO) from problem
        if why := why_not(rule):
            raise Refusal(f"rule {key} cannot be tried on stored data: it {why}", NO)
        sites = sites_of(config, registry, lambda mn: sts.get(mn) or "")
        ground = HubGround(sites, lambda: list(mns), lambda: end.astimezone(BEIJING).date())
        ground.own_limits(registry.limits.list())
    first, last = naive_utc(start - warm_up(rule)), naive_utc(end)
    assert first is not None
    assert last is not None
    frames = [_frames(answers, mn, first, last) for mn in mns]
    samples = [_samples(answers, mn, first, last) for mn in mns]
    means, indexes = _made(answers, rule, mns, first, last, sites)
    signals = rehearse(
        rule,
        ground,
        config.alerts,
        pa.concat_tables(frames),
        pa.concat_tables(samples),
        means,
        indexes,
        start.astimezone(UTC).replace(tzinfo=None),
        last,
    )
    return {
        "alarms": list(alarms(signals)),
        "frames": sum(table.num_rows for table in frames),
        "values": sum(table.num_rows for table in (*samples, *means, *indexes)),
    }


def _frames(answers: Answers, mn: str, start: datetime, end: datetime) -> pa.Table:
    return answers.frames(FrameQuery(mn, start, end, limit=MOST_ROWS))


def _samples(answers: Answers, mn: str, start: datetime, end: datetime) -> pa.Table:
    return answers.samples(SampleQuery(mn, None, start, end, limit=MOST_ROWS))


def _made(
    answers: Answers,
    rule: Rule,
    mns: Sequence[str],
    start: datetime,
    end: datetime,
    sites: SiteBook,
) -> tuple[list[pa.Table], list[pa.Table]]:
    """Means and indexes of the span, for rules that judge them."""
    params = rule.params
    if not isinstance(params, OverLimit) or params.period not in ("hour", "day"):
        return [], []
    start = start - timedelta(days=1)
    if params.by != "aqi":
        from hj212d.hub.means.question import MeansQuestion

        question = MeansQuestion(params.period, start, end, mns=tuple(mns))
        return [answers.means(question)], []
    from hj212d.hub.quality.questions import AqiQuestion

    of_air = tuple(mn for mn in mns if sites.site(mn).medium == "air")
    if not of_air:
        return [], []
    return [], [answers.aqi(AqiQuestion(of_air, params.period, start, end))]
