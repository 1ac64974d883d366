"""A real daemon tells people: from a frame to a letter and a webhook, over servers that fail, a
hub that is killed, and a reload."""

from __future__ import annotations

import json
import signal
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from notify_rig import HttpRig, Said, SmtpRig
from running_daemon import WITHIN_S, configured, said, serving
from waiting import wait_until

from hj212d.hub.times import BEIJING
from hj212d.wire.build import frame
from store.registry.alert_records import (
    ContactRecord,
    MessageRecord,
    RuleRecord,
    SubscriptionRecord,
)
from store.registry.open import Registry, open_registry

HIGH = RuleRecord(
    key="high",
    kind="over_limit",
    severity="severe",
    factors=["a34004"],
    params={"by": "value", "period": "realtime", "high": 75, "in_a_row": 2, "wait_s": 0},
)


def config(port: int) -> str:
    """With a mail server."""
    return f"""[alerts]
look_every_s = 0.2
group_wait_s = 1
recover_hold_s = 0
[completeness]
fill = false
[notify]
look_every_s = 0.2
backoff_s = [1.0]
smtp_host = "127.0.0.1"
smtp_port = {port}
smtp_security = "none"
smtp_from = "alarm@example.org"
webhook_plain = true
webhook_networks = ["127.0.0.0/8"]
link = "https://platform.example.org/incidents/{{no}}"
"""


def registry_of(data: Path) -> closing[Registry]:
    """Another view of the daemon's registry."""
    return closing(open_registry(f"sqlite:///{data}/registry.db", data / "registry.key"))


def people(data: Path, web: HttpRig) -> None:
    """Somebody who is told by three ways, in English."""
    with registry_of(data) as registry:
        registry.rules.put(HIGH, "test")
        anna = registry.contacts.put(
            ContactRecord(
                name="Anna",
                language="en",
                ways={
                    "app": "",
                    "email": "anna@example.org",
                    "webhook": web.url + "?key=sesame",
                    "webhook_token": "shared",
                },
            ),
            "test",
        )
        registry.subscriptions.put(SubscriptionRecord(contact_id=anna.id, rules=["high"]), "test")


def readings(value: float, first: int) -> list[bytes]:
    """Two frames, a second apart, of the last minutes."""
    begun = datetime.now(BEIJING) - timedelta(minutes=20)
    found = []
    for number in range(first, first + 2):
        at = f"{begun + timedelta(seconds=number):%Y%m%d%H%M%S}"
        found.append(
            frame(
                f"QN={at}000;ST=22;CN=2011;PW=123456;MN=A;Flag=5;"
                f"CP=&&DataTime={at};a34004-Rtd={value},a34004-Flag=N&&".encode()
            )
        )
    return found


def told(web: HttpRig, step: str) -> list[dict[str, Any]]:
    """What the webhook got of a step."""
    bodies: list[dict[str, Any]] = [json.loads(asked.body) for asked in web.asked]
    return [body for body in bodies if body["step"] == step]


def outbox(data: Path) -> list[MessageRecord]:
    """All of it."""
    with registry_of(data) as registry:
        return registry.outbox.find(limit=None)


def test_from_a_frame_to_people(tmp_path: Path) -> None:
    """Each step once by each way, with the same token when it took several attempts."""
    data = tmp_path / "data"
    with HttpRig() as web, SmtpRig() as smtp, SmtpRig() as other:
        web.answer = lambda _: Said(503) if len(web.asked) < 3 else Said(200)
        configured(data, config(smtp.port))
        people(data, web)
        with serving(data) as daemon:
            daemon.send(*readings(182.0, 0))
            wait_until(lambda: len(told(web, "opened")) == 3, "the webhook", WITHIN_S)
            wait_until(lambda: smtp.letters, "the letter", WITHIN_S)
            (letter,) = smtp.letters
            assert letter["Subject"].startswith("[Severe] A Fine particulates PM2.5: ")
            assert "real-time value 182 is above the limit of 75" in letter["Subject"]
            assert "https://platform.example.org/incidents/A20" in letter.get_content()
            hooks = told(web, "opened")
            assert len({hook["token"] for hook in hooks}) == 1
            assert hooks[0]["facts"]["value"] == 182.0

            daemon.kill_hub()
            (data / "hj212d.toml").write_text(config(other.port), encoding="utf-8")
            daemon.process.send_signal(signal.SIGHUP)
            daemon.send(*readings(12.0, 10))
            wait_until(lambda: told(web, "recovered"), "it is over", WITHIN_S)
            wait_until(lambda: smtp.letters[1:] or other.letters, "its letter", WITHIN_S)

            said(data, "contact", "test", "Anna", "--channel", "email")
            wait_until(
                lambda: any(one.state == "handed" for one in outbox(data) if "test" in one.about),
                "a trial",
                WITHIN_S,
            )
            wait_until(lambda: {one.state for one in outbox(data)} == {"handed"}, "all", WITHIN_S)
            lines = said(data, "outbox", "list", "--json").splitlines()
            assert {json.loads(line)["state"] for line in lines} == {"handed"}
            status = daemon.client.call("status")["notify"]
            assert (status["state"], status["faults_total"]) == ("ok", 0)
            assert status["template_faults"] == 0
        log = data.with_suffix(".log").read_text(encoding="utf-8")
    letters = [*smtp.letters, *other.letters]
    assert other.letters  # those after the reload
    ids = [letter["Message-ID"] for letter in letters]
    assert len(set(ids)) == 3
    assert len({hook["token"] for hook in told(web, "recovered")}) == 1
    for secret in ("sesame", "anna@example.org", "shared"):
        assert secret not in log
        assert secret not in json.dumps(status)
