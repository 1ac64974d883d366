"""What is said when compiled modules are missing or not in use."""

from __future__ import annotations

import pytest

from hj212d.cli import checks, compiled
from hj212d.wire import codec


def test_nothing_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """No notice, and the check is ok."""
    monkeypatch.setattr(compiled, "MODULES", ("hj212d.wire.codec",))
    monkeypatch.setattr(codec, "NAME", "compiled")
    assert compiled.notice() == ""
    assert checks.codec() == checks.Finding("ok", "codec", "compiled")


def test_modules_are_missing_for_want_of_a_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    """The modules and the packages that help are named."""
    monkeypatch.setattr(compiled, "MODULES", ("hj212d.wire._nowhere", "hj212d.wire.codec"))
    monkeypatch.setenv("CC", "no-such-compiler -O2")
    assert compiled.notice() == (
        "compiled modules are missing (_nowhere): all works, but several times slower; "
        "there is no C compiler no-such-compiler (Debian: apt-get install gcc python3-dev)"
    )
    assert checks.codec().state == "warn"


def test_headers_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """A compiler alone does not do."""
    monkeypatch.setattr(compiled, "MODULES", ("hj212d.wire._nowhere",))
    monkeypatch.setenv("CC", "true")
    monkeypatch.setattr(compiled.sysconfig, "get_path", lambda _: "/nowhere")
    assert "Python.h is not there" in compiled.notice()
    monkeypatch.setattr(compiled.sysconfig, "get_path", lambda _: "/usr/include")
    monkeypatch.setattr(compiled.Path, "exists", lambda _: True)
    assert "pip install -v" in compiled.notice()


def test_the_python_codec_was_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is said."""
    monkeypatch.setattr(compiled, "MODULES", ())
    monkeypatch.setattr(codec, "NAME", "python")
    monkeypatch.setattr(codec, "WHY_PYTHON", "HJ212D_CODEC=python asks for it")
    assert "HJ212D_CODEC=python asks for it" in compiled.notice()
