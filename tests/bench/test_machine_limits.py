"""What a machine must allow before many links are opened."""

from __future__ import annotations

import click
import pytest

from bench import limits


@pytest.mark.parametrize(
    ("links", "limit", "processors", "workers"),
    [
        (1000, 20_000, 2, 1),
        (19_000, 20_000, 2, 1),
        (19_000, 20_000, 8, 7),
        (36_000, 20_000, 2, 2),
        (60_000, 20_000, 2, 4),  # three would hold 59,805 in all
        (250_000, 20_000, 2, 14),
        (250_000, 1_048_576, 2, 1),
        (1000, 1024, 2, 2),
    ],
)
def test_as_many_listeners_as_the_links_need(
    links: int, limit: int, processors: int, workers: int
) -> None:
    """With room for what chance deals to one of them above the mean."""
    assert limits.workers_for(links, limit, processors) == workers


def test_too_many_links_are_refused() -> None:
    """The limit and the way to raise it are named."""
    with pytest.raises(click.UsageError, match=r"256 open files.*LimitNOFILE"):
        limits.workers_for(250_000, 256, 2)


def test_a_few_links_go_anywhere() -> None:
    """Nothing is in the way of 100 links."""
    assert limits.check(100) == []


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("fs/file-max", "50000", "72000 open files in all; fs.file-max is 50000"),
        ("net/ipv4/ip_local_port_range", "60000 60999", "10000 ports .* has 1000"),
    ],
)
def test_a_kernel_limit_is_told_before_the_start(
    monkeypatch: pytest.MonkeyPatch, name: str, text: str, message: str
) -> None:
    """By its name, with both numbers."""
    monkeypatch.setattr(limits, "LINKS_A_PROCESS", 1000)
    real = limits._kernel
    monkeypatch.setattr(limits, "_kernel", lambda asked: text if asked == name else real(asked))
    with pytest.raises(click.UsageError, match=message):
        limits.check(36_000)


def test_too_little_memory_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel's part of each link counts."""
    monkeypatch.setattr(limits, "LINK_BYTES", 1 << 40)
    with pytest.raises(click.UsageError, match="MiB are free"):
        limits.check(100)


def test_a_short_backlog_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    """It costs time in a storm, it does not prevent it."""
    real = limits._kernel
    monkeypatch.setattr(
        limits, "_kernel", lambda asked: "128" if asked.endswith("somaxconn") else real(asked)
    )
    assert any("somaxconn is 128" in each for each in limits.check(1000))
