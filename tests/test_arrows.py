"""Imports go one way: between rooms as docs/architecture.md says, within a room without circles.

Imports inside functions count, too; in circles those for types alone do not.
"""

from __future__ import annotations

import ast
import graphlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SETTINGS = {"config"}  # reads the `settings.py` of rooms that it may not import otherwise

MAY_IMPORT = {
    "wire": set(),
    "journal": set(),
    "link": {"wire", "journal"},
    "store": set(),
    "aqi": set(),
    "alerts": {"store", "aqi"},
    "admin": {"store", "aqi", "alerts"},
    "hub": {"wire", "journal", "store", "aqi", "alerts", "admin"},
    "config": {"wire", "store"},
    "cli": {"wire", "journal", "link", "hub", "config", "store", "aqi", "alerts", "admin"},
    "bench": {"wire", "journal", "link", "hub", "config", "cli", "store", "aqi", "alerts"},
}
ANYBODY = {"hj212d", "hj212d.unixpath"}  # files of no room: the version, paths of sockets


class Running(ast.NodeTransformer):
    """Leaves out what stands under `if TYPE_CHECKING:`."""

    def visit_If(self, node: ast.If) -> ast.AST | None:
        """All other conditions stay."""
        if isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            return None
        return self.generic_visit(node)


def files() -> dict[str, Path]:
    """Module -> its file, of all rooms."""
    found = {}
    for top in ("hj212d", "store", "aqi", "admin", "alerts", "bench"):
        for path in (ROOT / top).rglob("*.py"):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


FILES = files()


def room(module: str) -> str:
    """hj212d.hub.keys.desk: hub; store.open: store."""
    return module.removeprefix("hj212d.").partition(".")[0]


def imported(module: str, *, for_types: bool) -> set[str]:
    """The modules of ours that a module imports, wherever in it."""
    names: list[str] = []
    tree = ast.parse(FILES[module].read_bytes())
    if not for_types:
        tree = Running().visit(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names += [f"{node.module}.{alias.name}" for alias in node.names]
    found = set()
    for name in names:
        while name and name not in FILES:
            name = name.rpartition(".")[0]
        found.add(name)
    return found - {"", module}


def test_rooms_import_only_what_they_may() -> None:
    """A room that is below knows nothing of those above it."""
    wrong = [
        f"{module} imports {other}"
        for module in FILES
        for other in imported(module, for_types=True) - ANYBODY
        if room(other) != room(module)
        and room(other) not in MAY_IMPORT.get(room(module), set())
        and not (room(module) in SETTINGS and other.endswith(".settings"))
    ]
    assert sorted(wrong) == []


@pytest.mark.parametrize("name", MAY_IMPORT)
def test_no_circles_between_files(name: str) -> None:
    """Each file can be understood after those it imports."""
    inside = {
        module: {other for other in imported(module, for_types=False) if room(other) == name}
        for module in FILES
        if room(module) == name
    }
    assert inside
    graphlib.TopologicalSorter(inside).prepare()
