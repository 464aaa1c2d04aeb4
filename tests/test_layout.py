"""The folder platform/ must stay a plain folder, or it hides Python's own module of that name."""

import importlib.metadata
import subprocess
import sys

import pytest

from foundation.config import ROOT

OURS = sorted(path.name for path in (ROOT / "platform").iterdir() if not path.name.startswith((".", "__pycache__")))


def test_platform_is_not_a_package() -> None:
    assert not (ROOT / "platform/__init__.py").exists(), "delete it: it hides Python's platform module"


def test_platform_is_still_pythons_own_module() -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r}); import app, platform; print(platform.system())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.stdout.strip(), done.stderr


@pytest.mark.parametrize("name", OURS)
def test_each_child_of_platform_is_a_package(name: str) -> None:
    assert (ROOT / "platform" / name / "__init__.py").is_file()


@pytest.mark.parametrize("name", OURS)
def test_no_child_of_platform_takes_a_name_already_in_use(name: str) -> None:
    assert name not in sys.stdlib_module_names
    assert not set(importlib.metadata.packages_distributions().get(name, [])) - {"tongke"}


def test_the_tests_are_one_package() -> None:
    assert (ROOT / "tests/__init__.py").is_file(), "without it tests/lessons can hide platform/lessons"
    folders = {file.parent for file in (ROOT / "tests").rglob("test_*.py")}
    assert not [folder for folder in folders if not (folder / "__init__.py").is_file()]
