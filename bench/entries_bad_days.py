"""The benches of bad days: weather, crashes, long runs, streams of rubbish. Only a table.

Test: tests/bench/test_report.py.
"""

from __future__ import annotations

from bench.entry import Entry, Figure


def _crash(key: str, name: str, arguments: str, quick: str, note: str = "") -> Entry:
    return Entry(
        f"crash-{key}",
        "Acknowledged means durable, and stored once",
        f"crash {arguments}",
        f"crash {quick}",
        (
            Figure(f"{name}: blows", ("plan", "blows")),
            Figure(f"{name}: frames sent", ("frames_sent",)),
            Figure(f"{name}: acknowledged", ("frames_acked",)),
            Figure(f"{name}: stored", ("frames_stored",)),
            Figure(f"{name}: acknowledging again, mean", ("recovery_s", "mean"), "s"),
            Figure(f"{name}: acknowledging again, worst", ("recovery_s", "max"), "s"),
            Figure(f"{name}: answer, median", ("reply_ms", "p50"), "ms"),
            Figure(f"{name}: answer, 99 %", ("reply_ms", "p99"), "ms"),
        ),
        note=note,
        limit_s=1800.0,
    )


def _outage(key: str, what: str, arguments: str, quick: str) -> Entry:
    at = ("store_down",)
    return Entry(
        f"weather-{key}",
        "Bad weather",
        f"weather --case store_down {arguments}",
        f"weather --case store_down {quick}",
        (
            Figure(f"{what}: frames that waited", (*at, "frames_behind")),
            Figure(f"{what}: lag shown, at the most", (*at, "lag_greatest_s"), "s"),
            Figure(f"{what}: answer, median", (*at, "ack_ms", "p50"), "ms"),
            Figure(f"{what}: answer, 99 %", (*at, "ack_ms", "p99"), "ms"),
            Figure(f"{what}: caught up, against live", (*at, "catch_up_to_live"), "times"),
            Figure(f"{what}: hub memory, at the most", (*at, "hub_peak_mb"), "MB"),
            Figure(f"{what}: acknowledged", (*at, "acked"), "frames"),
            Figure(f"{what}: stored", (*at, "stored"), "frames"),
        ),
        limit_s=7200.0,
    )


_KILLS = (
    "A random process of the daemon (supervisor, hub, a listener, or all at once) is killed with "
    "-9 at a random moment; instruments send numbered frames, wait for their answer and send the "
    "same bytes again until they get one. Afterwards each acknowledged frame must be in the store "
    "exactly once, each stored frame must have been sent, bytes must be equal, each reading must "
    "stand once with its value, and a new frame must flow."
)
_TORN = "Half a block is left behind the durable mark, as a power cut would leave it."
_FLIPPED = (
    "One bit of a segment is turned while everything is dead; half of the time the hub is held up "
    "first, so that blocks wait unread. The run does not count which flips hit those; "
    "`tests/hub/test_ingest_faults.py` flips a bit in a block that is certainly unread."
)
_SPIN = {"sync": "group", "in_flight": 2048}

