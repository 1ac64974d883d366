"""A ClickHouse server in bad weather, over real sockets: outages, slow answers, cut links, and
errors of its own. Each row is there once in the end, and each failure is one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from batches import NOON, batch, frame, sample
from clickhouse_front import Front

from store.open import open_store
from store.settings import StoreSettings
from store.timeseries import FrameQuery, SampleQuery, StoreUnavailable, TimeSeriesStore

PASSWORD = "geheim"
STATEMENTS = (
    "INSERT INTO progress",
    "INSERT INTO marks",
    "INSERT INTO late",
    "INSERT INTO frames",
    "INSERT INTO samples",
    "INSERT INTO devices",
    "INSERT INTO links",
    "INSERT INTO counts",
)


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    """A server for all tests of this file; each gets a database of its own."""
    opened = Front(tmp_path_factory.mktemp("engine"))
    yield opened
    opened.close()


@pytest.fixture
def store(front: Front, request: pytest.FixtureRequest) -> Iterator[TimeSeriesStore]:
    """A store on it; the weather is fine before and after."""
    opened = open_there(front, request.node.name)
    yield opened
    front.weather()
    opened.close()


def open_there(front: Front, database: str, timeout_s: float = 20.0) -> TimeSeriesStore:
    """A store in a database."""
    name = "".join(letter if letter.isalnum() else "_" for letter in database)
    url = f"clickhouse://default:{PASSWORD}@127.0.0.1:{front.port}/{name}"
    return open_store(url, StoreSettings(timeout_s=timeout_s))


def numbered(store: TimeSeriesStore, number: int) -> None:
    """Commit batch ``number``: two frames, one of them twice, with a sample each."""
    rows = [frame(number * 10 + at, raw=b"frame %d" % (number * 10 + at % 2)) for at in range(3)]
    one = frame(number * 10 + 1, data_time=NOON.replace(minute=number))
    rows[1] = one
    rows[2] = rows[0] | {"position": number * 10 + 2}
    values = [sample(row, float(number)) for row in rows]
    store.commit(
        batch(
            rows,
            values,
            links=[
                {
                    "at": NOON,
                    "lane": "0",
                    "position": number * 10 + 5,
                    "link": 1,
                    "event": "opened",
                    "mn": "",
                    "detail": "{}",
                }
            ],
            counts=[{"mn": "A", "what": "frames", "name": "", "n": 3}],
            cursors={"0": (number + 1) * 10},
            since={"0": number * 10},
        )
    )


def assert_once(store: TimeSeriesStore, batches: int) -> None:
    """Every row of so many batches stands once, and every count is right."""
    found = store.frames(FrameQuery())["position"].to_pylist()
    assert found == [n * 10 + at for n in range(batches) for at in range(2)]
    assert store.counts().to_pylist() == [
        {"mn": "A", "what": "duplicates", "name": "", "n": batches},
        {"mn": "A", "what": "frames", "name": "", "n": 3 * batches},
    ]
    samples = store.samples(SampleQuery("A", None))
    assert samples["rtd"].to_pylist() == [float(batches - 1), *map(float, range(1, batches))]
    assert store.totals()["frames"] == 2 * batches
    assert store.cursors() == {"0": batches * 10}
    assert store.planned() is None


@pytest.mark.parametrize(
    ("what", "statement"),
    [
        *(("after", statement) for statement in STATEMENTS),
        ("before", "INSERT INTO samples"),
        ("error", "INSERT INTO counts"),
    ],
)
def test_a_break_at_any_step_doubles_nothing(
    store: TimeSeriesStore, front: Front, what: str, statement: str
) -> None:
    """Whether the server did the work before the link broke or not: after the next try each row
    and each count is there once."""
    numbered(store, 0)
    front.weather(what, match=statement, code=241)
    with pytest.raises(StoreUnavailable) as told:
        numbered(store, 1)
    assert PASSWORD not in str(told.value)
    assert "\n" not in str(told.value)
    front.weather()
    assert store.cursors() == {"0": 10}
    assert store.planned() in (None, {"0": 20})
    numbered(store, 1)
    numbered(store, 2)
    assert_once(store, 3)


def test_a_batch_planned_and_interrupted_is_told_after_a_restart(
    store: TimeSeriesStore, front: Front, request: pytest.FixtureRequest
) -> None:
    """The rows are in, the cursor is not: another process learns which batch must come again, and
    even one of another size counts nothing twice."""
    numbered(store, 0)
    front.weather("error", match="INSERT INTO progress", skip=1, code=252)
    with pytest.raises(StoreUnavailable, match="too many parts"):
        numbered(store, 1)
    front.weather()
    again = open_there(front, request.node.name)
    assert again.cursors() == {"0": 10}
    assert again.planned() == {"0": 20}
    numbered(again, 1)
    assert_once(again, 2)
    again.close()


@pytest.mark.parametrize(
    ("code", "sentence"),
    [(241, "out of memory"), (242, "read-only replica"), (252, "too many parts"), (999, "Code")],
)
def test_what_the_server_says_becomes_a_sentence(
    store: TimeSeriesStore, front: Front, code: int, sentence: str
) -> None:
    """Errors of the server's state are no faults of ours."""
    store.cursors()
    front.weather("error", match="FROM", code=code, times=-1)
    with pytest.raises(StoreUnavailable, match=sentence):
        store.latest()


