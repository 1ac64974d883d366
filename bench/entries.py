"""The benches that show what must be reached, with their figures. Only a table.

Test: tests/bench/test_report.py.
"""

from __future__ import annotations

from bench.entry import Entry, Figure

KIB = 1 / 1024


def _held(links: int, must: int, aim: int, interval_s: int, minutes: int = 10) -> Entry:
    shown = f"{links:,}"
    return Entry(
        f"connect-{links}",
        "Links held",
        f"connect --links {links} --interval {interval_s} --minutes {minutes}",
        f"connect --links {min(links, 5000)} --interval {interval_s} --minutes 0.5",
        (
            Figure(
                f"links held for {minutes} minutes, {shown} opened",
                ("least_links_in_status",),
                "links",
                must,
                aim,
                more=True,
            ),
            Figure("lost", ("lost",), "links"),
            Figure("answer, median", ("ack_ms", "p50"), "ms"),
            Figure("answer, 99 %", ("ack_ms", "p99"), "ms"),
            Figure("CPU of all processes, share of a core", ("cpu", "all")),
            Figure("listeners, a link", ("link_bytes_at_end", "listeners"), "bytes"),
            Figure(
                "kernel, both ends, a link", ("link_bytes_at_end", "kernel_both_ends"), "bytes"
            ),
        ),
        limit_s=1800.0,
    )


def _steady(rate: int, must_ms: tuple[float, float], aim_ms: tuple[float, float]) -> Entry:
    shown = f"36,000 links, {rate:,} frames/s"
    must_cpu, aim_cpu = (0.35, 0.18) if rate == 1200 else (None, None)
    return Entry(
        f"steady-{rate}",
        "Answers at a steady rate",
        f"steady --links 36000 --rate {rate} --seconds 60",
        f"steady --links 2000 --rate {rate // 10} --seconds 10",
        (
            Figure(f"answer, median: {shown}", ("ack_ms", "p50"), "ms", must_ms[0], aim_ms[0]),
            Figure(f"answer, 99 %: {shown}", ("ack_ms", "p99"), "ms", must_ms[1], aim_ms[1]),
            Figure(
                f"CPU of all processes, share of a core: {shown}",
                ("cpu", "all"),
                "",
                must_cpu,
                aim_cpu,
            ),
            Figure("answered", ("frames_per_s",), "frames/s"),
            Figure("the generator itself was late, 99 %", ("generator_late_ms", "p99"), "ms"),
        ),
        note="Latency counts from the moment on the schedule, not from the sending.",
    )


def _pace(journal: str, must: float, aim: float) -> Entry:
    durable = "group commit" if journal == "group" else "journal in memory"
    return Entry(
        f"pace-{journal}",
        "Closed loop against the least server in C",
        f"pace --links 1000 --journal {journal}",
        f"pace --links 200 --journal {journal} --seconds 2 --rounds 2",
        (
            Figure(
                f"frames a second of a core, share of the C yardstick: {durable}",
                ("ratio_per_cpu",),
                "",
                must,
                aim,
                more=True,
            ),
            Figure("share of its frames a second", ("ratio_per_s",)),
        ),
        note="Cut, CRC, parse, journal and answer. The yardstick (bench/native/yardstick.c) cuts, "
        "checks the CRC and answers; a null sink shows what the generator can.",
    )


def _stored(engine: str, name: str, must: float, aim: float) -> Entry:
    def asked(span: str, must_ms: float, aim_ms: float) -> Figure:
        return Figure(
            f"{name}: one station, one factor, {span}, beside a writer",
            ("results", 0, "queries", f"{span}, values", "median_ms"),
            "ms",
            must_ms,
            aim_ms,
        )

    return Entry(
        f"store-{engine}",
        "Store: room and queries",
        f"store --engine {engine}",
        f"store --engine {engine} --stations 5 --days 3 --batches 1",
        (
            Figure(
                f"{name}: disk per value, 30 days of minutes",
                ("results", 0, "fill", "bytes_per_value"),
                "bytes",
                must,
                aim,
            ),
            asked("24 h", 30, 10),
            asked("30 days", 60, 20),
            Figure(f"{name}: values", ("results", 0, "fill", "values")),
            Figure(
                f"{name}: values committed", ("results", 0, "fill", "commit_values_per_s"), "/s"
            ),
        ),
        limit_s=3600.0,
    )


_COLUMNS = {"workload": "12 factors", "step": "block to columns", "codec": "compiled"}

