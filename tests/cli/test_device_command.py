"""`hj212d device` with and without a daemon, and the files it imports."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from command_line import Hj212d
from running_daemon import serving

from hj212d.wire import build
from store.registry.open import open_registry

HEADER = "mn,name,version,password,region,longitude,latitude\n"


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
    assert hj212d("device", "list").out.splitlines()[0].startswith("mn")
    done = hj212d("device", "set", "A", "name=污水厂", "medium=nb-iot", "password=geheim")
    assert (done.status, done.out) == (0, "A is registered: nobody knew it before\n")
    assert hj212d("device", "set", "A", "medium=NB-IoT").out == "A was so already\n"
    assert hj212d("device", "set", "A", "region=3301").out == "A changed\n"
    (listed,) = rows(hj212d("device", "list", "--json").out)
    assert (listed["mn"], listed["medium"], listed["password"]) == ("A", "NB-IoT", "***")
    shown = hj212d("device", "show", "A").out
    assert "污水厂" in shown
    assert "device put" in shown
    (row,) = rows(hj212d("device", "show", "A", "--json").out)
    assert (row["timeout_s"], row["resends"], row["waits_by"]) == (30.0, 5, "NB-IoT")
    assert "geheim" not in shown
    assert hj212d("device", "remove", "A").out == "1 removed\n"
    gone = hj212d("device", "show", "A")
    assert (gone.status, gone.out) == (1, "")
    assert gone.err == "hj212d: neither registry nor configuration knows a device A\n"


def test_a_password_from_standard_input(
    hj212d: Hj212d, monkeypatch: pytest.MonkeyPatch, data: Path
) -> None:
    """So that it stands in no list of processes."""
    monkeypatch.setattr("sys.stdin", io.StringIO("geheim\n"))
    assert hj212d("device", "set", "A", "password=-").status == 0
    registry = open_registry(f"sqlite:///{data}/registry.db", data / "registry.key")
    found = registry.devices.get("A")
    registry.close()
    assert found is not None
    assert found.password == "geheim"
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    done = hj212d("device", "set", "A", "password=-")
    assert (done.status, done.err) == (2, "hj212d: there is no password on standard input\n")


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["set", "A", "colour=red"], 2, "a device has no field colour"),
        (["set", "A", "latitud=3"], 2, "did you mean latitude?"),
        (["set", "A", "name"], 2, "name: expected FIELD=VALUE"),
        (["set", "A", "version=2016"], 1, 'A: version = "2016": expected one of 2005, 2017, 2025'),
        (["set", "A B", "name=x"], 1, 'mn = "A B": an MN has'),
        (["remove", "A"], 1, "the registry has no device A"),
        (["import", "no-such.csv"], 2, "no-such.csv: No such file"),
        (["import"], 1, "the configuration has no device"),
    ],
)
def test_one_sentence(hj212d: Hj212d, words: list[str], status: int, sentence: str) -> None:
    """About what is wrong."""
    done = hj212d("device", *words)
    assert done.status == status
    assert sentence in done.err
    assert done.err.count("\n") == 1


def test_import_of_csv(hj212d: Hj212d, tmp_path: Path) -> None:
    """An empty cell says nothing; a second time nothing is new."""
    file = tmp_path / "devices.csv"
    file.write_text(HEADER + "A,一号,2017,geheim,330106,120.1,30.2\n\nB,二号,,,,,\n", "utf-8")
    assert hj212d("device", "import", file, "--dry-run").out.startswith("2 devices, nothing")
    assert hj212d("device", "list", "--json").out == ""
    done = hj212d("device", "import", file)
    assert done.out == "2 devices read, 2 of them new or changed\n"
    file.write_text(HEADER + "A,,2025,,,,\nB,二号,,,,,\n", "utf-8")
    assert hj212d("device", "import", file).out == "2 devices read, 1 of them new or changed\n"
    first, second = rows(hj212d("device", "list", "--json").out)
    assert (first["name"], first["version"], first["longitude"]) == ("一号", "2025", 120.1)
    assert (first["password"], first["position_source"]) == ("***", "manual")
    assert second["name"] == "二号"


def test_a_spreadsheet_of_china(hj212d: Hj212d, tmp_path: Path) -> None:
    """GB 18030 and semicolons."""
    file = tmp_path / "devices.csv"
    file.write_bytes("MN;Name\r\nA;污水厂\r\n".encode("gb18030"))
    assert hj212d("device", "import", file).status == 0
    assert rows(hj212d("device", "list", "--json").out)[0]["name"] == "污水厂"


def test_bad_rows_are_named_and_nothing_is_done(hj212d: Hj212d, tmp_path: Path) -> None:
    """By line, field and value, all of them at once."""
    file = tmp_path / "devices.csv"
    file.write_text(
        HEADER + "A,,2017,,,,\nB,,2016,,,1,\n,x,,,,,\nA,,,,,,\nC,,,,,,,too many\n", "utf-8"
    )
    done = hj212d("device", "import", file)
    assert done.status == 1
    for fault in (
        'line 3: version = "2016": expected one of 2005, 2017, 2025',
        "line 3: longitude and latitude come together",
        "line 4: mn is missing",
        'line 5: mn = "A" stands in line 2 already',
        "line 6: 1 cells more than the header has",
    ):
        assert fault in done.err
    assert hj212d("device", "list", "--json").out == ""


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ("mn,nmae", "line 1: a device has no field nmae; did you mean name?"),
        ("name", "line 1: the header needs mn, and each field once"),
        ("mn,name,name", "each field once"),
    ],
)
def test_bad_headers(hj212d: Hj212d, tmp_path: Path, header: str, sentence: str) -> None:
    """A misspelt field is not left out quietly."""
    file = tmp_path / "devices.csv"
    file.write_text(header + "\nA,x\n")
    done = hj212d("device", "import", file)
    assert done.status == 1
    assert sentence in done.err


def test_import_of_the_configuration(hj212d: Hj212d, data: Path, tmp_path: Path) -> None:
    """Its devices with their keys move into the registry."""
    file = tmp_path / "devices.toml"
    file.write_text(
        '[[device]]\nmn = "A"\nname = "n"\npassword = "geheim"\ntolerate = ["crc_modbus"]\n'
        'keys = ["00112233445566778899aabbccddeeff", "kkkkkkkkkkkkkkkk"]\n'
        '[[device]]\nmn = "B"\nenabled = false\n'
    )
    assert hj212d("device", "import", file).out.startswith("2 devices read, 2 of them")
    first, second = rows(hj212d("device", "list", "--json").out)
    assert (first["name"], first["tolerate"], first["keys"]) == ("n", ["crc_modbus"], 2)
    assert second["enabled"] is False
    registry = open_registry(f"sqlite:///{data}/registry.db", data / "registry.key")
    keys = registry.keys.of("A")
    registry.close()
    assert [(key.state, key.key[:2]) for key in keys] == [
        ("current", b"\0\x11"),
        ("previous", b"kk"),
    ]


def test_with_a_daemon(hj212d: Hj212d, data: Path, tmp_path: Path) -> None:
    """It is asked, and its stations bear the names at once; an import is noticed, too."""
    file = tmp_path / "devices.csv"
    file.write_text("mn,name\nB,imported\n")
    with serving(data) as daemon:
        assert hj212d("device", "set", "A", "name=first", "--data", data).status == 0
        assert daemon.client.call("devices", mn="A")["devices"][0]["name"] == "first"
        assert hj212d("device", "import", file, "--data", data).status == 0
        assert daemon.client.call("devices", mn="B")["devices"][0]["name"] == "imported"
        listed = rows(hj212d("device", "list", "--json", "--data", data).out)
        assert [row["mn"] for row in listed] == ["A", "B"]
        shown = json.loads(hj212d("device", "show", "A", "--json", "--data", data).out)
        assert shown["changes"][0]["what"] == "device put"
        refused = hj212d("device", "set", "A", "medium=pigeon", "--data", data)
        assert (refused.status, refused.out) == (1, "")
        assert hj212d("device", "remove", "A", "B", "--data", data).out == "2 removed\n"
        status = hj212d("status", "--data", data).out
        assert "registry" in status
        checked = hj212d("check", "--data", data).out
        assert "registry" in checked


def test_without_a_daemon_the_registry_judges_a_replay(
    hj212d: Hj212d, data: Path, tmp_path: Path
) -> None:
    """A frame that was kept aside counts once its MN is registered; `devices` shows its name."""
    config = tmp_path / "c.toml"
    config.write_text('[link]\nunknown_mn = "quarantine"\n')
    segment = (
        "QN=20260101080000000;ST=32;CN=2011;PW=123456;MN=A;Flag=4;"
        "CP=&&DataTime=20260101080000;w01018-Rtd=12.5,w01018-Flag=N&&"
    )
    with serving(data, "--config", str(config)) as daemon:
        daemon.send(build.frame(segment.encode()), answers=0)
        daemon.wait_stored(1)
    assert hj212d("device", "set", "A", "name=registered").status == 0
    span = ("--from", "-1d", "--to", "now", "--config", config)
    assert hj212d("replay", *span).out == "1 frames read again, 1 of them good\n"
    assert "registered" in hj212d("devices").out
