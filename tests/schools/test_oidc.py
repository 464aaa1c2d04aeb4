"""Signing in with an outside account by OpenID Connect, against a provider on this machine."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from joserfc import jwt
from joserfc.jwk import RSAKey
from sqlalchemy import select
from werkzeug import Request, Response
from werkzeug.serving import make_server

from app import create_app
from foundation.clock import now
from foundation.config import Settings
from foundation.database import db
from schools.models import AuditEntry, Person, SignIn
from tests.databases import on_both_databases
from tests.factories import make_person


class Provider:
    """Knows one account; what it says of it, and how, can be changed."""

    def __init__(self) -> None:
        self.claims: dict[str, Any] = {"sub": "u-1", "staff_number": "1001"}
        self.key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
        self.signing_key = self.key
        self.lies: dict[str, Any] = {}
        self.asked: dict[str, dict[str, str]] = {}
        self.server = make_server("127.0.0.1", 0, self.answer, threaded=True)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def answer(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        answers = {
            "/.well-known/openid-configuration": self.describe,
            "/jwks": lambda request: self.json({"keys": [self.key.as_dict(private=False)]}),
            "/authorize": self.authorize,
            "/token": self.token,
        }
        return answers[request.path](request)(environ, start_response)

    @staticmethod
    def json(said: Any, status: int = 200) -> Response:
        return Response(json.dumps(said), status, mimetype="application/json")

    def describe(self, request: Request) -> Response:
        return self.json(
            {
                "issuer": self.lies.get("issuer", self.issuer),
                "authorization_endpoint": f"{self.issuer}/authorize",
                "token_endpoint": f"{self.issuer}/token",
                "jwks_uri": f"{self.issuer}/jwks",
                "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
            }
        )

    def authorize(self, request: Request) -> Response:
        asked = request.args.to_dict()
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = secrets.token_urlsafe(8)
        self.asked[code] = asked
        return Response(status=302, headers={"Location": f"{asked['redirect_uri']}?code={code}&state={asked['state']}"})

    def token(self, request: Request) -> Response:
        asked = self.asked.pop(request.form["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(request.form["code_verifier"].encode()).digest())
        right = asked and challenge.rstrip(b"=").decode() == asked["code_challenge"]
        if not asked or not right or request.authorization is None or request.authorization.password != "s3cret":
            return self.json({"error": "invalid_grant"}, 400)
        present = int(time.time())
        claims = {"iss": self.issuer, "aud": "tongke", "iat": present, "exp": present + 60, "nonce": asked["nonce"]}
        claims |= self.claims | {name: value for name, value in self.lies.items() if name != "issuer"}
        signed = jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self.signing_key)
        return self.json({"access_token": "a", "token_type": "Bearer", "id_token": signed})


@pytest.fixture
def provider() -> Iterator[Provider]:
    provider = Provider()
    yield provider
    provider.stop()


@pytest.fixture
def settings(settings: Settings, provider: Provider) -> Settings:
    more = {
        "oidc_issuer": provider.issuer,
        "oidc_client_id": "tongke",
        "oidc_client_secret": "s3cret",
        "oidc_name": "县教育云",
    }
    return Settings(**{**settings.__dict__, **more})


@pytest.fixture
def wang(app: Flask) -> Person:
    return make_person(name="王秀英", staff_number="1001")


def come(client: FlaskClient, path: str = "/sign-in/account") -> Any:
    """Through the provider and back."""
    led = client.get(path)
    assert led.status_code == 302, led.text
    back = requests.get(led.location, allow_redirects=False, timeout=5).headers["Location"]
    parts = urlsplit(back)
    return client.get(f"{parts.path}?{parts.query}")


def is_in(client: FlaskClient) -> bool:
    return client.get("/account").status_code == 200


@on_both_databases
def test_an_account_finds_its_person_by_staff_number_then_by_itself(
    app: Flask, wang: Person, provider: Provider
) -> None:
    assert "用县教育云登录" in app.test_client().get("/sign-in").text
    client = app.test_client()
    answer = come(client, "/sign-in/account?next=/help")
    assert (answer.status_code, answer.location) == (303, "/help")
    assert is_in(client)
    db.session.refresh(wang)
    assert wang.oidc_subject == f"{provider.issuer} u-1"
    assert db.session.scalars(select(AuditEntry.action)).all() == ["account_linked"]
    wang.staff_number = "other"
    db.session.commit()
    again = app.test_client()
    come(again)
    assert is_in(again)


def test_an_account_without_its_person_is_told_what_to_do(app: Flask, wang: Person, provider: Provider) -> None:
    client = app.test_client()
    for claims, sentence in (
        ({"sub": "u-2", "staff_number": "9999"}, "这里没有工号为 9999 的老师"),
        ({"sub": "u-2"}, "没有给出您的工号"),
        ({"staff_number": "1001"}, "没有确认您的身份"),
    ):
        provider.claims = claims
        answer = come(client)
        assert (answer.status_code, sentence in answer.text) == (403, True), answer.text
        assert not is_in(client)
    assert db.session.scalars(select(Person)).all() == [wang]


def test_a_second_account_does_not_take_over_a_person(app: Flask, wang: Person, provider: Provider) -> None:
    come(app.test_client())
    provider.claims = {"sub": "u-2", "staff_number": "1001"}
    client = app.test_client()
    assert "已经关联了另一个账号" in come(client).text
    assert not is_in(client)


def test_who_has_left_does_not_come_in(app: Flask, wang: Person, provider: Provider) -> None:
    wang.left_at = now()
    client = app.test_client()
    assert "您的账号已停用" in come(client).text
    assert not is_in(client)


@pytest.mark.parametrize("lie", [{"nonce": "another"}, {"aud": "others"}, {"iss": "http://elsewhere"}, {"exp": 1}])
def test_a_token_that_is_not_for_this_sign_in_is_not_believed(
    app: Flask, wang: Person, provider: Provider, lie: dict[str, Any]
) -> None:
    provider.lies = lie
    client = app.test_client()
    assert come(client).status_code == 403
    assert not is_in(client)


def test_a_token_signed_by_somebody_else_is_not_believed(app: Flask, wang: Person, provider: Provider) -> None:
    provider.signing_key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"})
    client = app.test_client()
    assert come(client).status_code == 403
    assert not is_in(client)


def test_coming_back_without_having_been_sent_is_refused(app: Flask, wang: Person, provider: Provider) -> None:
    client = app.test_client()
    led = client.get("/sign-in/account")
    state = parse_qs(urlsplit(led.location).query)["state"][0]
    for query in ("code=x&state=y", "", f"code=x&state={state}", f"error=access_denied&state={state}"):
        answer = client.get(f"/sign-in/account/back?{query}")
        assert (answer.status_code, "没有确认您的身份" in answer.text) == (403, True), answer.text
    other = app.test_client().get(f"/sign-in/account/back?code=x&state={state}")
    assert other.status_code == 403


def test_a_provider_that_is_down_or_another_is_told(app: Flask, wang: Person, provider: Provider) -> None:
    provider.lies = {"issuer": "http://elsewhere"}
    answer = app.test_client().get("/sign-in/account")
    assert (answer.status_code, "现在连不上县教育云" in answer.text) == (502, True)


def test_a_provider_that_does_not_answer_is_told(app: Flask, wang: Person, provider: Provider) -> None:
    provider.stop()
    answer = app.test_client().get("/sign-in/account")
    assert (answer.status_code, "现在连不上县教育云" in answer.text) == (502, True)


def test_the_link_is_taken_away_by_its_person(
    app: Flask, wang: Person, provider: Provider, signed_in: Callable[[Person], FlaskClient]
) -> None:
    client = app.test_client()
    come(client)
    assert "您也可以用县教育云登录" in client.get("/account").text
    assert client.post("/account/outside/unlink").status_code == 303
    db.session.refresh(wang)
    assert wang.oidc_subject is None


def test_without_a_provider_there_is_no_such_page(settings: Settings, app: Flask, wang: Person) -> None:
    plain = create_app(Settings(**{**settings.__dict__, "oidc_issuer": ""}))
    plain.config.update(TESTING=True)
    client = plain.test_client()
    assert "县教育云" not in client.get("/sign-in").text
    assert client.get("/sign-in/account").status_code == 404
    assert client.get("/sign-in/account/back").status_code == 404


def test_signing_in_leaves_nothing_of_the_provider_in_the_cookie(app: Flask, wang: Person, provider: Provider) -> None:
    client = app.test_client()
    come(client)
    with client.session_transaction() as carried:
        assert not [name for name in carried if "provider" in name or "oidc" in name]
    assert db.session.scalars(select(SignIn)).one().person_id == wang.id
