"""Reading the configuration: what counts over what, and what is refused in which words."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hj212d.config.keys import environment_names, keys, sections
from hj212d.config.load import load, read
from hj212d.config.model import Config, ConfigError
from store.settings import StoreSettings

Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a configuration file and give its path."""

    def write_file(text: str) -> Path:
        path = tmp_path / "hj212d.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write_file


def refusal(path: Path | None, environ: dict[str, str] | None = None, **overrides: Any) -> str:
    """The sentence with which a configuration is refused, without the folder of the file."""
    with pytest.raises(ConfigError) as caught:
        load(path, environ or {}, overrides)
    return str(caught.value).replace(f"{path and path.parent}/", "")


def test_nothing_given_means_the_defaults() -> None:
    """No file, no variables: the defaults of the settings structs."""
    assert load(None, {}, {}) == Config()


def test_later_sources_count_over_earlier_ones(write: Write) -> None:
    """Default, then file, then environment, then command line; each origin is told."""
    path = write("[link]\nworkers = 2\nidle_timeout_s = 10\nbacklog = 5\n")
    environ = {"HJ212D_LINK_WORKERS": "3", "HJ212D_LINK_IDLE_TIMEOUT_S": "20", "PATH": "/bin"}
    loaded = read(path, environ, {"link.workers": 4, "hub.http": None})
    link = loaded.config.link
    assert (link.workers, link.idle_timeout_s, link.backlog) == (4, 20.0, 5)
    assert loaded.origins == {
        "link.workers": "command line",
        "link.idle_timeout_s": "environment",
        "link.backlog": "file",
    }


@pytest.mark.parametrize(
    ("variable", "text", "value"),
    [
        ("HJ212D_LINK_LISTEN", "127.0.0.1:1, [::1]:2", ["127.0.0.1:1", "[::1]:2"]),
        ("HJ212D_LINK_LISTEN", "[::1]:2,127.0.0.1:1", ["[::1]:2", "127.0.0.1:1"]),
        ("HJ212D_LINK_LISTEN", '["127.0.0.1:1"]', ["127.0.0.1:1"]),
        ("HJ212D_LINK_ANSWER_WITHOUT_FLAG", "yes", True),
        ("HJ212D_LINK_ANSWER_UNKNOWN_CN", "FALSE", False),
        ("HJ212D_LINK_BACKLOG", "7", 7),
        ("HJ212D_JOURNAL_RETAIN_DAYS", "0.5", 0.5),
        ("HJ212D_JOURNAL_SYNC", "always", "always"),
        ("HJ212D_STORE_URL", "", ""),
    ],
)
def test_a_variable_is_read_as_its_key_wants_it(variable: str, text: str, value: object) -> None:
    """Lists with commas or as JSON, truth as words, numbers as digits."""
    key = environment_names()[variable]
    config = load(None, {variable: text})
    assert getattr(getattr(config, key.section), key.name) == value


def test_variables_of_the_command_line_are_no_keys() -> None:
    """What says where to look is left to the command line, what names the codec to the wire."""
    others = {"HJ212D_DATA": "/d", "HJ212D_CONFIG": "/c", "HJ212D_CODEC": "python"}
    assert load(None, others) == Config()


@pytest.mark.parametrize("dotted", list(keys()))
def test_each_misspelt_key_is_refused_with_the_right_one(dotted: str, write: Write) -> None:
    """A key with a letter too many names the key that was meant, in every section."""
    section, name = dotted.split(".")
    header = f"[[{section}]]" if keys()[dotted].many else f"[{section}]"
    where = f"{header} number 1" if keys()[dotted].many else header
    assert refusal(write(f'{header}\n{name}x = "a"\n')) == (
        f"hj212d.toml: {where} has no key {name}x; did you mean {name}?"
    )


@pytest.mark.parametrize("variable", list(environment_names()))
def test_each_misspelt_variable_is_refused_with_the_right_one(variable: str) -> None:
    """The environment is as strict as the file."""
    assert refusal(None, {variable + "S": "1"}) == (
        f"environment: there is no key for {variable}S; did you mean {variable}?"
    )


@pytest.mark.parametrize("section", list(sections()))
def test_each_misspelt_section_is_refused_with_the_right_one(section: str, write: Write) -> None:
    """An unknown section is no silent comment."""
    wrong = section + "s"
    assert refusal(write(f"[{wrong}]\n")) == (
        f"hj212d.toml: there is no section [{wrong}]; did you mean {section}?"
    )


