"""Letters: written as plain text, sent by the mail server of `MAIL_URL`, or only noted in the log where there is none.

Only the worker sends. It opens one line to the server for several letters:

    with the_mailer(settings) as mailer:
        mailer.send(Letter(to="wang@example.cn", subject="…", text="…"))
"""

import logging
import re
import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid, parseaddr
from types import TracebackType
from typing import Final, Protocol, Self
from urllib.parse import parse_qs, unquote, urlsplit

from foundation.clock import now
from foundation.config import Settings

log = logging.getLogger(__name__)

SECONDS: Final = 15
"""How long a mail server may take for one answer."""
_PORTS: Final = {"smtp": 25, "smtps": 465}
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,63}\Z")


class NotSent(Exception):
    """The mail server could not be reached, or does not take letters from us at present."""


class Refused(Exception):
    """The mail server does not take this letter; `for_good`: it takes none to this address."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the mail server said {code}")
        self.for_good = code >= 500


@dataclass(frozen=True)
class Letter:
    """A letter to one address. `stop`: the page on which its reader can end such letters."""

    to: str
    subject: str
    text: str
    stop: str = ""


class Mailer(Protocol):
    """Sends letters while it is open."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def send(self, letter: Letter) -> None:
        """Raises NotSent, Refused."""


class ConsoleMailer:
    """Where no mail server is set up: the log says that there would have been a letter, not to whom."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """There is nothing to close."""

    def send(self, letter: Letter) -> None:
        """Notes it."""
        log.info("mail is not set up (MAIL_URL): a letter was not sent")


@dataclass(frozen=True)
class Server:
    """A mail server as `MAIL_URL` names it."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    encrypted: bool = False
    starttls: bool = False

    @classmethod
    def read(cls, url: str) -> Self:
        """`smtp://user:password@host:port?starttls=1`, or smtps:// for a line that is encrypted from its beginning. Raises ValueError."""
        parts = urlsplit(url)
        if parts.scheme not in _PORTS or not parts.hostname:
            raise ValueError("MAIL_URL does not name a mail server")
        starttls = parse_qs(parts.query).get("starttls", ["0"])[-1] in ("1", "true", "yes", "on")
        return cls(
            parts.hostname,
            parts.port or _PORTS[parts.scheme],
            unquote(parts.username or ""),
            unquote(parts.password or ""),
            parts.scheme == "smtps",
            starttls,
        )


class SmtpMailer:
    """Sends by a mail server; the line is opened with the first letter and closed at the end."""

    def __init__(self, server: Server, sender: str) -> None:
        self._server = server
        self._sender = sender
        self._line: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def send(self, letter: Letter) -> None:
        """Raises NotSent, Refused."""
        try:
            self._line = self._line or _called(self._server, domain_of(self._sender))
            self._line.send_message(written(letter, self._sender), parseaddr(self._sender)[1], [letter.to])
        except smtplib.SMTPRecipientsRefused as refusal:
            code, _ = next(iter(refusal.recipients.values()))
            raise Refused(code) from refusal
        except smtplib.SMTPDataError as refusal:
            raise Refused(451) from refusal  # of what it says, not of where it goes
        except (OSError, smtplib.SMTPException) as problem:
            raise NotSent(str(problem)) from problem


def _called(server: Server, own_name: str) -> smtplib.SMTP:
    """A line on which letters can be sent. Our own name is given: to look it up can take long."""
    if server.encrypted:
        line: smtplib.SMTP = smtplib.SMTP_SSL(
            server.host, server.port, own_name, timeout=SECONDS, context=ssl.create_default_context()
        )
    else:
        line = smtplib.SMTP(server.host, server.port, own_name, timeout=SECONDS)
    try:
        if server.starttls:
            line.starttls(context=ssl.create_default_context())
        if server.user:
            line.login(server.user, server.password)
    except BaseException:
        line.close()
        raise
    return line


def written(letter: Letter, sender: str) -> EmailMessage:
    """The letter as it travels: plain text, nothing that tells of its being read."""
    message = EmailMessage()
    message["From"] = sender
    message["To"] = letter.to
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(now())
    message["Message-ID"] = make_msgid(domain=domain_of(sender))
    message["Auto-Submitted"] = "auto-generated"
    if letter.stop:
        message["List-Unsubscribe"] = f"<{letter.stop}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(letter.text, cte="base64")
    return message


def domain_of(sender: str) -> str:
    """example.cn of `同课 <tongke@example.cn>`."""
    return parseaddr(sender)[1].rpartition("@")[2] or "localhost"


def is_address(text: str) -> bool:
    """Whether letters can be sent there, as far as its form goes."""
    return len(text) <= 200 and bool(_ADDRESS.match(text)) and ".." not in text


def is_set_up(settings: Settings) -> bool:
    """Whether the installation has a mail server."""
    return bool(settings.mail_url)


def the_mailer(settings: Settings) -> Mailer:
    """How this installation sends letters."""
    if not is_set_up(settings):
        return ConsoleMailer()
    return SmtpMailer(Server.read(settings.mail_url), settings.mail_from)
