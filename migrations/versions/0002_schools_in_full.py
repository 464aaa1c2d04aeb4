"""Schools in full: rooms, signing in, pupils' cards, moving up, what was done, long jobs."""

import sqlalchemy as sa
from alembic import op

from schools.pinyin import pinyin_of

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.JSON(), nullable=False),
        sa.Column("sentence", sa.String(length=600), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("code", name=op.f("uq_job_code")),
    )
    with op.batch_alter_table("job") as batch_op:
        batch_op.create_index(batch_op.f("ix_job_ended_at"), ["ended_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_job_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_job_state"), ["state"], unique=False)

    op.create_table(
        "sourced_id",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("record_id", sa.Integer(), nullable=False),
        sa.Column("sourced_id", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sourced_id")),
        sa.UniqueConstraint("kind", "sourced_id", name=op.f("uq_sourced_id_kind_sourced_id")),
    )
    with op.batch_alter_table("sourced_id") as batch_op:
        batch_op.create_index(batch_op.f("ix_sourced_id_kind_record_id"), ["kind", "record_id"], unique=False)

    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("person_name", sa.String(length=40), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("object_kind", sa.String(length=24), nullable=False),
        sa.Column("object_id", sa.Integer(), nullable=True),
        sa.Column("object_name", sa.String(length=120), nullable=False),
        sa.Column("campus_id", sa.Integer(), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.ForeignKeyConstraint(
            ["campus_id"], ["campus.id"], name=op.f("fk_audit_entry_campus_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["group_of_schools.id"], name=op.f("fk_audit_entry_group_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_audit_entry_person_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("audit_entry") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_audit_entry_campus_id_action_made_at"), ["campus_id", "action", "made_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_audit_entry_person_name_made_at"), ["person_name", "made_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_audit_entry_object_name_made_at"), ["object_name", "made_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_audit_entry_campus_id_made_at"), ["campus_id", "made_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_audit_entry_group_id_campus_id_made_at"), ["group_id", "campus_id", "made_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_audit_entry_object_kind_group_id_made_at"),
            ["object_kind", "group_id", "made_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_audit_entry_made_at"), ["made_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_entry_person_id"), ["person_id"], unique=False)

    op.create_table(
        "moving",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campus_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["campus_id"], ["campus.id"], name=op.f("fk_moving_campus_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_moving_person_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_moving")),
        sa.UniqueConstraint("campus_id", "year", name=op.f("uq_moving_campus_id_year")),
    )
    op.create_table(
        "recovery_code",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("code_hash", sa.String(length=200), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_recovery_code_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recovery_code")),
    )
    with op.batch_alter_table("recovery_code") as batch_op:
        batch_op.create_index(batch_op.f("ix_recovery_code_person_id"), ["person_id"], unique=False)

    op.create_table(
        "room",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campus_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("seats", sa.Integer(), nullable=True),
        sa.Column("cameras", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["campus_id"], ["campus.id"], name=op.f("fk_room_campus_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_room")),
        sa.UniqueConstraint("campus_id", "name", name=op.f("uq_room_campus_id_name")),
    )
    with op.batch_alter_table("room") as batch_op:
        batch_op.create_index(batch_op.f("ix_room_campus_id"), ["campus_id"], unique=False)

    op.create_table(
        "pupil_sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["class_id"], ["school_class.id"], name=op.f("fk_pupil_sign_in_class_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupil.id"], name=op.f("fk_pupil_sign_in_pupil_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pupil_sign_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_pupil_sign_in_token_hash")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("pupil_sign_in") as batch_op:
        batch_op.create_index(batch_op.f("ix_pupil_sign_in_class_id"), ["class_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_pupil_sign_in_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_pupil_sign_in_pupil_id"), ["pupil_id"], unique=False)

    with op.batch_alter_table("group_of_schools") as batch_op:
        batch_op.add_column(sa.Column("accent", sa.String(length=7), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("logo", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("logo_type", sa.String(length=20), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("limits", sa.JSON(), nullable=False, server_default="{}"))

    with op.batch_alter_table("membership") as batch_op:
        batch_op.add_column(sa.Column("group_manages", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("keeps_shared", sa.Boolean(), nullable=False, server_default=sa.true()))
        batch_op.add_column(sa.Column("licence_note", sa.String(length=200), nullable=False, server_default=""))

    with op.batch_alter_table("person") as batch_op:
        batch_op.add_column(sa.Column("pinyin", sa.String(length=200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("new_password_due", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("totp_secret", sa.String(length=200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("totp_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("totp_step", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("oidc_subject", sa.String(length=300), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_person_oidc_subject"), ["oidc_subject"])

    with op.batch_alter_table("pupil") as batch_op:
        batch_op.add_column(sa.Column("pin_hash", sa.String(length=200), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("ends_on", sa.Date(), nullable=True))

    with op.batch_alter_table("school_class") as batch_op:
        batch_op.add_column(sa.Column("code", sa.String(length=10), nullable=True))
        batch_op.add_column(sa.Column("left_on", sa.Date(), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_school_class_code"), ["code"])

    with op.batch_alter_table("sign_in", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.add_column(sa.Column("viewing_as_id", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("viewing_since", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_foreign_key(
            batch_op.f("fk_sign_in_viewing_as_id"), "person", ["viewing_as_id"], ["id"], ondelete="SET NULL"
        )

    person = sa.table(
        "person", sa.column("id", sa.Integer), sa.column("name", sa.String), sa.column("pinyin", sa.String)
    )
    people = op.get_bind().execute(sa.select(person.c.id, person.c.name)).all()
    for id, name in people:
        op.execute(person.update().where(person.c.id == id).values(pinyin=pinyin_of(name)))


def downgrade() -> None:
    with op.batch_alter_table("sign_in", table_kwargs={"sqlite_autoincrement": True}) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_sign_in_viewing_as_id"), type_="foreignkey")
        batch_op.drop_column("viewing_since")
        batch_op.drop_column("viewing_as_id")

    with op.batch_alter_table("school_class") as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_school_class_code"), type_="unique")
        batch_op.drop_column("left_on")
        batch_op.drop_column("code")

    with op.batch_alter_table("pupil") as batch_op:
        batch_op.drop_column("ends_on")
        batch_op.drop_column("pin_hash")

    with op.batch_alter_table("person") as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_person_oidc_subject"), type_="unique")
        batch_op.drop_column("oidc_subject")
        batch_op.drop_column("totp_step")
        batch_op.drop_column("totp_since")
        batch_op.drop_column("totp_secret")
        batch_op.drop_column("new_password_due")
        batch_op.drop_column("pinyin")

    with op.batch_alter_table("membership") as batch_op:
        batch_op.drop_column("licence_note")
        batch_op.drop_column("keeps_shared")
        batch_op.drop_column("group_manages")

    with op.batch_alter_table("group_of_schools") as batch_op:
        batch_op.drop_column("limits")
        batch_op.drop_column("logo_type")
        batch_op.drop_column("logo")
        batch_op.drop_column("accent")

    with op.batch_alter_table("pupil_sign_in") as batch_op:
        batch_op.drop_index(batch_op.f("ix_pupil_sign_in_pupil_id"))
        batch_op.drop_index(batch_op.f("ix_pupil_sign_in_expires_at"))
        batch_op.drop_index(batch_op.f("ix_pupil_sign_in_class_id"))

    op.drop_table("pupil_sign_in")
    with op.batch_alter_table("room") as batch_op:
        batch_op.drop_index(batch_op.f("ix_room_campus_id"))

    op.drop_table("room")
    with op.batch_alter_table("recovery_code") as batch_op:
        batch_op.drop_index(batch_op.f("ix_recovery_code_person_id"))

    op.drop_table("recovery_code")
    op.drop_table("moving")
    with op.batch_alter_table("audit_entry") as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_entry_person_id"))
        batch_op.drop_index(batch_op.f("ix_audit_entry_made_at"))
        batch_op.drop_index(batch_op.f("ix_audit_entry_object_kind_group_id_made_at"))
        batch_op.drop_index(batch_op.f("ix_audit_entry_group_id_campus_id_made_at"))
        batch_op.drop_index(batch_op.f("ix_audit_entry_campus_id_made_at"))
        batch_op.drop_index(batch_op.f("ix_audit_entry_object_name_made_at"))
        batch_op.drop_index(batch_op.f("ix_audit_entry_person_name_made_at"))
        batch_op.drop_index(batch_op.f("ix_audit_entry_campus_id_action_made_at"))

    op.drop_table("audit_entry")
    with op.batch_alter_table("sourced_id") as batch_op:
        batch_op.drop_index(batch_op.f("ix_sourced_id_kind_record_id"))

    op.drop_table("sourced_id")
    with op.batch_alter_table("job") as batch_op:
        batch_op.drop_index(batch_op.f("ix_job_state"))
        batch_op.drop_index(batch_op.f("ix_job_person_id"))
        batch_op.drop_index(batch_op.f("ix_job_ended_at"))

    op.drop_table("job")