def test_a_name_that_is_near_to_nothing_gets_the_list(write: Write) -> None:
    """Where no name is near, all names are told."""
    names = StoreSettings.__struct_fields__
    assert refusal(write("[store]\nqqqqq = 1\n")) == (
        f"hj212d.toml: [store] has no key qqqqq; there is {', '.join(names[:-1])} and {names[-1]}"
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "[link]\nmax_segment_bytes = 10",
            "[link] max_segment_bytes = 10: "
            "expected a whole number of at least 1024 and at most 9999",
        ),
        ("[link]\nworkers = 1.5", "[link] workers = 1.5: expected a whole number"),
        ('[link]\nidle_timeout_s = "1"', '[link] idle_timeout_s = "1": expected a number above 0'),
        ("[link]\nidle_timeout_s = inf", "[link] idle_timeout_s = inf: expected a finite number"),
        ("[link]\nidle_timeout_s = nan", "[link] idle_timeout_s = nan: expected a number above 0"),
        ('[link]\nallow = "10.0.0.0/8"', '[link] allow = "10.0.0.0/8": expected a list of texts'),
        ("[link]\nlisten = [9212]", "[link] listen = [9212]: expected a list of texts"),
        ("[hub]\nhttp = 2026-01-01", '[hub] http = "2026-01-01": expected a text'),
        (
            "[link]\nanswer_unknown_cn = 1",
            "[link] answer_unknown_cn = 1: expected true or false",
        ),
        ('[journal]\nsync = "all"', '[journal] sync = "all": expected one of "always", "group"'),
        ("[[device]]\nname = 'x'", "[[device]] number 1 has no mn"),
        ("[[device]]\nmn = ''", '[[device]] number 1 mn = "": expected a text that is not empty'),
        (
            "[[device]]\nmn = 'A'\n[[device]]\nmn = 'B'\npassword = 123456",
            "[[device]] number 2 password = ***: expected a text",
        ),
        ("[device]\nmn = 'A'", "device is a section that may repeat, written [[device]]"),
        ("[[link]]\nworkers = 1", "link is a section, written [link]"),
        ("link = 1", "link is a section, written [link]"),
        ("[link\n", "not TOML: "),
    ],
)
def test_what_does_not_fit_is_refused_in_one_sentence(
    text: str, sentence: str, write: Write
) -> None:
    """File, section, key and value are named, and what was expected; a secret is not shown."""
    said = refusal(write(text))
    assert said.startswith(f"hj212d.toml: {sentence}")
    assert "\n" not in said


def test_a_bad_variable_is_named() -> None:
    """The sentence names the variable, not a file."""
    assert refusal(None, {"HJ212D_LINK_WORKERS": "many"}) == (
        'environment: HJ212D_LINK_WORKERS = "many": '
        "expected a whole number of at least 0 and at most 200"
    )


def test_a_bad_word_on_the_command_line_is_named() -> None:
    """The sentence names the command line; a key that does not exist is our own fault, and is
    refused all the same."""
    assert refusal(None, None, **{"link.workers": 201}).startswith(
        "command line: [link] workers = 201: expected"
    )
    assert refusal(None, None, **{"link.worker": 1}) == (
        "command line: no key link.worker; did you mean link.workers?"
    )


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    """Missing, a folder, or not UTF-8: one sentence each."""
    missing = tmp_path / "none.toml"
    assert refusal(missing) == "none.toml: No such file or directory"
    assert refusal(tmp_path).endswith(": Is a directory")
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b"[[device]]\nmn = 'A'\nname = '\xd6'\n")
    assert refusal(latin) == "latin.toml: not UTF-8 at byte 28"


def test_repeated_sections_keep_their_order(write: Write) -> None:
    """Devices and profiles come out as they stand in the file, Chinese names and all."""
    text = '[[device]]\nmn = "B"\nname = "污水"\n[[device]]\nmn = "A"\n[[profile]]\nname = "old"\n'
    config = load(write(text), {})
    assert [(device.mn, device.name) for device in config.devices] == [("B", "污水"), ("A", "")]
    assert [profile.name for profile in config.profiles] == ["old"]
