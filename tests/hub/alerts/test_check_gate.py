"""What detectors say of rules of the check waits for the check."""

from __future__ import annotations

from alerts.signals import Signal, What
from hj212d.hub.alerts.check_gate import CheckGate
from hj212d.hub.alerts.checks import Checks
from hj212d.hub.alerts.moments import aware

T = 1_780_286_400_000_000


def signal(rule: str, what: What = "raised", value: float = 5.0) -> Signal:
    """Of one station."""
    return Signal(
        rule=rule,
        kind="swing",
        subject="mn:A",
        factor="a34004",
        what=what,
        began=aware(T),
        at=aware(T + 5),
        seen_at=aware(T + 5),
        value=value,
    )


def test_only_rules_of_the_check_wait() -> None:
    """Others go on at once."""
    gate = CheckGate()
    assert gate.passing([signal("live"), signal("slow")], {"slow"}) == [signal("live")]
    (finding,) = gate.findings()
    assert (finding.rule, finding.value) == ("slow", 5.0)


def test_what_is_over_is_not_found() -> None:
    """The newest word counts; a restart changes nothing."""
    gate, again = CheckGate(), CheckGate()
    gate.passing([signal("slow"), signal("slow", "changed", 7.0)], {"slow"})
    again.restore(gate.snapshot())
    assert [one.value for one in again.findings()] == [7.0]
    again.passing([signal("slow", "cleared")], {"slow"})
    assert again.findings() == []
    gate.keep_only([])
    assert gate.findings() == []


def test_an_alarm_begins_where_the_data_say() -> None:
    """Not when the check first found it."""
    gate, checks = CheckGate(), Checks()
    gate.passing([signal("slow")], {"slow"})
    assert checks.found(T + 60, gate.findings(), {"slow": 2}, T + 60) == []
    (raised,) = checks.found(T + 90, gate.findings(), {"slow": 2}, T + 90)
    assert (raised.what, raised.began, raised.at) == ("raised", aware(T), aware(T + 90))
