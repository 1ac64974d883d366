"""Messages at the desk: what waits, what failed, what is to be read."""

from __future__ import annotations

import pytest
from desk_rig import Desk

from hj212d.hub.alert_desk.contact_deeds import ContactPut
from hj212d.hub.alert_desk.outbox_deeds import (
    ContactTest,
    Messages,
    MessagesRead,
    Outbox,
    OutboxAgain,
    OutboxDrop,
    OutboxGet,
)
from hj212d.hub.decisions.deeds import Unknown


@pytest.fixture(autouse=True)
def contacts(desk: Desk) -> None:
    """Anna reads in-app and by e-mail; somebody else by SMS."""
    ways = {"app": "", "email": "anna@example.org"}
    desk(ContactPut, fields={"name": "安娜", "login": "anna", "ways": ways, "language": "en"})
    desk(ContactPut, fields={"name": "王工", "ways": {"sms": "13812345678"}})


def test_a_test_message_goes_through_the_outbox(desk: Desk) -> None:
    """By each way, or one; in the contact's language."""
    sent = desk(ContactTest, contact=1)["messages"]
    assert [one["channel"] for one in sent] == ["app", "email"]
    assert "anna to 安娜" in sent[0]["text"]
    assert [one["channel"] for one in desk(ContactTest, contact=2, channel="sms")["messages"]] == [
        "sms"
    ]
    assert desk.refusal(ContactTest, contact=2, channel="email") == (
        'channel = "email": 王工 has none'
    )
    desk(ContactPut, fields={"name": "空"})
    assert "has no way to be told" in desk.refusal(ContactTest, contact=3)
    listed = desk(Outbox, contact=1)
    assert listed["counts"] == {"waiting": 3}
    assert "text" not in listed["messages"][0]
    assert [one["contact"] for one in listed["messages"]] == ["安娜", "安娜"]
    page = desk(Outbox, limit=2)
    assert len(desk(Outbox, limit=2, before=page["next"])["messages"]) == 1


def test_what_waits_is_dropped_and_tried_again(desk: Desk) -> None:
    """All or none, and only from the states that can be."""
    ids = [one["id"] for one in desk(ContactTest, contact=1)["messages"]]
    assert (
        desk.refusal(OutboxAgain, ids=ids) == f"ids = {ids[0]}: is waiting, not failed or withheld"
    )
    token = desk(OutboxGet, id=ids[1])["message"]["token"]
    dropped = desk(OutboxDrop, ids=ids)["messages"]
    assert [(one["state"], one["error"]) for one in dropped] == [
        ("withheld", "dropped by anna")
    ] * 2
    assert "is withheld, not waiting" in desk.refusal(OutboxDrop, ids=[ids[0]])
    again = desk(OutboxAgain, ids=[ids[1]])["messages"][0]
    assert (again["state"], again["token"]) == ("waiting", token)
    with pytest.raises(Unknown, match="there is no message 99"):
        desk(OutboxDrop, ids=[ids[1], 99])
    assert desk(OutboxGet, id=ids[1])["message"]["state"] == "waiting"
    with pytest.raises(Unknown, match="there is no message 99"):
        desk(OutboxGet, id=99)


def test_messages_are_read_by_whose_they_are(desk: Desk) -> None:
    """Without a contact those of who asks; those of others stay unread."""
    mine = desk(ContactTest, contact=1)["messages"][0]["id"]
    other = desk(ContactTest, contact=2)["messages"][0]["id"]
    assert [one["id"] for one in desk(Messages)["messages"]] == [mine]
    assert desk(MessagesRead, ids=[mine, other, 99])["read"] == 1
    assert desk(Messages)["messages"] == []
    assert len(desk(Messages, all=True)["messages"]) == 1
    assert desk(OutboxGet, id=other)["message"]["read_at"] is None
    desk(ContactTest, contact=1)
    assert desk(MessagesRead)["read"] == 1
    with pytest.raises(Unknown, match="no contact has the account bob"):
        desk(Messages, who="bob")
