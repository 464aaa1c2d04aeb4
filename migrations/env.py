"""How Alembic reaches the database and the models: through the application it was called from, or a new one.

A new migration: `.venv/bin/alembic -c migrations/alembic.ini revision --autogenerate --rev-id 0002 -m "what changes"`; then
read it and say in its first line what it does.
"""

from typing import Any

import sqlalchemy as sa
from alembic import context
from flask import has_app_context

from app import create_app
from foundation.database import UtcDateTime, db


def render_item(kind: str, item: Any, autogen_context: Any) -> str | bool:
    """Migrations name the plain types of the database, so that they stay true when our own types change."""
    if kind == "type" and isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, sa.Enum):
        return f"sa.String(length={item.length})"
    return False


def run() -> None:
    """Migrate in one transaction per migration; on SQLite with foreign keys off, because tables are rebuilt there."""
    engine = context.config.attributes.get("engine") or db.engine  # web.migrating may mean another database
    with engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            connection.connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_item=render_item,
            render_as_batch=True,
            transactional_ddl=True,  # also on SQLite: foundation.database begins transactions itself
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()


if has_app_context():
    run()
else:
    with create_app().app_context():
        run()
