"""Hundreds of messages over channels whose servers fail, and a notifier that is killed at random:
nothing is lost, and what comes twice has the same token."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import msgspec
from notify_rig import Asked, HttpRig, Said, SmtpRig
from waiting import wait_until

from alerts.notify.settings import NotifySettings
from store.registry.alert_records import ContactRecord, MessageRecord
from store.registry.open import Registry, open_registry

CHILD = Path(__file__).with_name("notifying_child.py")
MESSAGES = 500
KILLS = 4
PEOPLE = 12
CHANNELS = ("webhook", "email", "wecom", "sms", "app")


def fill(registry: Registry, web: str) -> dict[int, MessageRecord]:
    """People with all ways, and messages to them."""
    people = [
        registry.contacts.put(
            ContactRecord(
                name=f"P{number}",
                ways={
                    "app": "",
                    "email": f"p{number}@example.org",
                    "sms": f"1380000{number:04}",
                    "webhook": f"{web}?person={number}",
                    "wecom": f"robotkey{number}",
                },
            ),
            "test",
        )
        for number in range(PEOPLE)
    ]
    now = datetime.now(UTC) - timedelta(seconds=1)
    added = registry.outbox.add(
        [
            MessageRecord(
                about=f"incident:{number // 60}",
                step=f"escalated:{number}",
                contact_id=people[number % PEOPLE].id,
                channel=CHANNELS[number // PEOPLE % len(CHANNELS)],  # type: ignore[arg-type]
                severity="severe",
                subject=f"S{number}",
                text="t",
                created_at=now,
            )
            for number in range(MESSAGES)
        ]
    )
    return {one.id: one for one in added}


def test_killed_again_and_again(tmp_path: Path) -> None:
    """What the outbox calls handed over has arrived; what came twice is so by its token."""
    chance = random.Random(20261121)
    url, key = f"sqlite:///{tmp_path / 'registry.db'}", tmp_path / "registry.key"
    registry = open_registry(url, key)
    with HttpRig() as web, SmtpRig() as smtp:

        def answer(asked: Asked) -> Said | None:
            lot = chance.random()
            if lot < 0.08:
                return None  # taken, and the connection breaks
            if lot < 0.2:
                return Said(503)
            code = -1 if asked.path.startswith("/hook?key=") and lot < 0.25 else 0
            return Said(200, json.dumps({"errcode": code}).encode())

        web.answer = answer
        smtp.on["DATA"] = lambda: chance.choices(
            [None, "451 4.2.0 later", "keep and go"], [80, 12, 8]
        )[0]
        messages = fill(registry, web.url)
        settings = NotifySettings(
            look_every_s=0.1,
            backoff_s=[0.2],
            per_minute={},
            per_hour={},
            smtp_host="127.0.0.1",
            smtp_port=smtp.port,
            smtp_security="none",
            smtp_from="alarm@example.org",
            sms="file",
            wecom_url=web.url,
            webhook_plain=True,
            webhook_networks=["127.0.0.0/8"],
        )
        command = [sys.executable, str(CHILD), url, str(key)]
        command.append(msgspec.json.encode(settings).decode())

        def handed() -> int:
            counts = registry.outbox.counts()
            return sum(many for (_, state), many in counts.items() if state == "handed")

        for kill in range(KILLS + 1):
            child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            assert child.stdout is not None
            assert child.stdin is not None
            assert child.stdout.readline() == b"ready\n"
            if kill < KILLS:
                before = handed()
                wait_until(lambda before=before: handed() > min(before + 20, MESSAGES - 1))
                time.sleep(chance.random() * 0.05)  # somewhere between two of its steps
                child.kill()
            else:
                wait_until(lambda: handed() == MESSAGES, "all handed over")
                child.stdin.close()
            child.wait(60)
            child.stdout.close()
            if not child.stdin.closed:
                child.stdin.close()
        found = {one.id: one for one in registry.outbox.find(limit=None)}
        check(found, messages, arrived(web, smtp, tmp_path))
    registry.close()


def arrived(web: HttpRig, smtp: SmtpRig, folder: Path) -> Counter[str]:
    """Token -> how often it came. WeChat Work has no tokens: there the subject is one."""
    came: Counter[str] = Counter()
    for asked in web.asked:
        body: Any = json.loads(asked.body)
        if "token" in body:
            came[body["token"]] += 1
        else:
            came[body["text"]["content"].splitlines()[0]] += 1
    came.update(str(letter["Message-ID"])[1:].partition("@")[0] for letter in smtp.letters)
    for file in (folder / "sms").iterdir():
        for line in file.read_text(encoding="utf-8").splitlines():
            if line.endswith("}"):
                came[json.loads(line)["token"]] += 1
    return came


def check(
    found: dict[int, MessageRecord], messages: dict[int, MessageRecord], came: Counter[str]
) -> None:
    """What the outbox says against what arrived."""
    assert set(found) == set(messages)
    for id, message in messages.items():
        now = found[id]
        assert now.state == "handed", now
        assert now.token == message.token
        assert now.receipt
        if message.channel == "app":
            continue
        name = message.subject if message.channel == "wecom" else message.token
        assert came[name] >= 1, message
        # Each arrival was an attempt of this message, and the outbox counted it.
        assert came[name] <= now.attempts, message
