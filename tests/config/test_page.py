"""docs/configuration.md is the page that the table of keys writes."""

from __future__ import annotations

from pathlib import Path

from hj212d.config.keys import keys
from hj212d.config.page import page
from hj212d.wire.tolerances import HELP

DOCS = Path(__file__).parents[2] / "docs" / "configuration.md"


def test_the_page_in_docs_is_not_stale() -> None:
    """Renew it with: hj212d config --docs > docs/configuration.md"""
    assert DOCS.read_text(encoding="utf-8") == page()


def test_the_page_names_every_key_and_every_tolerance() -> None:
    """A key or a switch that nobody can read about does not exist for its users."""
    text = page()
    missing = [key.dotted for key in keys().values() if f"| `{key.name}` |" not in text]
    missing += [one.labels[0] for one in HELP if f"| `{one.labels[0]}` |" not in text]
    assert missing == []
