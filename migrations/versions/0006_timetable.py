"""Timetables: terms, days that are not as usual, bells, lessons of the week, what changes on a day, addresses for calendars."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "bell_schedule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("campus_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campus_id"], ["campus.id"], name=op.f("fk_bell_schedule_campus_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["group_of_schools.id"], name=op.f("fk_bell_schedule_group_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bell_schedule")),
    )
    op.create_index(op.f("ix_bell_schedule_campus_id"), "bell_schedule", ["campus_id"])
    op.create_index(op.f("ix_bell_schedule_group_id"), "bell_schedule", ["group_id"])

    op.create_table(
        "calendar_day",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("campus_id", sa.Integer(), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("follows", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["campus_id"], ["campus.id"], name=op.f("fk_calendar_day_campus_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["group_of_schools.id"], name=op.f("fk_calendar_day_group_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_day")),
        sa.UniqueConstraint("group_id", "campus_id", "day", name=op.f("uq_calendar_day_group_id_campus_id_day")),
    )
    op.create_index(op.f("ix_calendar_day_group_id_day"), "calendar_day", ["group_id", "day"])

    op.create_table(
        "term",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("semester", sa.Integer(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["group_id"], ["group_of_schools.id"], name=op.f("fk_term_group_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_term")),
        sa.UniqueConstraint("group_id", "year", "semester", name=op.f("uq_term_group_id_year_semester")),
    )
    op.create_index(op.f("ix_term_group_id"), "term", ["group_id"])

    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token", sa.String(length=43), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("class_id", sa.Integer(), nullable=True),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "person_id IS NOT NULL OR class_id IS NOT NULL OR room_id IS NOT NULL",
            name=op.f("ck_calendar_feed_of_something"),
        ),
        sa.ForeignKeyConstraint(
            ["class_id"], ["school_class.id"], name=op.f("fk_calendar_feed_class_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_calendar_feed_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_calendar_feed_room_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("class_id", name=op.f("uq_calendar_feed_class_id")),
        sa.UniqueConstraint("person_id", name=op.f("uq_calendar_feed_person_id")),
        sa.UniqueConstraint("room_id", name=op.f("uq_calendar_feed_room_id")),
        sa.UniqueConstraint("token", name=op.f("uq_calendar_feed_token")),
    )
    op.create_table(
        "period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("bell_schedule_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("label", sa.String(length=20), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.CheckConstraint("0 <= starts AND starts < ends AND ends <= 1440", name=op.f("ck_period_within_a_day")),
        sa.ForeignKeyConstraint(
            ["bell_schedule_id"], ["bell_schedule.id"], name=op.f("fk_period_bell_schedule_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_period")),
        sa.UniqueConstraint("bell_schedule_id", "number", name=op.f("uq_period_bell_schedule_id_number")),
    )
    op.create_index(op.f("ix_period_bell_schedule_id"), "period", ["bell_schedule_id"])

    op.create_table(
        "timetable_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("parity", sa.String(length=24), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.CheckConstraint("1 <= weekday AND weekday <= 7", name=op.f("ck_timetable_entry_on_a_weekday")),
        sa.ForeignKeyConstraint(
            ["class_id"], ["school_class.id"], name=op.f("fk_timetable_entry_class_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_timetable_entry_person_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_timetable_entry_room_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_timetable_entry_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timetable_entry")),
    )
    op.create_index(
        op.f("ix_timetable_entry_class_id_weekday_period"), "timetable_entry", ["class_id", "weekday", "period"]
    )
    op.create_index(op.f("ix_timetable_entry_person_id"), "timetable_entry", ["person_id"])
    op.create_index(op.f("ix_timetable_entry_room_id"), "timetable_entry", ["room_id"])
    op.create_index(op.f("ix_timetable_entry_subject_id"), "timetable_entry", ["subject_id"])

    op.create_table(
        "timetable_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("new_day", sa.Date(), nullable=True),
        sa.Column("new_period", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=100), nullable=False),
        sa.Column("pair", sa.String(length=10), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_timetable_change_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["timetable_entry.id"], name=op.f("fk_timetable_change_entry_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_timetable_change_person_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["room_id"], ["room.id"], name=op.f("fk_timetable_change_room_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timetable_change")),
        sa.UniqueConstraint("entry_id", "day", name=op.f("uq_timetable_change_entry_id_day")),
    )
    op.create_index(op.f("ix_timetable_change_day"), "timetable_change", ["day"])
    op.create_index(op.f("ix_timetable_change_entry_id"), "timetable_change", ["entry_id"])
    op.create_index(op.f("ix_timetable_change_new_day"), "timetable_change", ["new_day"])
    op.create_index(op.f("ix_timetable_change_pair"), "timetable_change", ["pair"])
    op.create_index(op.f("ix_timetable_change_person_id"), "timetable_change", ["person_id"])
    op.create_index(op.f("ix_timetable_change_room_id"), "timetable_change", ["room_id"])


def downgrade() -> None:
    op.drop_table("timetable_change")
    op.drop_table("timetable_entry")
    op.drop_table("period")
    op.drop_table("calendar_feed")
    op.drop_table("term")
    op.drop_table("calendar_day")
    op.drop_table("bell_schedule")