def test_our_own_mistakes_stay_what_they_are(store: TimeSeriesStore, front: Front) -> None:
    """A statement that is wrong is a fault to be seen, not weather."""
    store.cursors()
    front.weather("error", match="FROM samples", code=62)
    with pytest.raises(Exception, match="Code: 62") as caught:
        store.latest()
    assert not isinstance(caught.value, StoreUnavailable)


def test_an_answer_cut_in_the_middle_is_no_answer(store: TimeSeriesStore, front: Front) -> None:
    """Half a table is not taken for a whole one."""
    for number in range(3):
        numbered(store, number)
    front.weather("cut", match="FROM samples", times=-1)
    with pytest.raises(StoreUnavailable):
        store.samples(SampleQuery("A", None))
    front.weather()
    assert store.samples(SampleQuery("A", None)).num_rows == 3


def test_a_slow_server_is_left_after_a_while(front: Front, request: pytest.FixtureRequest) -> None:
    """No call waits longer than the settings say; what was asked is done again later."""
    store = open_there(front, request.node.name, timeout_s=1.0)
    numbered(store, 0)
    front.weather("slow", match="INSERT INTO samples")
    with pytest.raises(StoreUnavailable, match="no answer within 1 s"):
        numbered(store, 1)
    front.weather()
    numbered(store, 1)
    assert_once(store, 2)
    store.close()


def test_a_server_that_dies_and_comes_back(tmp_path: Path) -> None:
    """Killed in the middle of a batch, away for a while, back with what it had: nothing is lost
    of what was committed, nothing doubled of what comes again."""
    front = Front(tmp_path / "engine")
    store = open_there(front, "air")
    numbered(store, 0)
    front.weather("after", match="INSERT INTO samples")
    with pytest.raises(StoreUnavailable):
        numbered(store, 1)
    front.kill()
    for _ in range(2):
        with pytest.raises(StoreUnavailable, match="refused"):
            numbered(store, 1)
    front = Front(tmp_path / "engine", front.port)
    assert store.cursors() == {"0": 10}
    numbered(store, 1)
    numbered(store, 2)
    assert_once(store, 3)
    store.close()
    front.close()


def test_a_cluster_without_tables_says_what_to_do(front: Front) -> None:
    """On a cluster tables are not made in passing."""
    store = open_store(
        f"clickhouse://127.0.0.1:{front.port}/nothing_here?cluster=c", StoreSettings()
    )
    with pytest.raises(StoreUnavailable, match="hj212d store init"):
        store.cursors()
    store.close()
