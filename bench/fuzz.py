"""Random and mutated bytes into the protocol room, with rules to keep.

Each input is a mutated stretch of the corpus with a good frame behind it, delivered whole and in
random cuts. What breaks a rule is saved as a seed file, and the seeds are run by the suite. The
same seed gives the same inputs. The command is fuzz_command.py. Tests: tests/wire/test_fuzz.py.
"""

from __future__ import annotations

import multiprocessing
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from bench import corpus
from hj212d.wire import build, codec
from hj212d.wire.frame import Cut, Device
from hj212d.wire.reasons import Reason
from hj212d.wire.tolerances import DEFAULT, HELP, Tolerance

SEEDS = corpus.FOLDER.parent / "seeds"
GOOD = build.frame(
    build.segment(
        qn="20260601120000123",
        st="22",
        cn="2011",
        pw="123456",
        mn="FUZZ0001",
        flag=9,
        cp="DataTime=20260601120000;a34004-Rtd=35,a34004-Flag=N",
    )
).removesuffix(b"\r\n")

MAX_SEGMENT_BYTES = 4096
_LONGEST_INPUT = 6000
_CHUNK = 500  # inputs between two looks at the clock
_MOST_FAILURES = 20

_ALL = Tolerance.of(label.name.lower() for label in HELP if label.name)
_DEVICES = tuple(
    Device(tolerances, keys)
    for tolerances in (DEFAULT, _ALL, Tolerance.NONE)
    for keys in ((), (b"0" * 16,))
)
_SEPARATORS = b"\r\n \0"
_TELLING = (b"##", b"&&", b"CP=&&", b"QN=", b"MN=", b"//", b"\r\n", b"{0x", b"=", b";", b",", b"-")


class Failure(Exception):
    """A rule was broken."""


def check(stream: bytes, sizes: Sequence[int], device: Device) -> list[Cut]:
    """Cut and decode ``stream`` + GOOD, whole and in pieces of ``sizes``, and see to the rules.

    The cuts. :class:`Failure` says which rule is broken; any other exception breaks the first.
    """
    data = stream + GOOD
    cutter = codec.Cutter(MAX_SEGMENT_BYTES, device.tolerances)
    cuts = cutter.feed(data)
    cuts += cutter.expire()
    if cutter.pending or cutter.feed(b"") or cutter.expire():
        raise Failure("expire() leaves something inside")
    _see_to_bytes(data, cuts)
    _see_to_good(cuts)
    if _deliver(data, sizes, device) != cuts:
        raise Failure("another delivery gives other cuts")
    for cut in cuts:
        frame = codec.decode(cut, device)
        if frame.raw is not cut.raw or (frame.ok and frame.repairs & ~device.tolerances):
            raise Failure("a good frame with a repair that is not allowed")
    return cuts


def _deliver(data: bytes, sizes: Sequence[int], device: Device) -> list[Cut]:
    cutter = codec.Cutter(MAX_SEGMENT_BYTES, device.tolerances)
    cuts: list[Cut] = []
    at = 0
    for size in sizes:
        cuts += cutter.feed(data[at : at + size])
        at += size
    return cuts + cutter.feed(data[at:]) + cutter.expire()


def _see_to_bytes(data: bytes, cuts: Sequence[Cut]) -> None:
    """No byte is lost, doubled or moved, but for separators between pieces."""
    at = 0
    for cut in cuts:
        end = cut.offset + len(cut.raw)
        skipped = data[at : cut.offset]
        if cut.offset < at or skipped.strip(_SEPARATORS) or data[cut.offset : end] != cut.raw:
            raise Failure("bytes are lost or moved")
        if not cut.raw or not 0 <= cut.start <= cut.end <= len(cut.raw):
            raise Failure("a cut without bytes, or with bounds outside of them")
        at = end
    if data[at:].strip(_SEPARATORS):
        raise Failure("bytes are lost at the end")


def _see_to_good(cuts: Sequence[Cut]) -> None:
    """The good frame at the end comes out, unless a whole frame around it has a fitting CRC."""
    last = cuts[-1]
    if last.reason is Reason.OK and last.raw.endswith(GOOD):
        return
    if last.reason is Reason.CRC_WRONG and last.repairs & Tolerance.CIPHER_AS_TEXT:
        return
    raise Failure(f"the good frame behind does not come out, but {last.reason.label}")


def mutate(rng: random.Random, streams: Sequence[bytes]) -> bytes:
    """One to three streams, each mutated up to four times; sometimes bytes from nowhere."""
    parts = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        alien = rng.random() < 0.04
        data = rng.randbytes(rng.randrange(80)) if alien else rng.choice(streams)
        for _ in range(rng.choice((0, 1, 1, 1, 2, 2, 4))):
            data = rng.choice(MUTATIONS)(rng, data, streams)
        parts.append(data)
    return b"".join(parts)[:_LONGEST_INPUT]


Mutation = Callable[[random.Random, bytes, Sequence[bytes]], bytes]