ENDURED = (
    _outage(
        "hour",
        "an hour at 2,000 frames/s",
        "--links 2000 --rate 2000 --backlog 7200000 --down 30",
        "--links 500 --rate 200 --backlog 20000 --fill-rate 5000 --down 5",
    ),
    _outage(
        "clickhouse",
        "ClickHouse down for a minute",
        "--store clickhouse-front --down 60",
        "--store clickhouse-front --links 500 --rate 200 --down 5",
    ),
    Entry(
        "weather-worker",
        "Bad weather",
        "weather --case worker_killed --links 36000 --rate 1200",
        "weather --case worker_killed --links 1000 --rate 1000",
        (
            Figure(
                "listener killed at 36,000 links: links it held",
                ("worker_killed", "links_of_the_killed"),
            ),
            Figure("listener killed: links lost", ("worker_killed", "links_lost")),
            Figure(
                "listener killed: all answered again after",
                ("worker_killed", "all_answered_again_s"),
                "s",
            ),
        ),
    ),
    Entry(
        "weather-links",
        "Bad weather",
        "weather --case bad_frames --case flood --case dead_store",
        "weather --case bad_frames --case flood --links 500 --rate 500 --seconds 5",
        (
            Figure(
                "a tenth bad: answer, 99 %, clean", ("bad_frames", "ack_ms", "clean", "p99"), "ms"
            ),
            Figure("a tenth bad: answer, 99 %", ("bad_frames", "ack_ms", "bad", "p99"), "ms"),
            Figure("a tenth bad: bad frames sent", ("bad_frames", "bad_sent")),
            Figure("a tenth bad: in quarantine", ("bad_frames", "bad")),
            Figure(
                "flood: the others' answer, 99 %, before",
                ("flood", "ack_ms", "clean", "p99"),
                "ms",
            ),
            Figure(
                "flood: the others' answer, 99 %, beside it",
                ("flood", "ack_ms", "flood", "p99"),
                "ms",
            ),
            Figure(
                "flood: read from the flooding link", ("flood", "flood_bytes_per_s"), "bytes/s"
            ),
        ),
    ),
    _crash(
        "kill",
        "kill -9",
        "--links 2000 --kills 50 --gap 4",
        "--links 200 --kills 5 --gap 1",
        _KILLS,
    ),
    _crash(
        "torn",
        "torn blocks",
        "--links 1000 --kills 15 --torn",
        "--links 200 --kills 2 --gap 1 --torn",
        _TORN,
    ),
    _crash(
        "flipped",
        "flipped bits",
        "--links 1000 --kills 15 --bitflip",
        "--links 200 --kills 2 --gap 1 --bitflip",
        _FLIPPED,
    ),
    _crash(
        "full",
        "full disk",
        "--links 100 --kills 6 --full",
        "--links 50 --kills 2 --gap 1 --full",
        "Needs root: mounts a small tmpfs.",
    ),
    _crash(
        "chdb",
        "kill -9, ClickHouse's engine",
        "--links 2000 --kills 30 --gap 4 --store chdb",
        "--links 200 --kills 5 --gap 1 --store chdb",
    ),
    _crash(
        "clickhouse",
        "kill -9, ClickHouse over HTTP",
        "--links 1000 --kills 20 --gap 4 --store clickhouse-front",
        "--links 200 --kills 5 --gap 1 --store clickhouse-front",
    ),
    _crash(
        "python",
        "kill -9, Python wire",
        "--links 2000 --kills 20 --gap 4 --codec python",
        "--links 200 --kills 5 --gap 1 --codec python",
    ),
    Entry(
        "soak",
        "Minutes, not seconds",
        "soak --links 5000 --interval 10 --minutes 16",
        "soak --links 500 --interval 5 --minutes 0.5",
        (
            Figure("links", ("links",)),
            Figure("lost", ("links_lost",)),
            Figure("frames sent", ("frames_sent",)),
            Figure("acknowledged", ("frames_acked",)),
            Figure("answer, median", ("reply_ms", "p50"), "ms"),
            Figure("answer, 99 %", ("reply_ms", "p99"), "ms"),
            Figure("listener's growth", ("growth_per_minute", "worker_kb"), "kB/min"),
            Figure("descriptors' growth", ("growth_per_minute", "fds"), "a minute"),
        ),
        limit_s=3600.0,
    ),
    Entry(
        "fuzz",
        "No stream stops us",
        "fuzz --inputs 10000000 --seed 20261121",
        "fuzz --inputs 20000 --seed 1",
        (
            Figure("inputs", ("inputs",)),
            Figure("failures", ("failures",)),
            Figure("took", ("seconds",), "s"),
        ),
        note="Each input is a mutated stretch of the corpus with a good frame behind it, cut and "
        "decoded whole and in random pieces. Nothing may raise, no byte may be lost or moved, and "
        "the good frame must come out. What breaks a rule is kept in `tests/wire/seeds/`.",
        limit_s=7200.0,
    ),
    Entry(
        "journal",
        "The journal",
        "journal",
        "journal --seconds 0.1",
        (
            Figure(
                "group, 1 in flight",
                ("write", {"sync": "group", "in_flight": 1}, "records_per_s"),
                "records/s",
            ),
            Figure(
                "group, 256 in flight",
                ("write", {"sync": "group", "in_flight": 256}, "records_per_s"),
                "records/s",
            ),
            Figure("group, 2,048 in flight", ("write", _SPIN, "records_per_s"), "records/s"),
            Figure(
                "group, 2,048 in flight, share of a bare loop of write and fdatasync",
                ("write", _SPIN, "ratio"),
            ),
            Figure(
                "always, 1 in flight",
                ("write", {"sync": "always", "in_flight": 1}, "records_per_s"),
                "records/s",
            ),
            Figure("read", ("read", "records_per_s"), "records/s"),
        ),
        note="Records of 300 bytes.",
    ),
)
