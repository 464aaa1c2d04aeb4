"""Settings: every value, its default, and its name in the environment. `.env.example` explains each."""

import os
import secrets
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, fields
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VERSION = "0.1.0"
LEAST_AUDIT_DAYS = 183


@dataclass(frozen=True)
class Settings:
    """The settings of one installation. Every field is read from the environment by its name in upper case."""

    host: str = "127.0.0.1"
    port: int = 8000
    data_dir: Path = Path("data")
    secret_key: str = ""
    database_url: str = ""
    log_level: str = "INFO"
    trusted_proxies: int = 0
    secure_cookies: bool = False
    session_days: int = 14
    password_length: int = 8
    password_kinds: int = 1
    two_step: str = "offered"
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_name: str = ""
    oidc_staff_number_claim: str = "staff_number"
    recycle_days: int = 90
    audit_days: int = 400
    recording_days: int = 365
    upload_megabytes: int = 20
    file_megabytes: int = 2048
    campus_gigabytes: int = 200
    import_rows: int = 60_000
    import_seconds: int = 60
    storage_bucket: str = ""
    storage_endpoint: str = ""
    storage_public_endpoint: str = ""
    storage_bucket_in_host: bool = False
    storage_region: str = "us-east-1"
    storage_key: str = ""
    storage_secret: str = ""
    mail_url: str = ""
    mail_from: str = ""
    site_url: str = ""
    mesh_ends: int = 4
    janus_url: str = ""
    janus_secret: str = ""
    janus_address: str = ""
    janus_ports: str = "20000-20999"
    turn_url: str = ""
    turn_secret: str = ""
    page_size: int = 30
    backup_dir: str = ""
    backup_keep: int = 14
    demo: bool = False

    def __post_init__(self) -> None:
        if self.audit_days < LEAST_AUDIT_DAYS:
            raise ValueError(
                f"AUDIT_DAYS must be {LEAST_AUDIT_DAYS} or more, not {self.audit_days}: what was done is kept for half a year"
            )
        if self.two_step not in ("offered", "required"):
            raise ValueError(f"TWO_STEP must be offered or required, not {self.two_step!r}")
        if self.password_kinds not in range(1, 5):
            raise ValueError(f"PASSWORD_KINDS must be a number from 1 to 4, not {self.password_kinds}")

        if self.mail_url and not self.mail_url.startswith(("smtp://", "smtps://")):
            raise ValueError("MAIL_URL must look like smtp://user:password@host:587?starttls=1 or smtps://…")
        if self.mail_url and not (self.mail_from and self.site_url):
            raise ValueError(
                "MAIL_URL needs MAIL_FROM, from whom letters come, and SITE_URL, to which their links lead"
            )
        if self.site_url and not self.site_url.startswith(("http://", "https://")):
            raise ValueError(f"SITE_URL must begin with https:// or http://, not {self.site_url!r}")

    @property
    def database(self) -> str:
        """The database's address as SQLAlchemy wants it: SQLite in the data folder unless set otherwise."""
        if not self.database_url:
            return f"sqlite:///{self.data_dir.resolve() / 'tongke.sqlite3'}"
        for short in ("postgres://", "postgresql://"):
            if self.database_url.startswith(short):
                return "postgresql+psycopg://" + self.database_url.removeprefix(short)
        return self.database_url

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Settings":
        """Read `.env` of the working folder (if any) and then the environment, which wins.

        Raises ValueError naming the setting whose value cannot be used.
        """
        given = {**_dotenv(Path(".env")), **(os.environ if environment is None else environment)}
        values: dict[str, object] = {}
        for setting in fields(cls):
            text = given.get(setting.name.upper(), "")
            if text:
                values[setting.name] = _read(setting.name.upper(), text, setting.default)
        return cls(**values)  # type: ignore[arg-type]  # each was read by the type of its default

    def made_data_dir(self) -> Path:
        """The data folder, made if it is not there yet, closed to other users of the machine: it holds names of children."""
        self.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        return self.data_dir

    def key(self) -> str:
        """The secret that signs cookies and links; made on first use and kept in the data folder."""
        if self.secret_key:
            return self.secret_key
        kept = self.made_data_dir() / "secret_key"
        if not kept.exists():
            descriptor, draft = tempfile.mkstemp(dir=self.data_dir)  # readable by its owner only
            with open(descriptor, "w") as file:
                file.write(secrets.token_hex(32))
            with suppress(FileExistsError):  # another process was quicker: its secret counts
                os.link(draft, kept)
            os.unlink(draft)
        return kept.read_text().strip()


def _read(name: str, text: str, default: object) -> object:
    if isinstance(default, bool):
        if text.lower() not in ("1", "0", "true", "false", "yes", "no", "on", "off"):
            raise ValueError(f"{name} must be 1 or 0, not {text!r}")
        return text.lower() in ("1", "true", "yes", "on")
    if isinstance(default, int):
        if not text.isdigit():
            raise ValueError(f"{name} must be a whole number, not {text!r}")
        return int(text)
    return Path(text) if isinstance(default, Path) else text


def _dotenv(file: Path) -> dict[str, str]:
    if not file.is_file():
        return {}
    lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}
