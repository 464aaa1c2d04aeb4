"""What a password must be, by the settings of the installation."""

import re

import pytest
from flask import Flask

from foundation.config import Settings
from schools import passwords


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return Settings(**{**settings.__dict__, "password_length": 10, "password_kinds": 3})


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("Kurz-1234", "密码至少要 10 个字符。"),
        ("nurkleinbuchstaben", "密码要含小写字母、大写字母、数字、其他字符中的 3 种。"),
        ("Password12345", "这个密码太容易猜到，请换一个。"),
        ("woaini20260901", "这个密码太容易猜到，请换一个。"),
        ("1qaz2wsx!@#123", "这个密码太容易猜到，请换一个。"),
        ("x" * 201, "密码最多 200 个字符。"),
        ("牡丹江 42 条 Fish", None),
    ],
)
def test_length_and_kinds_are_as_set(app: Flask, password: str, sentence: str | None) -> None:
    with app.test_request_context():
        assert passwords.fault_of_password(password, "王秀英", "1001") == sentence


def test_the_rules_are_told_in_words(app: Flask) -> None:
    with app.test_request_context():
        assert passwords.password_rules().startswith("至少 10 个字符")
        assert "3 种" in passwords.password_rules()


@pytest.mark.parametrize(("name", "value"), [("PASSWORD_KINDS", "5"), ("PASSWORD_KINDS", "0"), ("TWO_STEP", "always")])
def test_a_setting_that_makes_no_sense_is_refused_by_its_name(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name):
        Settings.from_environment({name: value})


def test_one_time_passwords_are_read_without_mistakes() -> None:
    drawn = {passwords.one_time_password() for _ in range(200)}
    assert len(drawn) == 200
    assert all(re.fullmatch(r"[a-z]{6}-[a-z]{6}-[2-9]{4}", each) for each in drawn)
    assert not set("ilo01") & set("".join(drawn))
