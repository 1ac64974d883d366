"""`hj212d site` with and without a daemon, and the files it takes."""

from __future__ import annotations

import json
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from command_line import Hj212d
from running_daemon import serving


@pytest.fixture(autouse=True)
def data(tmp_path: Path) -> Path:
    """The data folder, as a package makes it."""
    folder = tmp_path / "data"
    folder.mkdir()
    return folder


def rows(text: str) -> list[dict[str, object]]:
    """What --json printed."""
    return [json.loads(line) for line in text.splitlines()]


def test_set_show_list_remove(hj212d: Hj212d) -> None:
    """Without a daemon the registry itself is opened."""
    done = hj212d("site", "set", "A", "name=西湖", "region=330106", "medium=air", "role=control")
    assert (done.status, done.out) == (0, "A changed\n")
    assert hj212d("site", "set", "A", "role=control").out == "A was so already\n"
    (listed,) = rows(hj212d("site", "list", "--json").out)
    assert (listed["mn"], listed["role"], listed["region"]) == ("A", "control", "330106")
    assert "西湖  330106  air     control" in hj212d("site", "list").out
    assert hj212d("site", "list", "--medium", "flue", "--json").out == ""
    shown = hj212d("site", "show", "A").out
    assert "PM2.5;PM10;SO2;NO2;CO;O3" in shown
    assert "site put" in shown
    (row,) = rows(hj212d("site", "show", "A", "--json").out)
    assert row["origin"] == "registry"
    assert hj212d("site", "remove", "A").out == "1 removed\n"
    gone = hj212d("site", "remove", "A")
    assert (gone.status, gone.err) == (1, "hj212d: the registry has no site A\n")
    unknown = hj212d("site", "show", "Z")
    assert (unknown.status, unknown.err) == (1, "hj212d: nobody knows a site Z\n")


def test_what_is_wrong_is_said_in_one_sentence(hj212d: Hj212d) -> None:
    """Nothing is changed by it."""
    refused = hj212d("site", "set", "A", "role=boss")
    assert refused.err == ('hj212d: role = "boss": expected one of assessed, control, other\n')
    assert "did you mean role" in hj212d("site", "set", "A", "roel=other").err
    assert "expected FIELD=VALUE" in hj212d("site", "set", "A", "role").err
    assert hj212d("site", "list", "--json").out == ""


def test_the_configuration_is_shown_too(hj212d: Hj212d, data: Path) -> None:
    """The registry wins field by field."""
    (data / "hj212d.toml").write_text(
        '[[site]]\nmn = "A"\nmedium = "air"\nregion = "330106"\nunits = {a34004 = "mg/m3"}\n'
    )
    hj212d("site", "set", "A", "stamp=end")
    (row,) = rows(hj212d("site", "list", "--json").out)
    assert (row["units"], row["stamp"]) == ({"a34004": "mg/m3"}, "end")
    assert row["origin"] == "registry, configuration"


def test_a_file_goes_out_and_in_again(hj212d: Hj212d, tmp_path: Path) -> None:
    """What `site export` writes `site import` takes, in UTF-8 and in GB 18030."""
    file = tmp_path / "sites.csv"
    file.write_text(
        "mn,name,region,longitude,latitude,medium,programme,units\n"
        "A,西湖,330106,120.13,30.27,air,PM2.5;O3,a34004=mg/m3\n"
        "B,排口,330102,,,flue,,\n"
    )
    assert hj212d("site", "import", file, "--dry-run").out == (
        "2 sites, nothing is wrong with them\n"
    )
    assert hj212d("site", "list", "--json").out == ""
    assert hj212d("site", "import", file).out == "2 sites read, 2 of them new or changed\n"
    out = hj212d("site", "export").out
    assert "A,西湖,330106,120.13,30.27,air,,,PM2.5;O3,a34004=mg/m3" in out
    file.write_bytes(out.encode("gb18030"))
    assert hj212d("site", "import", file).out == "2 sites read, 0 of them new or changed\n"
    assert [row["mn"] for row in rows(hj212d("site", "export", "--json").out)] == ["A", "B"]


def test_every_fault_of_a_file_is_named(hj212d: Hj212d, tmp_path: Path) -> None:
    """By its line; nothing is imported."""
    file = tmp_path / "sites.csv"
    file.write_text("mn,longitude,latitude,role\nA,200,30,other\nB,,30,\n,,,control\nC,,,boss\n")
    err = hj212d("site", "import", file).err
    for fault in (
        'line 2: longitude = "200"',
        "line 3: longitude and latitude come together",
        "line 4: mn is missing",
        'line 5: role = "boss"',
    ):
        assert fault in err
    assert hj212d("site", "list", "--json").out == ""
    file.write_text("mn,rolle\nA,other\n")
    assert (
        "line 1: a site has no field rolle; did you mean role?"
        in hj212d("site", "import", file).err
    )


def test_a_site_is_put_over_http(hj212d: Hj212d, data: Path) -> None:
    """In the name of the token."""
    (data / "hj212d.toml").write_text('[hub]\napi_tokens = ["web:aaaaaaaaaaaaaaaa"]\n')
    with serving(data) as daemon:
        request = Request(
            f"http://{daemon.ready['http']}/api/sites/A",
            b'{"role": "control"}',
            {"Authorization": "Bearer aaaaaaaaaaaaaaaa", "Content-Type": "application/json"},
            method="PUT",
        )
        with urlopen(request, timeout=90) as answer:
            assert json.load(answer) == {"changed": 1}
        (row,) = rows(hj212d("site", "show", "A", "--json").out)
    assert row["role"] == "control"
    assert "'who': 'web'" in str(row["changes"])


def test_a_running_daemon_goes_by_it_at_once(hj212d: Hj212d, data: Path, tmp_path: Path) -> None:
    """Asked over its socket; a long list it is told of."""
    with serving(data):
        assert hj212d("site", "set", "A", "medium=air", "region=330106").out == "A changed\n"
        file = tmp_path / "sites.csv"
        file.write_text("mn,name,medium\nB,乙,air\n")
        assert hj212d("site", "import", file).out == "1 sites read, 1 of them new or changed\n"
        listed = rows(hj212d("site", "list", "--json").out)
        assert [(row["mn"], row["name"]) for row in listed] == [("A", ""), ("B", "乙")]
        refused = hj212d("site", "set", "A", "region=x")
        assert (refused.status, refused.err) == (
            1,
            'hj212d: region = "x": expected a code of 2, 4, 6, 9 or 12 digits\n',
        )
        added = hj212d("review", "add", "A", "--from", "2026-03-01", "--reason", "fault")
        assert added.out == "review 1 added\n"
        assert hj212d("review", "revoke", "1").out == "1 revoked\n"
        assert hj212d("limit", "list", "--json").out == ""
        assert hj212d("event", "approve", "7").err == "hj212d: there is no event 7\n"
