"""Which compiled modules are there, and what it takes to have those that are not.

``python -m hj212d.cli.compiled`` prints a line when some are missing; the Makefile calls it behind
the installation. Tests: tests/cli/test_compiled_notice.py.
"""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from importlib.util import find_spec
from pathlib import Path

from hj212d.wire import codec

MODULES = (
    "hj212d.wire._plain",
    "hj212d.wire._cutter",
    "hj212d.wire._decode",
    "hj212d.journal._records",
    "hj212d.link._express",
    "hj212d.hub._columns",
    "hj212d.hub.forward._bales",
)


def notice() -> str:
    """One sentence when Python does what compiled modules could do; "" when none does."""
    missing = [name for name in MODULES if find_spec(name) is None]
    if missing:
        names = ", ".join(name.rpartition(".")[2] for name in missing)
        return (
            f"compiled modules are missing ({names}): all works, but several times slower; "
            f"{_remedy()}"
        )
    if codec.NAME == "python":
        return f"the Python codec is in use, several times slower: {codec.WHY_PYTHON}"
    return ""


def _remedy() -> str:
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler) is None:
        return f"there is no C compiler {compiler} (Debian: apt-get install gcc python3-dev)"
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        return "Python.h is not there (Debian: apt-get install python3-dev)"
    return "`pip install -v -e .` shows why"


if __name__ == "__main__":
    if text := notice():
        print(f"note: {text}", file=sys.stderr)
