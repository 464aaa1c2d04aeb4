"""What everybody relies on without looking: doors are marked, layers hold, pages carry no scripts, settings are explained."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from foundation import allow, realtime
from foundation.config import ROOT, Settings
from lessons import sockets as lesson_sockets
from schools.models import Person

PLATFORM = ROOT / "platform"
TEMPLATES = sorted(PLATFORM.glob("*/templates/**/*.html"))
MODULES = sorted(PLATFORM.rglob("*.py"))


def _name(file: Path) -> str:
    return str(file.relative_to(ROOT))


def test_importing_the_application_opens_and_makes_nothing(tmp_path: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import app"
    environment = {**os.environ, "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=environment, check=True, timeout=60)
    assert list(tmp_path.iterdir()) == []


def test_each_package_imports_only_from_those_below_it() -> None:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    environment = {**os.environ, "PYTHONPATH": str(PLATFORM)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout


def test_every_page_says_who_may_come_in(app: Flask) -> None:
    rules = {name: allow.rule_of(view) for name, view in app.view_functions.items() if name != "static"}
    known = (allow.ANYONE, allow.SIGNED_IN, allow.PUPIL, allow.FIRST_VISIT)
    assert [name for name, rule in rules.items() if rule not in known] == []


def test_every_socket_event_says_who_may_send_it(app: Flask) -> None:
    server = realtime.create_server(app)
    lesson_sockets.register(server, app)
    events = {
        f"{namespace} {event}": handler
        for namespace, handlers in server.handlers.items()
        for event, handler in handlers.items()
    }
    assert events
    assert [event for event, handler in events.items() if not allow.rule_of(handler)] == []


def test_views_are_named_as_their_endpoints(app: Flask) -> None:
    assert [
        name
        for name, view in app.view_functions.items()
        if name != "static" and name.rpartition(".")[2] != view.__name__
    ] == []


def test_nothing_is_changed_by_following_a_link(app: Flask) -> None:
    """What changes something is asked for by POST, and looking never is; browsers PUT parts of a file, here as to S3."""
    for rule in app.url_map.iter_rules():
        methods = set(rule.methods or ()) - {"HEAD", "OPTIONS"}
        assert methods <= ({"PUT"} if rule.endpoint == "library.take_part" else {"GET", "POST"}), rule


POSTED_BY_PROGRAMS = frozenset({"notices.stop_mail"})
"""Mail programs post to the link that ends letters (RFC 8058); it does nothing but what its signature allows."""


def test_a_form_from_elsewhere_is_refused(
    app: Flask, person: Person, signed_in: Callable[[Person], FlaskClient]
) -> None:
    client = signed_in(person)
    app.config["WTF_CSRF_ENABLED"] = True
    taking = [rule for rule in app.url_map.iter_rules() if "POST" in (rule.methods or ())]
    taking = [rule for rule in taking if rule.endpoint not in POSTED_BY_PROGRAMS]
    assert taking
    with app.test_request_context():
        addresses = [app.url_for(rule.endpoint, **dict.fromkeys(rule.arguments, "1234567890")) for rule in taking]
    for address in addresses:
        assert client.post(address).status_code == 400, address


@pytest.mark.parametrize("file", TEMPLATES, ids=_name)
def test_templates_carry_no_scripts_and_no_styles(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    scripts = [tag for tag in re.findall(r"<script\b[^>]*>", text) if "src=" not in tag]
    assert [tag for tag in scripts if 'type="application/json"' not in tag] == []
    assert not re.search(r"<style\b|\son\w+\s*=\s*[\"']|javascript:", text)


@pytest.mark.parametrize("file", TEMPLATES, ids=_name)
def test_templates_escape_everything(file: Path) -> None:
    """HTML that is meant to stay so is made where it was cleaned (lessons.text.reading, library.previewing.markdown, web.shell)."""
    assert not re.search(r"\|\s*safe\b|autoescape", file.read_text(encoding="utf-8"))


def test_html_is_declared_clean_in_few_places_only() -> None:
    declaring = {_name(file) for file in MODULES if "Markup(" in file.read_text(encoding="utf-8")}
    assert declaring <= {
        "platform/lessons/text/reading.py",
        "platform/library/previewing/markdown.py",
        "platform/web/language.py",
        "platform/web/shell.py",
    }


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def _calls(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


@pytest.mark.parametrize("file", [file for file in MODULES if file.name == "models.py"], ids=_name)
def test_models_know_nothing_of_flask(file: Path) -> None:
    assert [name for name in _imports(file) if name.partition(".")[0] in ("flask", "flask_babel", "flask_wtf")] == []


@pytest.mark.parametrize(
    "file",
    [file for file in MODULES if file.stem in ("access", "forms", "models", "queries", "sockets", "views")],
    ids=_name,
)
def test_only_actions_commit(file: Path) -> None:
    assert "commit" not in set(_calls(file))


@pytest.mark.parametrize("file", MODULES, ids=_name)
def test_nobody_imports_the_application_or_platform_by_name(file: Path) -> None:
    assert [name for name in _imports(file) if name == "app" or name.split(".")[0] == "platform"] == []


def test_tests_lie_where_the_code_lies() -> None:
    """`tests/lessons/test_actions.py` tests `platform/lessons/actions.py`, or a subject of several modules of that package."""
    packages = {path.name for path in PLATFORM.iterdir() if (path / "__init__.py").is_file()}
    folders = {path.name for path in (ROOT / "tests").iterdir() if (path / "__init__.py").is_file()}
    assert folders - packages <= {"browser", "contracts"}


def test_a_block_of_the_style_sheets_has_one_home() -> None:
    """Two files that give one name a look change each other's pages unseen."""
    homes: dict[str, set[str]] = {}
    for file in (ROOT / "static" / "css").glob("*.scss"):
        for name in re.findall(r"^\.([a-z][\w-]*) \{", file.read_text(encoding="utf-8"), re.MULTILINE):
            homes.setdefault(name, set()).add(file.name)
    assert homes
    assert {name: files for name, files in homes.items() if len(files) > 1} == {}


def _settings_in_example() -> dict[str, str]:
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_every_setting_is_explained_with_its_default() -> None:
    plain: Callable[[Any], str] = lambda value: str(int(value)) if isinstance(value, bool) else str(value)
    assert _settings_in_example() == {field.name.upper(): plain(field.default) for field in fields(Settings)}


def test_the_example_settings_are_the_defaults() -> None:
    assert Settings.from_environment(_settings_in_example()) == Settings()


@pytest.mark.parametrize(
    "name", ["requirements.txt", "requirements-dev.txt", "requirements-node.txt", "package-lock.json"]
)
def test_pinned_versions_name_no_address_of_a_machine(name: str) -> None:
    text = (ROOT / name).read_text(encoding="utf-8")
    assert not re.search(r"file:|--find-links|index-url|\"resolved\"", text)
