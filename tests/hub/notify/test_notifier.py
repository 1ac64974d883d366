"""The notifier on a real registry and real servers, on a clock that the test turns."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from notifier_rig import NotifierRig
from notify_rig import HttpRig, Said, SmtpRig

from alerts.notify.parcel import Parcel, Receipt
from store.registry.errors import RegistryUnavailable

Make = Callable[..., NotifierRig]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes a rig with some settings."""
    made: list[NotifierRig] = []

    def build(**changes: Any) -> NotifierRig:
        made.append(NotifierRig(tmp_path, **changes))
        made[-1].start()
        return made[-1]

    yield build
    for one in made:
        one.stop()


@pytest.fixture
def web() -> Iterator[HttpRig]:
    """A server of webhooks."""
    with HttpRig() as made:
        yield made


def test_a_message_goes_out(make: Make) -> None:
    """And its receipt stands in the outbox."""
    with SmtpRig() as smtp:
        rig = make(smtp_port=smtp.port)
        message = rig.add(rig.contact(), "email")
        found = rig.until_state(message, "handed")
    assert found.receipt == "250 2.0.0 queued as Q1"
    assert found.attempts == 1
    assert smtp.letters[0]["Message-ID"] == f"<{message.token}@example.org>"
    assert rig.notifier.status()["handed_total"] == 1
    assert rig.notifier.status()["channels"]["email"]["error"] == ""


def test_it_is_tried_again(make: Make, web: HttpRig) -> None:
    """30 s later, with the same token; the reason is seen meanwhile."""
    web.answer = lambda _: Said(503)
    rig = make()
    message = rig.add(rig.contact(ways={"webhook": web.url}), "webhook")
    rig.until(lambda: rig.notifier.counts["webhook", "waiting"] == 1 or rig.pass_time(1.0))
    found = rig.until_state(message, "waiting")
    assert found.error == "the server answers 503"
    assert rig.notifier.status()["channels"]["webhook"]["error"] == found.error
    web.answer = lambda _: Said(200)
    begun = rig.passed_s
    found = rig.until_state(message, "handed")
    assert 20 <= rig.passed_s - begun <= 40
    assert found.attempts == 2
    assert {asked.headers["Idempotency-Key"] for asked in web.asked} == {message.token}


def test_what_the_server_asks_for(make: Make, web: HttpRig) -> None:
    """All messages to it wait so long, not only that one."""
    web.answer = lambda _: Said(429, b"", {"Retry-After": "300"})
    rig = make()
    anna = rig.contact(ways={"webhook": web.url})
    rig.until_state(rig.add(anna, "webhook", about="x:1"), "waiting")
    rig.until(lambda: rig.notifier.counts["webhook", "waiting"] == 1)
    web.answer = lambda _: Said(200)
    second = rig.add(anna, "webhook", about="x:2")
    for _ in range(290):
        rig.pass_time(1.0)
    rig.do(lambda r: r.outbox.counts())
    assert len(web.asked) == 1
    rig.until_state(second, "handed")


def test_it_is_given_up(make: Make, web: HttpRig) -> None:
    """When it is refused, or not taken in its time."""
    web.answer = lambda _: Said(410)
    rig = make(expires_h={"warning": 0.01})
    anna = rig.contact(ways={"webhook": web.url})
    found = rig.until_state(rig.add(anna, "webhook", about="x:1"), "failed")
    assert found.error == "the server answers 410"
    web.answer = lambda _: Said(500)
    found = rig.until_state(rig.add(anna, "webhook", about="x:2"), "failed")
    assert found.error == "not taken in its time: the server answers 500"


class Stuck:
    """A channel that never ends, as long as the test does."""

    def __init__(self, end: Any) -> None:
        self._end = end

    def send(self, parcel: Parcel) -> Receipt:
        """Later than anybody waits."""
        del parcel
        self._end.wait(60)
        return Receipt("late")


def test_a_dead_channel_holds_up_no_other(make: Make, web: HttpRig) -> None:
    """Many messages wait for it; those of another go out."""
    end = threading.Event()
    rig = make(threads=2)
    rig.more["sms"] = Stuck(end)
    rig.notifier.configure(rig.settings, rig.channels())
    people = [
        rig.contact(name=str(n), ways={"sms": f"1380000{n:04}", "webhook": f"{web.url}?{n}"})
        for n in range(4)
    ]
    stuck = [rig.add(one, "sms", severity="critical") for one in people]
    hooks = [rig.add(one, "webhook", severity="notice") for one in people]
    for message in hooks:
        rig.until_state(message, "handed")
    assert sorted(rig.state(message).state for message in stuck) == [
        "sending",
        "sending",
        "waiting",
        "waiting",
    ]
    assert rig.notifier.status()["channels"]["sms"]["sending"] == 2
    end.set()
    for message in stuck:
        rig.until_state(message, "handed")