def _flip(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    if not data:
        return data
    at = rng.randrange(len(data))
    return b"%s%c%s" % (data[:at], data[at] ^ (1 << rng.randrange(8)), data[at + 1 :])


def _insert(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    new = rng.choice(_TELLING) if rng.random() < 0.7 else rng.randbytes(rng.randrange(1, 5))
    return data[:at] + new + data[at:]


def _delete(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    return data[:at] + data[at + rng.choice((1, 1, 2, 4, 20)) :]


def _truncate(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _duplicate(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    at = rng.randrange(len(data) + 1)
    end = at + rng.randrange(1, 40)
    return data[:end] + data[at:end] + data[end:]


def _splice(rng: random.Random, data: bytes, streams: Sequence[bytes]) -> bytes:
    other = rng.choice(streams)
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


def _length(rng: random.Random, data: bytes, _: Sequence[bytes]) -> bytes:
    """Other digits in a length field, near the true ones or far away."""
    at = data.find(b"##")
    if at < 0:
        return data
    digits = data[at + 2 : at + 6]
    if digits.isdigit() and rng.random() < 0.6:
        length = max(int(digits) + rng.choice((-9, -3, -2, -1, 1, 2, 3, 8, 100, 200)), 0)
    else:
        length = rng.randrange(10000)
    text = b"%d" if rng.random() < 0.1 else b"%04d"
    return data[: at + 2] + text % length + data[at + 6 :]


MUTATIONS: tuple[Mutation, ...] = (
    _flip,
    _flip,
    _insert,
    _delete,
    _truncate,
    _duplicate,
    _splice,
    _length,
)


def _sizes(rng: random.Random, total: int) -> list[int]:
    """Sizes of the pieces in which a stream is delivered; rarely byte by byte."""
    if rng.random() < 0.01:
        return [1] * total
    return [rng.randrange(1, total + 1) for _ in range(rng.choice((1, 2, 4)))]


class Finding(msgspec.Struct):
    """An input that broke a rule: what a seed file holds, as JSON."""

    problem: str
    stream: str  # hexadecimal
    sizes: list[int]
    tolerances: list[str]
    keys: list[str]

    @property
    def data(self) -> bytes:
        """The stream."""
        return bytes.fromhex(self.stream)

    @property
    def device(self) -> Device:
        """The device whose stream it is."""
        keys = tuple(bytes.fromhex(key) for key in self.keys)
        return Device(Tolerance.of(self.tolerances), keys)

    def rerun(self) -> None:
        """Run the input again; raises as :func:`check` does."""
        check(self.data, self.sizes, self.device)


class Done(NamedTuple):
    """What one process ran and found, and counts of what it looked at."""

    inputs: int
    findings: list[Finding]
    counts: dict[str, int]


def work(job: tuple[int, int, float | None]) -> Done:
    """One process's share."""
    return work_with(job, check, mutate)


def work_with(
    job: tuple[int, int, float | None],
    see_to: Callable[[bytes, Sequence[int], Device], object],
    make: Callable[[random.Random, Sequence[bytes]], bytes],
) -> Done:
    """One process's share of inputs by ``make``, on each of which ``see_to`` may raise. ``job``:
    seed, how many, seconds at most."""
    seed, inputs, seconds = job
    rng = random.Random(seed)
    streams = [case.stream for case in corpus.cases() if len(case.stream) < 2000]
    until = None if seconds is None else time.monotonic() + seconds
    findings: list[Finding] = []
    done = 0
    while done < inputs and len(findings) < _MOST_FAILURES:
        if until is not None and done % _CHUNK == 0 and time.monotonic() >= until:
            break
        stream = make(rng, streams)
        sizes = _sizes(rng, len(stream) + len(GOOD))
        device = _DEVICES[done % len(_DEVICES)]
        done += 1
        try:
            see_to(stream, sizes, device)
        except Exception as problem:  # noqa: BLE001 - any exception at all is a finding
            keys = [key.hex() for key in device.keys]
            text = f"{type(problem).__name__}: {problem}"
            findings.append(Finding(text, stream.hex(), sizes, device.tolerances.labels, keys))
    return Done(done, findings, {})


def run(
    inputs: int,
    seed: int,
    seconds: float | None = None,
    processes: int = 2,
    save: Path | None = SEEDS,
    share_of: Callable[[tuple[int, int, float | None]], Done] = work,
) -> dict[str, Any]:
    """Run ``inputs`` inputs, at most for ``seconds``, and save what breaks a rule.

    {"inputs", "seconds", "rate" (inputs a second), "failures", "problems", "saved", ...}.
    """
    began = time.monotonic()
    share, rest = divmod(inputs, processes)
    jobs = [
        (seed * 1000 + number, share + (number < rest), seconds) for number in range(processes)
    ]
    if processes == 1:
        results = [share_of(jobs[0])]
    else:
        with multiprocessing.get_context("spawn").Pool(processes) as pool:
            results = pool.map(share_of, jobs, chunksize=1)
    took = time.monotonic() - began
    done = sum(result.inputs for result in results)
    findings = [finding for result in results for finding in result.findings]
    counts: Counter[str] = Counter()
    for result in results:
        counts.update(result.counts)
    return {
        "inputs": done,
        "seconds": round(took, 2),
        "rate": round(done / took, 1) if took else 0.0,
        "seed": seed,
        "processes": processes,
        "codec": codec.NAME,
        **counts,
        "failures": len(findings),
        "problems": sorted({finding.problem for finding in findings}),
        "saved": [str(_save(finding, save)) for finding in findings] if save else [],
    }


def _save(finding: Finding, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    number = codec.crc(bytes.fromhex(finding.stream))
    path = folder / f"found-{number:04x}-{len(finding.stream) // 2}-{len(finding.sizes)}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(finding)) + b"\n")
    return path
