"""docs/configuration.md, written from the table of keys by ``hj212d config --docs``.

Tests: tests/config/test_page.py, which fails when the file is stale.
"""

from __future__ import annotations

from hj212d.config.keys import Key, Section, sections
from hj212d.config.values import show
from hj212d.wire.tolerances import DEFAULT, HELP

_HEAD = """\
# Configuration

This page is written by `hj212d config --docs > docs/configuration.md` from the table of keys in
the code (the `settings.py` of each room); change it there.

The file is TOML: `--config FILE`, else `$HJ212D_CONFIG`, else `DATA/hj212d.toml` when it exists.
Without a file every key has its default. What counts, the later over the earlier: default, file,
environment, command line. An unknown section, key or variable is refused with the nearest name.

* Environment: `HJ212D_LINK_IDLE_TIMEOUT_S=120`; lists with commas or as JSON
  (`HJ212D_LINK_LISTEN=:9212,:9213`), tables as JSON. `[[profile]]`, `[[device]]`, `[[site]]` and
  `[[forward]]` stand in the file only.
* `hj212d config --explain` shows every value in force and where it came from, secrets as `***`;
  `hj212d config --check` reads it all and says what is wrong.
* "reload": SIGHUP (`systemctl reload hj212d`) puts it in force. "restart": the next start does,
  and the reload says so in one line.
"""

_TOLERANCES = """\
## Tolerances

Names for `tolerate` and `refuse`. What is on by default is backed by a fitting CRC and whole
structure; the others weaken the one check there is and are switched on for a device or a port.

| Name | Default | Accepts |
|---|---|---|
"""


def page() -> str:
    """The whole page, Markdown."""
    parts = [_HEAD]
    parts += [_section(section) for section in sections().values()]
    rows = [
        f"| `{one.labels[0]}` | {'on' if one in DEFAULT else 'off'} | {text} |\n"
        for one, text in HELP.items()
    ]
    parts.append(_TOLERANCES + "".join(rows))
    return "\n".join(parts)


def _section(section: Section) -> str:
    title = f"[[{section.name}]]" if section.many else f"[{section.name}]"
    again = " May be repeated." if section.many else ""
    rows = "".join(_row(key) for key in section.keys.values())
    head = "| Key | Default | Unit | Expected | Apply | Meaning |\n|---|---|---|---|---|---|\n"
    return f"## {title}\n\n{section.help}{again}\n\n{head}{rows}"


def _row(key: Key) -> str:
    default = "required" if key.required else f"`{show(key, key.default)}`"
    secret = " Secret." if key.secret else ""
    cells = [f"`{key.name}`", default, key.unit, key.expected, key.apply, key.help + secret]
    return "| " + " | ".join(cells) + " |\n"