def test_order_to_one_address(make: Make, web: HttpRig) -> None:
    """Messages of an incident arrive as they were told, however the server behaves."""
    failures = iter([503, 200, 503, 200, 200, 503, 200, 200, 200])
    web.answer = lambda _: Said(next(failures, 200))
    rig = make()
    anna = rig.contact(ways={"webhook": web.url})
    steps = ("opened", "escalated:1", "escalated:2")
    messages = [rig.add(anna, "webhook", step=step) for step in steps]
    for message in messages:
        rig.until_state(message, "handed")
    told = [json.loads(asked.body)["step"] for asked in web.asked]
    assert list(dict.fromkeys(told)) == list(steps)
    assert told == sorted(told, key=steps.index)


def test_a_kill_between_sending_and_noting(make: Make, web: HttpRig) -> None:
    """The next start sends it again, with the same token; the server can tell."""
    rig = make()
    message = rig.add(rig.contact(ways={"webhook": web.url}), "webhook")
    go = threading.Event()

    def answer(_: Any) -> Said:
        assert go.wait(60)
        return Said(200)

    web.answer = answer
    rig.until(lambda: web.asked or rig.pass_time(1.0))
    rig.kill()
    go.set()
    rig.until(lambda: rig.notifier.counts["webhook", "handed"])
    assert rig.state(message).state == "sending"
    rig.notifier = rig.make()
    rig.start()
    found = rig.until_state(message, "handed")
    assert found.attempts == 2
    assert [asked.headers["Idempotency-Key"] for asked in web.asked] == [message.token] * 2


def test_a_registry_that_is_away(make: Make, web: HttpRig) -> None:
    """The result waits, and is noted when it is back; nothing goes twice."""
    rig = make()
    message = rig.add(rig.contact(ways={"webhook": web.url}), "webhook")
    away = [0]
    call = rig.service.call

    def failing(work: Any, *args: Any) -> Any:
        from twisted.internet.defer import fail

        if web.asked and away[0] < 3:
            away[0] += 1
            return fail(RegistryUnavailable("away"))
        return call(work, *args)

    rig.notifier._registry = type("Away", (), {"call": staticmethod(failing)})()
    rig.until(lambda: rig.notifier.status()["state"] == "waiting" or rig.pass_time(1.0))
    assert rig.notifier.status()["error"] == "away"
    rig.until_state(message, "handed")
    assert len(web.asked) == 1


def test_switched_off_it_waits(make: Make, web: HttpRig) -> None:
    """Until a reload switches it on."""
    rig = make(on=False)
    message = rig.add(rig.contact(ways={"webhook": web.url}), "webhook")
    for _ in range(20):
        rig.pass_time(1.0)
    assert rig.state(message).state == "waiting"
    rig.settings = msgspec.structs.replace(rig.settings, on=True)
    rig.notifier.configure(rig.settings, rig.channels())
    rig.until_state(message, "handed")


def test_a_reload_changes_channels(make: Make) -> None:
    """Another mail server from now on."""
    rig = make(smtp_host="")
    message = rig.add(rig.contact(), "email")
    rig.until(lambda: rig.notifier.counts["email", "waiting"] or rig.pass_time(1.0))
    with SmtpRig() as smtp:
        rig.settings = msgspec.structs.replace(
            rig.settings, smtp_host="127.0.0.1", smtp_port=smtp.port
        )
        rig.notifier.configure(rig.settings, rig.channels())
        rig.until_state(message, "handed")
    assert len(smtp.letters) == 1


def test_the_end_waits_for_what_is_on_its_way(make: Make, web: HttpRig) -> None:
    """Its result is noted, and nothing new begins."""
    rig = make()
    anna = rig.contact(ways={"webhook": web.url})
    web.answer = lambda _: Said(200, b"x", pause_s=0.1)
    first = rig.add(anna, "webhook", about="x:1")
    second = rig.add(anna, "webhook", about="x:2")
    rig.until(lambda: web.asked or rig.pass_time(1.0))
    rig.result(rig.notifier.stopService())
    assert rig.state(first).state == "handed"
    assert rig.state(second).state == "waiting"


def test_within_the_platform(make: Make) -> None:
    """At once, without an address, in quiet hours, too."""
    rig = make()
    anna = rig.contact(ways={"app": ""}, quiet_from="00:00", quiet_to="23:59")
    found = rig.until_state(rig.add(anna, "app"), "handed")
    assert found.receipt == "kept for reading"


def test_status_says_no_address(make: Make, web: HttpRig) -> None:
    """Nor do rows of the outbox."""
    rig = make()
    anna = rig.contact(ways={"webhook": web.url + "?key=sesame", "email": "anna@example.org"})
    web.answer = lambda _: None
    hook = rig.add(anna, "webhook")
    mail = rig.add(anna, "email")
    rig.until(
        lambda: (
            (rig.notifier.counts["webhook", "waiting"] and rig.notifier.counts["email", "waiting"])
            or rig.pass_time(1.0)
        )
    )
    rows = [rig.until_state(message, "waiting") for message in (hook, mail)]
    said = repr(rig.notifier.status()) + repr(rows)
    for secret in ("sesame", "anna@", "127.0.0.1"):
        assert secret not in said
