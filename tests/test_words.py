"""Every sentence a person can read goes through gettext, and its English stands in a catalogue."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po
from jinja2 import Environment

ROOT = Path(__file__).resolve().parents[1]
PLATFORM = ROOT / "platform"
CATALOGUES = sorted(PLATFORM.glob("*/translations/en/LC_MESSAGES/messages.po"))
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "lazy_ngettext": (1, 2)}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%")
CHINESE = re.compile(r"[\u3400-\u9fff]")

Msgid = str | tuple[str, ...]


@cache
def said() -> dict[Msgid, str]:
    """Every msgid in the code and the templates, with one place where it stands."""
    found: dict[Msgid, str] = {}
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    options = {"**/templates/**.html": {"silent": "false"}}
    for file, line, message, *_ in extract_from_dir(PLATFORM, methods, options, KEYWORDS):
        found.setdefault(message if isinstance(message, str) else tuple(message), f"{file}:{line}")
    return found


@cache
def catalogue(file: Path) -> Catalog:
    with file.open("rb") as opened:
        return read_po(opened, locale="en", abort_invalid=True)


def entries() -> Iterator[tuple[Path, Message]]:
    for file in CATALOGUES:
        for entry in catalogue(file):
            if entry.id:
                yield file, entry


def _forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def test_every_sentence_has_its_english() -> None:
    translated = {entry.id for _, entry in entries() if all(_forms(entry.string))}
    missing = [f"{place}: {message}" for message, place in said().items() if message not in translated]
    assert not missing, "no English in any messages.po:\n" + "\n".join(sorted(missing))


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.relative_to(PLATFORM).parts[0])
def test_no_catalogue_has_entries_that_nothing_says(file: Path) -> None:
    unused = [entry.id for entry in catalogue(file) if entry.id and entry.id not in said()]
    assert not unused
    assert not list(catalogue(file).obsolete)


@pytest.mark.parametrize("file", CATALOGUES, ids=lambda file: file.relative_to(PLATFORM).parts[0])
def test_no_entry_is_a_guess(file: Path) -> None:
    assert [entry.id for entry in catalogue(file) if entry.id and entry.fuzzy] == []


def test_the_same_sentence_is_translated_in_one_way() -> None:
    seen: dict[Msgid, object] = {}
    differing = [entry.id for _, entry in entries() if seen.setdefault(entry.id, entry.string) != entry.string]
    assert not differing


def test_translations_keep_the_placeholders() -> None:
    wrong = []
    for file, entry in entries():
        wanted = {name for form in _forms(entry.id) for name in PLACEHOLDER.findall(form)}
        for form in _forms(entry.string):
            if set(PLACEHOLDER.findall(form)) - wanted or (
                isinstance(entry.id, str) and wanted - set(PLACEHOLDER.findall(form))
            ):
                wrong.append(f"{file}: {entry.id}")
    assert not wrong


@pytest.mark.parametrize(
    "file", sorted(PLATFORM.glob("*/templates/**/*.html")), ids=lambda file: str(file.relative_to(PLATFORM))
)
def test_templates_say_nothing_beside_gettext(file: Path) -> None:
    tokens = Environment(extensions=["jinja2.ext.i18n"]).lex(file.read_text(encoding="utf-8"))
    assert [(line, text) for line, kind, text in tokens if kind == "data" and CHINESE.search(text)] == []
