import logging
import socket

import pytest

from foundation.config import Settings
from foundation.mail import ConsoleMailer, Letter, NotSent, Refused, Server, SmtpMailer, is_address, the_mailer
from tests.notices.letterbox import letterbox

SENDER = "同课 <tongke@school.cn>"


def test_several_letters_go_over_one_line_and_arrive_as_plain_text() -> None:
    with letterbox() as box:
        settings = Settings(mail_url=box.url, mail_from=SENDER, site_url="https://tongke.school.cn")
        with the_mailer(settings) as mailer:
            for name in ("wang", "li"):
                mailer.send(Letter(f"{name}@school.cn", "同课：两条新消息", "周一第2节调到周三。\n", "https://x/stop"))
    assert box.calls == 1
    first, second = box.letters
    assert (first["To"], second["To"]) == ("wang@school.cn", "li@school.cn")
    assert first["Subject"] == "同课：两条新消息"
    assert first["From"] == SENDER
    assert first["List-Unsubscribe"] == "<https://x/stop>"
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert first.get_content_type() == "text/plain"
    assert first.get_content() == "周一第2节调到周三。\n"


def test_an_unknown_address_is_told_from_a_server_that_does_not_answer() -> None:
    with letterbox() as box:
        box.unknown.add("nobody@school.cn")
        with SmtpMailer(Server.read(box.url), SENDER) as mailer:
            with pytest.raises(Refused) as refused:
                mailer.send(Letter("nobody@school.cn", "x", "x"))
            mailer.send(Letter("wang@school.cn", "x", "x"))
    assert refused.value.for_good
    assert len(box.letters) == 1
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with SmtpMailer(Server("127.0.0.1", port), SENDER) as mailer, pytest.raises(NotSent):
        mailer.send(Letter("wang@school.cn", "x", "x"))


def test_without_a_mail_server_the_log_says_so_and_names_nobody(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with the_mailer(Settings()) as mailer:
        assert isinstance(mailer, ConsoleMailer)
        mailer.send(Letter("wang@school.cn", "x", "x"))
    assert "mail is not set up" in caplog.text
    assert "wang" not in caplog.text


def test_the_address_of_a_server_says_how_to_speak_with_it() -> None:
    assert Server.read("smtp://mail") == Server("mail", 25)
    assert Server.read("smtps://a%40b.cn:p%3Aw@mail") == Server("mail", 465, "a@b.cn", "p:w", encrypted=True)
    assert Server.read("smtp://a:b@mail:587?starttls=1") == Server("mail", 587, "a", "b", starttls=True)


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("MAIL_URL", {"mail_url": "mail.school.cn", "mail_from": "a@b.cn", "site_url": "https://x"}),
        ("MAIL_FROM", {"mail_url": "smtp://mail"}),
        ("SITE_URL", {"site_url": "tongke.school.cn"}),
    ],
)
def test_settings_that_could_not_send_are_refused_at_the_start(name: str, given: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=name):
        Settings(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "good"),
    [("wang@school.cn", True), ("wang", False), ("a@b", False), ("a@b.cn\nBcc: c@d.cn", False), ("王@b.cn", False)],
)
def test_what_an_address_looks_like(text: str, good: bool) -> None:
    assert is_address(text) is good
