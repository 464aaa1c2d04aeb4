"""What is paid for once in a run, not once for every test. None of it is what a test looks at."""

import gc
from types import CodeType
from typing import Any

from argon2 import PasswordHasher
from flask_sqlalchemy import SQLAlchemy
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine, event
from werkzeug.routing import Rule

from schools import passwords

QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
"""The same kind of hash, made in no time. A test that is about its cost takes `REAL_HASHER`."""
REAL_HASHER = passwords.hasher
ELDERS: dict[str, Engine] = {}
"""For each kind of database an engine that has been connected to one."""


class Templates(BytecodeCache):
    """Templates as they were compiled for the first application of the run."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._kept.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code:
            self._kept[bucket.key, bucket.checksum] = bucket.code


def compile_addresses_once() -> None:
    """An application has 320 addresses; Werkzeug compiles each, and two functions for it. For later applications it is known."""
    compile_rule = Rule.compile
    elders: dict[tuple[str | None, str, str], Rule] = {}

    def once(rule: Rule) -> None:
        key = (rule.subdomain, rule.rule, repr(rule.defaults))
        elder = elders.setdefault(key, rule)
        if elder is rule:
            compile_rule(rule)
            return
        rule.arguments = elder.arguments
        rule._parts, rule._trace, rule._converters = elder._parts, elder._trace, elder._converters
        rule._build = elder._build.__func__.__get__(rule)  # type: ignore[attr-defined]
        rule._build_unknown = elder._build_unknown.__func__.__get__(rule)  # type: ignore[attr-defined]

    Rule.compile = once  # type: ignore[method-assign]


def trust_the_machine() -> None:
    """SQLite does not wait for the disk: a test's database need not outlive a power cut."""

    @event.listens_for(Engine, "connect")
    def hurry(connection: Any, record: Any) -> None:
        if type(connection).__module__.startswith("sqlite3"):
            connection.execute("PRAGMA synchronous=OFF")


def compile_statements_once() -> None:
    """Let the engine of every application know the statements that were compiled for the ones before.

    Each test has an engine of its own, as it has a database; what it compiles is kept with the one in `ELDERS`.
    """
    make_engine = SQLAlchemy._make_engine

    def make_younger(self: SQLAlchemy, bind_key: str | None, options: dict[str, Any], app: Any) -> Engine:
        engine = make_engine(self, bind_key, options, app)
        if elder := ELDERS.get(engine.dialect.name):
            engine.dialect, engine._compiled_cache = elder.dialect, elder._compiled_cache
        return engine

    SQLAlchemy._make_engine = make_younger  # type: ignore[method-assign]


def let_be_what_stays() -> None:
    """What was imported and collected stays until the end: looking for rubbish in it took a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
