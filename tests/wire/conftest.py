"""Both makes of the codec, for tests of what they must have in common."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench import twins


@pytest.fixture(scope="session")
def compiled() -> twins.Codec:
    """The compiled codec; the test is skipped where it was not built."""
    found = twins.compiled()
    if found is None:
        pytest.skip("the compiled codec is not built: pip install -e .")
    return found


@pytest.fixture(scope="module", params=["python", "compiled"])
def both_codecs(request: pytest.FixtureRequest) -> Iterator[None]:
    """hj212d.wire.codec is the Python one, and once more the compiled one."""
    chosen: twins.Codec = (
        twins.PYTHON if request.param == "python" else request.getfixturevalue("compiled")
    )
    with twins.in_use(chosen):
        yield
