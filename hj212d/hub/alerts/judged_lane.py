"""The rules of one kind and what each of them watches; rules come, change and go, their states
stay as long as they say the same. Not for several threads.
Tests: tests/hub/alerts/test_evaluator.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from alerts.detect.outcomes import State
from alerts.detect.records import taken
from alerts.detect.watches import Watches
from alerts.rules.book import Rule

_GONE = -1
Columns = Mapping[str, Any]
# Key and kind of a rule, and what must not change for its states to stay.
Saying = tuple[str, str, bytes]


class About(NamedTuple):
    """What may be watched: a factor of a station in one period, or ("" and -1) the station."""

    mn: str
    region: str
    medium: str
    factor: str = ""
    period: int = -1


# What a rule's watch begins with (columns of its state), None: it does not watch this.
Setup = Callable[[Rule, About], Columns | None]


class Kind(NamedTuple):
    """A detector as a lane needs it. ``of_keys``: it watches factors of stations, else stations.
    ``forgets``: columns of the state that a rule's own past does
    not hang on, set back when the rule changes."""

    name: str
    of_keys: bool
    takes: Callable[[Rule], bool]
    params: np.dtype[Any]
    row: Callable[[Any], tuple[Any, ...]]
    empty: Callable[[int], State]
    setup: Setup
    forgets: tuple[str, ...] = ()


class Lane:
    """``rules``: those of its kind, by number; a watch's rule is such a number."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.rules: list[Rule] = []
        self.said: list[Saying] = []  # by number of the rule
        self.watches = Watches(kind.empty)
        self._params: NDArray[Any] = np.zeros(0, kind.params)
        self._chosen: dict[tuple[str, str, str], list[int]] = {}
        self._by_mn: dict[str, list[int]] = {}

    @property
    def of_keys(self) -> bool:
        """Whether factors of stations are watched, else stations."""
        return self.kind.of_keys

    def params(self, rows: NDArray[np.intp]) -> State:
        """What the rule of each watch says."""
        found: State = taken(self._params, self.watches.rule[rows])
        return found

    @property
    def every(self) -> State:
        """What each rule says, by number."""
        return self._params

    def rule_of(self, row: int) -> Rule:
        """The rule of a watch."""
        return self.rules[int(self.watches.rule[row])]

    def set_rules(self, rules: Sequence[Rule]) -> Iterator[int]:
        """Other rules from now on. Yields the rows of alarms that are over by that, while they
        are still there; to be run to its end."""
        yield from self.settle(self.said, rules)

    def settle(self, before: Sequence[Saying], rules: Sequence[Rule]) -> Iterator[int]:
        """The same when the watches were made by the rules ``before``."""
        self.said = list(before)
        wanted = [rule for rule in rules if self.kind.takes(rule)]
        there = {rule.key: number for number, rule in enumerate(wanted)}
        state, rule_of = self.watches.state, self.watches.rule
        stay = np.ones(len(self.watches), np.bool_)
        renamed = np.full(len(before) + 1, _GONE, np.int32)
        for number, (key, kind, old) in enumerate(before):
            renamed[number] = there.get(key, _GONE)
            same = renamed[number] != _GONE and said_by(wanted[renamed[number]]) == (
                key,
                kind,
                old,
            )
            if same:
                continue
            rows = np.flatnonzero(rule_of == number)
            yield from rows[state["active"][rows]].tolist()
            if renamed[number] == _GONE:
                stay[rows] = False
            else:
                fresh = self.kind.empty(1)
                for name in ("active", "since", *self.kind.forgets):
                    state[name][rows] = fresh[name][0]
        rule_of[:] = renamed[rule_of]
        self.watches.keep(stay)
        self.rules, self.said = wanted, [said_by(rule) for rule in wanted]
        self._params = np.array(
            [self.kind.row(rule.params) for rule in wanted], self.kind.params
        ).reshape(-1)
        self._chosen.clear()
        self._by_mn.clear()
        for number, rule in enumerate(wanted):
            for mn in rule.mns:
                self._by_mn.setdefault(mn, []).append(number)

    def ask(self, thing: int, about: About, failed: Callable[[str, Exception], None]) -> list[int]:
        """Which rules watch a thing now; rows of those that do no longer, which the caller takes
        away with `Watches.keep`. ``failed``: told of a rule on which our own code failed; it goes
        on as it did."""
        there = {int(self.watches.rule[row]): row for row in self.watches.of(thing)}
        for number in self._candidates(about):
            try:
                columns = self.kind.setup(self.rules[number], about)
            except Exception as fault:  # noqa: BLE001 - the other rules go on
                failed(self.rules[number].key, fault)
                there.pop(number, None)
                continue
            if columns is None:
                continue
            row = there.pop(number, None)
            if row is None:
                row = self.watches.add(thing, number)
            for name, value in columns.items():
                self.watches.state[name][row] = value
        return list(there.values())

    def _candidates(self, about: About) -> list[int]:
        kind = (about.region, about.medium, about.factor)
        found = self._chosen.get(kind)
        if found is None:
            found = self._chosen[kind] = [
                number
                for number, rule in enumerate(self.rules)
                if not rule.mns and rule.concerns("", about.region, about.factor, about.medium)
            ]
        named = self._by_mn.get(about.mn)
        if not named:
            return found
        return found + [
            number
            for number in named
            if self.rules[number].concerns(about.mn, about.region, about.factor, about.medium)
        ]


def said_by(rule: Rule) -> Saying:
    """All of a rule that decides what is an alarm; who hears of it and its note do not."""
    said = (rule.way, rule.params, rule.regions, sorted(rule.mns), rule.factors, rule.media)
    return rule.key, rule.kind, msgspec.json.encode(said)
