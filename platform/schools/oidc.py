"""Signing in with an account of another system by OpenID Connect: code flow with state, nonce and PKCE.

An account finds its person the first time by the staff number that the provider vouches for, afterwards by its own subject. Nobody
is made by it.
"""

import logging
from dataclasses import dataclass
from typing import Any, Final

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import current_app, session
from flask_babel import gettext
from joserfc.errors import JoseError
from sqlalchemy import select
from werkzeug.wrappers import Response

from foundation.clock import now
from foundation.config import Settings
from foundation.database import commit, db
from foundation.errors import NotFound, Refusal
from schools import audit
from schools.models import Person
from schools.staff import campus_of

log = logging.getLogger(__name__)

CLIENT: Final = "tongke.oidc"
NEXT: Final = "oidc_next"
SECONDS: Final = 10
SIGNED_BY_THE_PROVIDER: Final = (
    "RS256",
    "RS384",
    "RS512",
    "PS256",
    "PS384",
    "PS512",
    "ES256",
    "ES384",
    "ES512",
    "EdDSA",
)


class NotVouched(Refusal):
    """The provider did not say, or not so that we can believe it, who somebody is."""

    code = "not_vouched"


@dataclass(frozen=True)
class Account:
    """An account at the provider: its lasting name, and the staff number that the provider gives it."""

    subject: str
    staff_number: str


def name() -> str:
    """What the provider is called on the button; empty when there is none."""
    settings = _settings()
    if not settings.oidc_issuer or not settings.oidc_client_id:
        return ""
    return settings.oidc_name or gettext("统一身份认证")


def lead_to_provider(back: str, onward: str | None) -> Response:
    """Send the browser to the provider, who sends it to `back`; keeps where it wanted to go. Raises NotVouched."""
    client = _client()
    try:
        _look_up(client)
        answer: Response = client.authorize_redirect(back)
    except (requests.RequestException, ValueError, RuntimeError, AuthlibBaseError) as problem:
        raise _unreachable(problem) from problem
    session[NEXT] = onward or ""
    return answer


def account_from_provider() -> Account:
    """Who comes back from the provider in this request. Raises NotVouched."""
    client = _client()
    try:
        metadata = _look_up(client)
        token = client.authorize_access_token()
        claims: dict[str, Any] = token["userinfo"]
    except (requests.RequestException, RuntimeError) as problem:
        raise _unreachable(problem) from problem
    except (AuthlibBaseError, JoseError, ValueError, KeyError) as problem:
        log.warning("a sign-in by OpenID Connect was refused: %s", problem)
        raise NotVouched(
            gettext("%(name)s没有确认您的身份，或者登录中途停得太久。请再试一次。", name=name())
        ) from problem
    staff_number = str(claims.get(_settings().oidc_staff_number_claim) or "").strip()
    return Account(f"{metadata['issuer']} {claims['sub']}", staff_number)


def person_of(account: Account) -> Person:
    """The person whom an account belongs to; the first time it is linked by staff number. Raises NotVouched with what to do."""
    known = db.session.scalar(select(Person).where(Person.oidc_subject == account.subject))
    if known:
        return _still_here(known)
    if not account.staff_number:
        raise NotVouched(
            gettext("%(name)s没有给出您的工号，无法对应到老师。请先用密码登录，或联系管理员。", name=name())
        )
    person = db.session.scalar(select(Person).where(Person.staff_number == account.staff_number))
    if person is None:
        raise NotVouched(
            gettext("这里没有工号为 %(number)s 的老师。请联系管理员核对工号。", number=account.staff_number)
        )
    if person.oidc_subject:
        raise NotVouched(
            gettext(
                "工号 %(number)s 已经关联了另一个账号。请用密码登录后在“我的账号”里取消关联，或联系管理员。",
                number=account.staff_number,
            )
        )
    _still_here(person)
    person.oidc_subject = account.subject
    audit.record(person, "account_linked", "person", person, campus_id=campus_of(person))
    commit()
    return person


def unlink(person: Person) -> None:
    """Let `person` no longer sign in with the account of the provider."""
    person.oidc_subject = None
    audit.record(person, "account_unlinked", "person", person, campus_id=campus_of(person))
    commit()


def onward() -> str | None:
    """Where the browser wanted to go before it was sent to the provider."""
    kept: str = session.pop(NEXT, "")
    return kept or None


def _still_here(person: Person) -> Person:
    if person.left_at is not None and person.left_at <= now():
        raise NotVouched(gettext("您的账号已停用。如有疑问，请联系管理员。"))
    return person


def _client() -> Any:
    """The client, made when it is first asked for. Raises NotFound where no provider is set."""
    if not name():
        raise NotFound
    if CLIENT not in current_app.extensions:
        settings = _settings()
        current_app.extensions[CLIENT] = OAuth(current_app).register(
            "provider",
            client_id=settings.oidc_client_id,
            client_secret=settings.oidc_client_secret,
            server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid profile", "code_challenge_method": "S256", "default_timeout": SECONDS},
        )
    return current_app.extensions[CLIENT]


def _look_up(client: Any) -> dict[str, Any]:
    """What the provider says of itself, believed only where it names the issuer that is set, and signs with a key of its own."""
    metadata: dict[str, Any] = client.load_server_metadata()
    if str(metadata.get("issuer", "")).rstrip("/") != _settings().oidc_issuer.rstrip("/"):
        raise RuntimeError(f"the provider calls itself {metadata.get('issuer')!r}")
    offered = metadata.get("id_token_signing_alg_values_supported") or []
    metadata["id_token_signing_alg_values_supported"] = [
        each for each in offered if each in SIGNED_BY_THE_PROVIDER
    ] or ["RS256"]
    return metadata


def _unreachable(problem: Exception) -> NotVouched:
    log.warning("the OpenID Connect provider cannot be used: %s", problem)
    return NotVouched(gettext("现在连不上%(name)s，请稍后再试，或用密码登录。", name=name()))


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings
