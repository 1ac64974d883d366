"""`hj212d review propose` over the means of a store."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from command_line import Hj212d

from store.means import DERIVED
from store.open import open_store
from store.settings import StoreSettings

SPAN = ("--from", "2026-03-01T08:00", "--to", "2026-03-01T16:00")
HOURS = [21.0, 22.0, 20.0, 190.0, 23.0, 22.0, 21.0, 23.0]  # from 08:00 in Beijing on


@pytest.fixture(autouse=True)
def data(tmp_path: Path) -> Path:
    """A data folder with the hour means of one station."""
    folder = tmp_path / "data"
    folder.mkdir()
    store = open_store(f"duckdb:///{folder}/hj212d.duckdb", StoreSettings())
    row = {
        "level": "hour",
        "mn": "A",
        "factor": "a34004",
        "stat": "mean",
        "n": 60,
        "need": 45,
        "mark": "",
        "source": "realtime",
        "revision": 0,
        "as_of": datetime(2026, 3, 2),
    }
    rows = [
        {**row, "start": datetime(2026, 3, 1) + timedelta(hours=hour), "value": value}
        for hour, value in enumerate(HOURS)
    ]
    store.put_derived(pa.Table.from_pylist(rows, DERIVED), None)
    store.close()
    return folder


def test_what_looks_wrong_is_listed_and_marked_when_asked(hj212d: Hj212d) -> None:
    """Nothing is marked without --add, and nothing twice."""
    hj212d("site", "set", "A", "medium=air")
    listed = hj212d("review", "propose", *SPAN)
    assert (listed.status, listed.err) == (0, "")
    words = "A   a34004  2026-03-01 11:00:00  2026-03-01 12:00:00  jump    190 between 20 and 23"
    assert words in listed.out
    assert hj212d("review", "list", "--json").out == ""
    added = hj212d("review", "propose", *SPAN, "--mn", "A", "--add", "--json")
    assert (json.loads(added.out)["reason"], added.err) == ("jump", "1 marks added\n")
    assert hj212d("review", "propose", *SPAN, "--add").out.endswith("0 marks added\n")
    (mark,) = hj212d("review", "list", "--json").out.splitlines()
    assert json.loads(mark)["note"] == "190 between 20 and 23 ug/m3"


def test_who_is_no_site_of_the_air(hj212d: Hj212d) -> None:
    """Said in one sentence."""
    assert hj212d("review", "propose", *SPAN).err == "hj212d: no site of the air is known\n"
    hj212d("site", "set", "A", "medium=flue")
    refused = hj212d("review", "propose", *SPAN, "--mn", "A")
    assert (refused.status, refused.err) == (1, "hj212d: A is no site of the air\n")
    backwards = hj212d("review", "propose", "--from", "now", "--to", "-1h")
    assert backwards.err == "hj212d: --from must be before --to\n"
