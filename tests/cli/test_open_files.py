"""hj212d/cli/open_files.py: workers and shares from limits, and clear refusals."""

import resource

import pytest

from hj212d.cli.open_files import RESERVE, TooManyLinks, plan, raise_limit


def test_defaults_leave_a_processor_to_the_hub() -> None:
    """Without numbers: one worker less than processors, each as many links as fit."""
    made = plan(workers=0, max_links=0, limit=1064, listeners=2, processors=4)
    assert (made.workers, made.share, made.links) == (3, 998, 3 * 998)
    assert plan(0, 0, 1064, 2, processors=1).workers == 1


def test_more_links_than_a_process_can_hold_make_more_workers() -> None:
    """36,000 links under a limit of 20,000 files need two workers on any machine."""
    made = plan(workers=0, max_links=36_000, limit=20_000, listeners=2, processors=2)
    assert (made.workers, made.links) == (2, 36_000)


def test_each_worker_may_hold_more_than_an_equal_share() -> None:
    """As many as it has files for, and never more than all together."""
    made = plan(workers=2, max_links=36_000, limit=20_000, listeners=1, processors=2)
    assert (made.share, made.links) == (20_000 - RESERVE - 1, 36_000)
    assert plan(workers=3, max_links=100, limit=20_000, listeners=1, processors=2).share == 100


def test_fewer_links_than_workers_leave_no_worker_idle() -> None:
    """A worker without a share would accept nobody."""
    assert plan(workers=8, max_links=2, limit=20_000, listeners=1, processors=9).workers == 2


@pytest.mark.parametrize(("workers", "max_links"), [(1, 36_000), (0, 5_000_000)])
def test_what_cannot_be_met_is_refused_with_both_numbers(workers: int, max_links: int) -> None:
    """The sentence names the links and the limit."""
    with pytest.raises(TooManyLinks, match=rf"{max_links}.*limit of open files is 20000"):
        plan(workers, max_links, limit=20_000, listeners=2, processors=2)


def test_too_many_addresses_are_refused() -> None:
    """Port ranges may need more sockets than there are descriptors."""
    with pytest.raises(TooManyLinks, match="500 listening addresses"):
        plan(0, 0, limit=512, listeners=500, processors=2)


def test_largest_share_fits() -> None:
    """At the edge: exactly what fits is accepted."""
    room = 20_000 - RESERVE - 1
    assert plan(1, room, 20_000, 1, 2).share == room


def test_soft_limit_is_raised_to_the_hard_one() -> None:
    """Descriptors are cheap: we take what we may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 512), hard))
        assert raise_limit() == hard
        assert resource.getrlimit(resource.RLIMIT_NOFILE) == (hard, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
