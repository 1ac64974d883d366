"""The fuzzer: a short run, the seeds of earlier findings, and that it can find something."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest
from click.testing import CliRunner

from bench import fuzz, fuzz_command
from hj212d.wire import codec
from hj212d.wire.frame import Device


def test_a_short_run_is_clean(tmp_path: Path) -> None:
    """A few hundred inputs keep all rules; the report says how many and how fast."""
    report = fuzz.run(400, seed=3, processes=1, save=tmp_path)
    assert (report["inputs"], report["failures"], report["saved"]) == (400, 0, [])
    assert report["rate"] > 0
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("path", sorted(fuzz.SEEDS.glob("*.json")), ids=lambda path: path.stem)
def test_seeds(path: Path) -> None:
    """What broke a rule once, and inputs chosen by hand, keep all rules."""
    msgspec.json.decode(path.read_bytes(), type=fuzz.Finding).rerun()


def test_a_fault_is_found_and_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A decoder that raises is a finding, and its seed file runs into the same fault."""

    def broken(*_: object) -> None:
        raise RuntimeError("a fault")

    monkeypatch.setattr(codec, "decode", broken)
    report = fuzz.run(5, seed=1, processes=1, save=tmp_path)
    assert report["failures"] == 5
    assert report["problems"] == ["RuntimeError: a fault"]
    finding = msgspec.json.decode(Path(report["saved"][0]).read_bytes(), type=fuzz.Finding)
    with pytest.raises(RuntimeError, match="a fault"):
        finding.rerun()
    monkeypatch.undo()
    finding.rerun()


def test_lost_bytes_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """A cutter that loses a piece breaks a rule."""

    class Losing(codec.Cutter):
        def feed(self, data: bytes) -> list:  # type: ignore[type-arg]
            return super().feed(data)[1:]

    monkeypatch.setattr(codec, "Cutter", Losing)
    with pytest.raises(fuzz.Failure):
        fuzz.check(b"junk" + fuzz.GOOD, [], Device())


def test_the_same_seed_gives_the_same_inputs() -> None:
    """A run can be repeated."""
    first, second = (fuzz.random.Random(5) for _ in range(2))
    streams = [fuzz.GOOD]
    assert [fuzz.mutate(first, streams) for _ in range(20)] == [
        fuzz.mutate(second, streams) for _ in range(20)
    ]


def test_the_command_prints_json() -> None:
    """One line of JSON, exit status 0 when nothing was found; time is a bound, too."""
    words = ["--inputs", "1000000", "--seconds", "0", "--processes", "1", "--json"]
    result = CliRunner().invoke(fuzz_command.main, words)
    assert result.exit_code == 0
    assert json.loads(result.output)["inputs"] == 0
