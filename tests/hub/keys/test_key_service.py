"""Changing keys: the order, what proves a key, and what each crash on the way leaves."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest
from keys_rig import KEY, MN, OTHER, START, heard, result, upload

from hj212d.hub.commands.new_command import Refused
from hj212d.hub.keys import keyring
from hj212d.hub.keys.settings import KeysSettings

DAY = timedelta(days=1)


def rotated(rig, **arguments):
    return result(rig.service.rotate(MN, who="me", why="test", **arguments))


def test_the_new_key_is_on_disk_before_the_request_is_taken(life):
    """Whatever the device does with it, its frames can be read."""
    rig = life(configured={MN: [KEY]})
    seen = []
    rig.commands.at_submit = lambda wish: seen.append((rig.states(), wish))
    rotated(rig)
    ((states, wish),) = seen
    assert states == ["pending", "current"]
    assert wish.args["NewSK"].encode() == rig.key("pending")
    assert wish.args["SKCreateTime"] == "20260301080001000"
    assert rig.commands.ear.watched[MN] == 1


def test_the_request_waits_until_the_workers_know_the_new_key(life):
    """The device may use it at once, on any worker."""
    rig = life(configured={MN: [KEY]})
    rig.told = False
    rig.service.rotate(MN, who="me", why="test")
    rig.wait(10)
    assert rig.states() == ["pending", "current"]
    assert rig.commands.wishes == []
    rig.told = True
    rig.wait(5)
    assert len(rig.commands.wishes) == 1


@pytest.mark.parametrize("restarted", [False, True])
def test_the_answer_of_the_device_makes_the_key_current(life, restarted):
    """Also when the hub was killed between the answer and the note of it."""
    rig = life(configured={MN: [KEY]})
    rotated(rig)
    new = rig.key("pending")
    if restarted:
        rig.commands.finished.clear()
        rig.commands.end("done")
        rig = life(configured={MN: [KEY]})
    else:
        rig.commands.end("done")
    assert rig.states() == ["current", "previous"]
    assert rig.key("current") == new
    assert rig.registry.keys.of(MN)[0].proven_at is not None


@pytest.mark.parametrize("restarted", [False, True])
def test_a_frame_is_proof_enough_without_any_answer(life, restarted):
    """The answer was lost, or the hub was not there when it came."""
    rig = life(configured={MN: [KEY]})
    rotated(rig)
    new = rig.key("pending")
    if restarted:
        rig = life(configured={MN: [KEY]})
    rig.hear(upload(rig.now, KEY), upload(rig.now, new), upload(rig.now, new))
    assert rig.states() == ["current", "previous"]


def test_a_hub_that_died_before_it_asked_sends_the_same_key_later(life):
    """Pending on disk, no command: nobody knows whether it left, so it is this one again."""
    rig = life(configured={MN: [KEY]})
    rig.commands.submit = lambda _: result(None)  # type: ignore[arg-type]
    with pytest.raises(AttributeError):
        rotated(rig)
    pending = rig.key("pending")
    rig = life(configured={MN: [KEY]})
    rig.connect()
    rig.wait(10)
    (wish,) = rig.commands.wishes
    assert wish.args["NewSK"].encode() == pending
    assert rig.states() == ["pending", "current"]


@pytest.mark.parametrize("state", ["refused", "failed", "timeout", "expired"])
def test_a_change_that_failed_is_tried_again_with_the_same_key(life, state):
    """Not at once; the device may have it or not, and all keys open its frames meanwhile."""
    rig = life(configured={MN: [KEY]})
    rig.connect()
    rotated(rig)
    rig.commands.end(state)
    assert rig.states() == ["pending", "current"]
    rig.wait(6 * 3600 - 60, step_s=60)
    assert len(rig.commands.wishes) == 1
    rig.wait(240, step_s=60)
    assert len(rig.commands.wishes) == 2
    first, second = rig.commands.wishes
    assert first.args == second.args


def test_an_answer_after_the_time_was_up_proves_the_key(life):
    """The command is told to end once more; it is not tried again then."""
    rig = life(configured={MN: [KEY]})
    rig.connect()
    rotated(rig)
    new = rig.key("pending")
    rig.commands.end("timeout")
    rig.commands.end("done")
    assert rig.states() == ["current", "previous"]
    assert rig.key("current") == new
    assert rig.registry.keys.of(MN)[0].proven_at is not None
    rig.wait(7 * 3600, step_s=60)
    assert len(rig.commands.wishes) == 1


def test_a_late_answer_while_a_newer_key_is_sent(life):
    """It proves the key that it was sent for; the newer one goes on being sent, and when that is
    taken, a repetition for the older one changes nothing."""
    rig = life(configured={MN: [KEY]})
    older = rotated(rig)
    rig.commands.end("timeout")
    newer = rotated(rig, fresh=True)
    assert rig.service.changing(MN) == newer.id
    late = msgspec.structs.replace(older, state="done")
    for hook in rig.commands.finished:
        hook(late)
    assert rig.states() == ["pending", "current", "previous"]
    assert rig.service.changing(MN) == newer.id
    rig.commands.end("done")
    assert rig.states() == ["current", "previous", "previous"]
    for hook in rig.commands.finished:
        hook(late)
    assert rig.states() == ["current", "previous", "previous"]
    assert rig.service.changing(MN) is None


def test_a_command_that_ends_while_the_rings_are_read_is_not_waited_for(life):
    """The registry said that it was under way, a moment too early."""
    rig = life(configured={MN: [KEY]})
    rotated(rig)
    rig = life(configured={MN: [KEY]})
    rig.service.loaded = False
    rig.service._changing.clear()
    call, rig.registrar.call = rig.registrar.call, None
    found = keyring.open_rings(rig.registry, {}, rig.now)
    rig.commands.end("done")
    rig.registrar.call = call
    rig.service._loaded(found)
    assert rig.service.changing(MN) is None
    assert rig.states() == ["current", "previous"]


def test_a_fresh_key_supersedes_one_that_is_pending(life):
    """The device may have the first: it is tried on, as a previous one."""
    rig = life(configured={MN: [KEY]})
    rotated(rig)
    first = rig.key("pending")
    rig.commands.end("timeout")
    rotated(rig, fresh=True)
    assert rig.states() == ["pending", "previous", "current"]
    assert rig.key("previous") == first
    rig.hear(*(upload(rig.now, first) for _ in range(6)))
    assert rig.key("current") == first


def test_one_change_at_a_time(life):
    """And none without a key, because a new one never leaves in plain."""
    rig = life(configured={MN: [KEY]})
    rotated(rig)
    with pytest.raises(Refused, match="under way"):
        rotated(rig)
    with pytest.raises(Refused, match="no key"):
        result(rig.service.rotate(OTHER, who="me", why=""))


def test_a_device_that_asks_gets_a_key_once_an_hour(life):
    """1014 from the device, with the time of the key that it has."""
    rig = life(configured={MN: [KEY]})
    rig.connect()
    asks = heard("1014", "SKCreateTime=20260301080000000", rig.now, key=KEY)
    rig.hear(asks, asks)
    assert len(rig.commands.wishes) == 1
    assert rig.service.says == {}
    rig.commands.end("done")
    rig.hear(asks)
    assert len(rig.commands.wishes) == 1
    rig.wait(3700, step_s=100)
    rig.hear(heard("1014", "SKCreateTime=20250101080000", rig.now, key=rig.key("current")))
    assert len(rig.commands.wishes) == 2
    assert rig.service.says == {MN: "20250101080000"}


@pytest.mark.parametrize(
    "frame",
    [
        heard("1014", "SKCreateTime=20260301080000000", START - timedelta(hours=1), key=KEY),
        heard("1014", "SKCreateTime=20260301080000000,NewSK=0000000000000000", START, key=KEY),
        heard("1014", "SKCreateTime=20260301080000000", START, key=KEY, mn=OTHER),
    ],
)
def test_what_is_no_request_for_a_key(life, frame):
    """One of an hour ago, our own that came back, one of a device without a key."""
    rig = life(configured={MN: [KEY]})
    rig.connect()
    rig.hear(frame)
    assert rig.commands.wishes == []


def test_due_keys_change_by_age_while_their_devices_are_connected(life):
    """So many an hour, the oldest first; who is not there waits."""
    mns = [f"{number:024d}" for number in range(200)]
    settings = KeysSettings(per_hour=60)
    rig = life(configured={mn: [mn.encode()[-16:]] for mn in mns}, settings=settings)
    for mn in mns[1:]:
        rig.connect(mn)
    rig.wait(60)
    assert rig.commands.wishes == []
    rig.now += 91 * DAY
    rig.wait(3600, step_s=30)
    assert 58 <= len(rig.commands.wishes) <= 62
    assert len({wish.mn for wish in rig.commands.wishes}) == len(rig.commands.wishes)
    assert mns[0] not in {wish.mn for wish in rig.commands.wishes}


def test_a_previous_key_is_retired_when_it_is_not_needed(life):
    """After that its device is not listened to any more."""
    rig = life(configured={MN: [KEY]})
    rotated(rig)
    new = rig.key("pending")
    rig.commands.end("done")
    rig.hear(*(upload(rig.now, new) for _ in range(19)))
    rig.wait(10)
    assert rig.states() == ["current", "previous"]
    rig.hear(upload(rig.now, new))
    rig.wait(10)
    assert rig.states() == ["current", "retired"]
    assert rig.commands.ear.watched[MN] == 0


def test_a_key_that_people_set_is_proven_by_the_first_encrypted_frame(life):
    """Counted among the frames that reach the store; the ear need not listen."""
    rig = life()
    result(rig.service.set_key(MN, KEY, "me"))
    assert rig.commands.ear.watched[MN] == 0
    rig.wait(10)
    assert rig.registry.keys.of(MN)[0].proven_at is None
    rig.tally.encrypted_since = lambda mn, _: mn == MN  # type: ignore[method-assign]
    rig.wait(10)
    assert rig.registry.keys.of(MN)[0].proven_at is not None


def test_the_hub_is_ready_without_a_registry(life):
    """It says so, and begins when the registry opens."""
    rig = life(configured={MN: [KEY]})
    rotated(rig)
    rig.service.loaded = False
    with pytest.raises(Refused, match="not been read"):
        rotated(rig)
    rig.hear(upload(rig.now, rig.key("pending")))
    assert rig.states() == ["pending", "current"]
    rig.registrar.open()
    assert rig.states() == ["current", "previous"], "what was heard meanwhile counts"
