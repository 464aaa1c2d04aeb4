import logging
import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask, request
from flask.testing import FlaskClient

from app import create_app
from foundation import allow
from foundation.config import Settings
from schools.models import Person


def test_each_request_has_an_id_of_its_own(client: FlaskClient) -> None:
    first, second = (client.get("/healthz").headers["X-Request-ID"] for _ in range(2))
    assert re.fullmatch(r"[0-9a-f]{16}", first)
    assert first != second


def test_an_id_from_outside_is_not_believed(client: FlaskClient) -> None:
    answer = client.get("/healthz", headers={"X-Request-ID": "from-a-stranger"})
    assert answer.headers["X-Request-ID"] != "from-a-stranger"


def test_the_log_says_who_asked_for_what_and_nothing_secret(
    app: Flask, person: Person, signed_in: Callable[[Person], FlaskClient], caplog: pytest.LogCaptureFixture
) -> None:
    client = signed_in(person)
    with caplog.at_level(logging.INFO, "web.serving"):
        client.get("/plans?search=geheim")
    (record,) = [record for record in caplog.records if record.name == "web.serving"]
    fields = vars(record)
    assert (fields["method"], fields["path"], fields["person"]) == ("GET", "/plans", person.id)
    assert "geheim" not in str(fields)


class TestBehindOneProxy:
    """The proxy next to us is believed, those before it are not."""

    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        return replace(settings, trusted_proxies=1)

    @pytest.fixture
    def client(self, settings: Settings) -> FlaskClient:
        app = create_app(settings)

        @app.get("/seen")
        @allow.anyone
        def seen() -> dict[str, str | None]:
            return {"address": request.remote_addr, "url": request.url}

        return app.test_client()

    def test_address_scheme_and_host_are_those_of_the_browser(self, client: FlaskClient) -> None:
        headers = {
            "X-Forwarded-For": "10.6.6.6, 10.1.2.3",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "tongke.example",
        }
        assert client.get("/seen", headers=headers).json == {
            "address": "10.1.2.3",
            "url": "https://tongke.example/seen",
        }

    def test_a_sane_id_is_kept(self, client: FlaskClient) -> None:
        assert client.get("/seen", headers={"X-Request-ID": "abc-123.DEF_4"}).headers["X-Request-ID"] == "abc-123.DEF_4"

    @pytest.mark.parametrize("bad", ["short", "x" * 65, 'a"b=c d123', "日本語日本語日本語"])
    def test_any_other_id_is_replaced(self, client: FlaskClient, bad: str) -> None:
        headers = {"X-Request-ID": bad.encode().decode("latin-1")}
        assert re.fullmatch(r"[0-9a-f]{16}", client.get("/seen", headers=headers).headers["X-Request-ID"])


def test_without_a_proxy_forwarded_headers_are_not_believed(client: FlaskClient, app: Flask) -> None:
    with app.test_request_context(headers={"X-Forwarded-For": "10.6.6.6"}, environ_base={"REMOTE_ADDR": "127.0.0.1"}):
        assert request.remote_addr == "127.0.0.1"
