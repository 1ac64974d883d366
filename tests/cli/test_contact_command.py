"""`hj212d contact` without a daemon."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Hj212d


@pytest.fixture(autouse=True)
def data(tmp_path: Path) -> Path:
    """The data folder, as a package makes it."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def test_add_set_show_remove(hj212d: Hj212d) -> None:
    """Addresses are shown in part; an empty one goes."""
    ways = ("--way", "email=wang@example.org", "--way", "app")
    assert hj212d("contact", "add", "王工", *ways).out == "contact 1 added\n"
    hours = ("--quiet-from", "22:00", "--quiet-to", "07:00")
    assert hj212d("contact", "set", "王工", *hours, "--way", "email=").out == "contact 1 changed\n"
    shown = hj212d("contact", "show", "1").out
    assert "22:00 to 07:00, but for critical" in shown
    assert "email" not in shown
    changed = hj212d("contact", "set", "1", "--off", "--way", "sms=13812345678", "--json").out
    kept = json.loads(changed)
    assert (kept["on"], kept["ways"]["sms"]) == (False, "138****5678")
    assert "22:00-07:00" in hj212d("contact", "list").out
    assert hj212d("contact", "remove", "1").out == "contact 1 removed\n"
    assert hj212d("contact", "show", "1").err == "hj212d: there is no contact 1\n"


def test_wrong_addresses(hj212d: Hj212d) -> None:
    """One sentence with the field."""
    assert hj212d("contact", "add", "x", "--way", "email").status == 2
    assert "email: expected an address" in hj212d("contact", "add", "x", "--way", "email=no").err
    assert "pigeon: there is no" in hj212d("contact", "add", "x", "--way", "pigeon=1").err


def test_who_answers(hj212d: Hj212d, tmp_path: Path) -> None:
    """One by one, and as a file that goes out and in again."""
    hj212d("contact", "add", "王工")
    done = hj212d("contact", "owner", "A", "王工")
    assert (done.out, done.err) == ("line 1 added\n", "hj212d: nobody knows A yet\n")
    assert hj212d("contact", "owner", "A", "1").out == "line 1 says so already\n"
    hj212d("contact", "owner", "region:330100", "1", "--role", "chief")
    exported = hj212d("contact", "owners", "--csv").out
    assert exported == "place,contact,role\nmn:A,1,owner\nregion:330100,1,chief\n"
    file = tmp_path / "owners.csv"
    file.write_text(exported + "B,王工,operator\n", encoding="utf-8")
    assert hj212d("contact", "owners-import", file).out == "3 lines read, 1 of them new\n"
    assert "operator" in hj212d("contact", "owners", "--place", "B").out
    file.write_text("place,contact\nC,nobody\n", encoding="utf-8")
    assert "there is no contact nobody" in hj212d("contact", "owners-import", file).err
    file.write_text("place,contact\n", encoding="utf-8")
    assert "has no line" in hj212d("contact", "owners-import", file).err
    assert hj212d("contact", "disown", "1", "2").out == "2 removed\n"
    assert "number 99" in hj212d("contact", "disown", "99").err
    assert len(hj212d("contact", "owners", "--json").out.splitlines()) == 1


def test_a_test_message_waits_in_the_outbox(hj212d: Hj212d) -> None:
    """It goes when a daemon runs."""
    hj212d("contact", "add", "王工", "--way", "app")
    assert hj212d("contact", "test", "王工").out.startswith("message 1 by app is waiting\nsee: ")
    assert "has none" in hj212d("contact", "test", "1", "--channel", "sms").err
    assert json.loads(hj212d("contact", "test", "1", "--json").out)["state"] == "waiting"