REACHED = (
    _held(36_000, 36_000, 36_000, 30),
    _held(60_000, 60_000, 60_000, 60),
    _held(250_000, 60_000, 250_000, 60, minutes=3),
    Entry(
        "memory",
        "Links held",
        "memory --links 36000",
        "memory --links 2000 --seconds 5",
        (
            Figure(
                "user memory of the listeners, an idle link",
                ("bytes_a_link", "idle", "listeners"),
                "KiB",
                3.5,
                2.3,
                scale=KIB,
            ),
            Figure("hub, an idle link", ("bytes_a_link", "idle", "hub"), "KiB", scale=KIB),
        ),
    ),
    Entry(
        "burst",
        "Many at once",
        "burst --links 36000 --frames 100000",
        "burst --links 2000 --frames 20000",
        (
            Figure(
                "100,000 frames of 12 values at once on 36,000 links: first byte to last row in "
                "a query",
                ("last_row_queryable_s",),
                "s",
                10,
                3,
            ),
            Figure("first byte to last answer", ("last_ack_s",), "s"),
        ),
    ),
    Entry(
        "storm",
        "Many at once",
        "storm --links 36000",
        "storm --links 2000",
        (
            Figure(
                "36,000 links reconnect at once: all answered again",
                ("all_answered_s",),
                "s",
                10,
                3,
            ),
            Figure("knocked again", ("tried_again",), "times"),
        ),
    ),
    _pace("memory", 0.75, 0.9),
    _pace("group", 0.6, 0.75),
    _steady(1200, (5, 25), (1, 5)),
    _steady(20_000, (10, 100), (2, 40)),
    Entry(
        "codec",
        "The wire",
        "codec",
        "codec --frames 1000 --seconds 0.2",
        (
            Figure(
                "frame to typed columns, times the Python twin",
                ("results", _COLUMNS, "ratio"),
                "times",
                8,
                20,
                more=True,
            ),
            Figure("frame to typed columns", ("results", _COLUMNS, "ns_per_frame"), "ns"),
        ),
    ),
    Entry(
        "ingest",
        "Ingest",
        "ingest",
        "ingest --frames 20000 --rounds 1",
        (
            Figure(
                "journal to DuckDB, share of its own bulk load from Arrow",
                ("engines", "duckdb", "ratio"),
                "",
                0.5,
                0.8,
                more=True,
            ),
            Figure(
                "journal to ClickHouse's engine, share of its own bulk load from Arrow",
                ("engines", "chdb", "ratio"),
                "",
                0.5,
                0.8,
                more=True,
            ),
            Figure("DuckDB, ingest", ("engines", "duckdb", "ingest_rows_per_s"), "rows/s"),
            Figure(
                "ClickHouse's engine, ingest", ("engines", "chdb", "ingest_rows_per_s"), "rows/s"
            ),
            Figure("DuckDB, memory of the process", ("engines", "duckdb", "ingest_peak_mb"), "MB"),
            Figure(
                "ClickHouse's engine, memory of the process",
                ("engines", "chdb", "ingest_peak_mb"),
                "MB",
            ),
        ),
        note="From the journal's first byte to closed files: read, decode, columns, duplicates, "
        "commits. The bulk load has its rows ready in memory, one insert a table.",
    ),
    Entry(
        "forward",
        "Forwarders",
        "forward",
        "forward --frames 20000 --rounds 1",
        (
            Figure(
                "journal to a superior platform, each frame acknowledged: share of a plain TCP "
                "copy's frames a second",
                ("answer", "ratio"),
                "",
                0.5,
                0.8,
                more=True,
            ),
            Figure("the same by the processor's time", ("answer", "ratio_cpu")),
            Figure("share of a copy from a file", ("answer", "ratio_file")),
            Figure("the same by the processor's time", ("answer", "ratio_cpu_file")),
            Figure("without acknowledgements: share of the TCP copy", ("silent", "ratio")),
            Figure("each frame acknowledged", ("answer", "forward_frames_per_s"), "frames/s"),
            Figure("the TCP copy", ("answer", "relay_frames_per_s"), "frames/s"),
            Figure("the copy from a file", ("answer", "file_frames_per_s"), "frames/s"),
            Figure("processor time", ("answer", "forward_cpu_us_a_frame"), "us a frame"),
            Figure("the TCP copy", ("answer", "relay_cpu_us_a_frame"), "us a frame"),
        ),
        note="The TCP copy (bench/native/relay.c) gets the same frames on one connection and "
        "writes them to another, and the answers back, as socat does, with buffers of 64 KiB "
        "(socat's are 8 KiB); the stricter copy reads them from a file and throws the answers "
        "away. The one under test runs on one processor; the sink, which cuts, checks and "
        "answers, on the other, together with the feeder of the TCP copy. "
        "The forwarder reads the journal, filters, looks for doubles, matches the answers and "
        "keeps its place, with the usual window of 8192 frames.",
    ),
    Entry(
        "forwards",
        "Forwarders",
        "forwards",
        "forwards --frames 3000 --links 50 --kills 2",
        (
            Figure("a steady, a dead and a flapping target: frames", ("frames",)),
            Figure("kills of the hub", ("kills",)),
            Figure("dead for", ("outage_s",), "s"),
            Figure("steady: frames it must get", ("targets", "steady", "expected")),
            Figure("steady: missing", ("targets", "steady", "missing")),
            Figure("steady: out of order", ("targets", "steady", "out_of_order")),
            Figure("steady: came twice", ("targets", "steady", "doubled")),
            Figure("dead: frames it must get", ("targets", "dead", "expected")),
            Figure("dead: missing", ("targets", "dead", "missing")),
            Figure("dead: out of order", ("targets", "dead", "out_of_order")),
            Figure("dead: came twice", ("targets", "dead", "doubled")),
            Figure("flapping: frames it must get", ("targets", "flapping", "expected")),
            Figure("flapping: missing", ("targets", "flapping", "missing")),
            Figure("flapping: out of order", ("targets", "flapping", "out_of_order")),
            Figure("flapping: came twice", ("targets", "flapping", "doubled")),
            Figure("flapping: connections", ("targets", "flapping", "connections")),
        ),
        note="Numbered frames through real links, SIGKILL to the hub at random moments. Each "
        "target must get exactly the frames of its filter, byte for byte, those of an MN in "
        "order. What was on its way when a connection broke or the hub was killed comes twice; "
        "window_frames is 256.",
    ),
    Entry(
        "commanding",
        "Commands",
        "commanding",
        "commanding --links 100 --rate 100 --instruments 100 --seconds 2",
        (
            Figure("2,000 instruments asked at once: commands ended", ("commands_per_s",), "/s"),
            Figure("processor time of the hub", ("hub_ms_a_command",), "ms a command"),
            Figure("sent again", ("sent_again",)),
            Figure("answer beside 1,200 frames/s, median", ("ack_ms", "beside", "p50"), "ms"),
            Figure("answer, 99 %", ("ack_ms", "beside", "p99"), "ms"),
            Figure("the same without commands, median", ("ack_ms", "alone", "p50"), "ms"),
            Figure("answer, 99 %, without commands", ("ack_ms", "alone", "p99"), "ms"),
        ),
        note="2,000 other links report meanwhile. A command is a durable record before it is "
        "sent; it has ended when 9011, data and 9012 are in the journal and read from there.",
    ),
    Entry(
        "aqi",
        "Judging",
        "aqi",
        "aqi --stations 200 --hours 1000",
        (
            Figure("105 million hourly values: AQI, level and primary", ("judged_s",), "s"),
            Figure("times a plain NumPy pass", ("ratio_to_plain_pass",)),
            Figure("times np.interp and ceil in floating point", ("ratio_to_interpolation",)),
            Figure("values judged", ("values_per_s",), "/s"),
        ),
        note="A year of hours of 2,000 stations, six pollutants, in memory; one thread. The plain "
        "pass is the sum of each array and a comparison with 100.",
    ),
    Entry(
        "rollup",
        "Means",
        "rollup",
        "rollup --stations 1000 --passes 3 --day-stations 50 --late-stations 5",
        (
            Figure("an hour of 36,000 stations: wall clock", ("hour", "wall_s"), "s", 600, 60),
            Figure(
                "an hour of 36,000 stations: processor time, share of a core of that hour",
                ("hour", "share_of_a_core"),
                "",
                0.1,
                0.01,
            ),
            Figure("memory above what was held", ("hour", "peak_mib"), "MiB", 1500, 500),
            Figure("values rolled up", ("hour", "values_per_cpu_s"), "/s of a core"),
            Figure(
                "1,200 frames/s of which 0.5 % are late by an hour or a day: share of a core",
                ("steady", "share_of_a_core"),
                "",
                0.1,
                0.03,
            ),
            Figure("the longest pass", ("steady", "longest_s"), "s", 30, 5),
            *(
                Figure(label.format(day), ("late", name, *path), unit, must, aim)
                for name, day in (("open", "an open day"), ("closed", "a closed day"))
                for label, path, unit, must, aim in (
                    ("{} of 100 of 2,000 stations late", ("few", "cpu_s"), "s", None, None),
                    ("{} of all 2,000 anew", ("whole", "cpu_s"), "s", None, None),
                    (
                        "{}: cost of 5 % of the stations, share of the cost of all",
                        ("share_of_cost",),
                        "",
                        0.25,
                        0.1,
                    ),
                )
            ),
        ),
        note="Real-time values of eight factors in DuckDB, each 30 s (the days: each minute), "
        "written by SQL and made into hours and days as the hub does it. Processor time is that "
        "of all threads.",
        limit_s=1800.0,
    ),
    _stored("duckdb", "DuckDB", 5, 3),
    _stored("clickhouse", "ClickHouse", 2.5, 1.6),
)
