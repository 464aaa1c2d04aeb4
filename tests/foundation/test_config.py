from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from foundation.config import Settings


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No `.env` of a developer counts."""
    monkeypatch.chdir(tmp_path)


def test_without_any_setting_everything_has_its_default() -> None:
    assert Settings.from_environment({}) == Settings()


def test_each_value_is_read_by_its_kind() -> None:
    given = Settings.from_environment({"PORT": "80", "DATA_DIR": "/srv/tongke", "SECURE_COOKIES": "yes", "HOST": "::1"})
    assert (given.port, given.data_dir, given.secure_cookies, given.host) == (80, Path("/srv/tongke"), True, "::1")


def test_the_environment_wins_over_the_file() -> None:
    Path(".env").write_text("# ours\nPORT=81\nHOST='10.1.2.3'\nLOG_LEVEL = DEBUG\n", encoding="utf-8")
    given = Settings.from_environment({"PORT": "82"})
    assert (given.port, given.host, given.log_level) == (82, "10.1.2.3", "DEBUG")


@pytest.mark.parametrize(("name", "value"), [("PORT", "eighty"), ("SESSION_DAYS", "-1"), ("DEMO", "maybe")])
def test_a_value_that_cannot_be_used_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        Settings.from_environment({name: value})


@pytest.mark.parametrize("short", ["postgres://a:b@host/name", "postgresql://a:b@host/name"])
def test_usual_addresses_of_postgresql_are_understood(short: str) -> None:
    assert Settings(database_url=short).database == "postgresql+psycopg://a:b@host/name"


def test_the_secret_is_made_once_and_kept_for_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path / "data")
    secret = settings.key()
    assert len(secret) == 64
    assert Settings(data_dir=tmp_path / "data").key() == secret
    assert (tmp_path / "data/secret_key").stat().st_mode & 0o077 == 0
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0


def test_processes_that_start_together_agree_on_the_secret(tmp_path: Path) -> None:
    with ThreadPoolExecutor(16) as pool:
        secrets = set(pool.map(lambda number: Settings(data_dir=tmp_path / "data").key(), range(64)))
    assert len(secrets) == 1
    assert [file.name for file in (tmp_path / "data").iterdir()] == ["secret_key"]
