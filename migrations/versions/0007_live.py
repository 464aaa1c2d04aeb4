"""Sessions of several classrooms and what is kept of them; notices; how far classes have come."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campus_travel",
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_campus_travel_once")),
        sa.ForeignKeyConstraint(["one_id"], ["campus.id"], name=op.f("fk_campus_travel_one_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["other_id"], ["campus.id"], name=op.f("fk_campus_travel_other_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("one_id", "other_id", name=op.f("pk_campus_travel")),
    )
    op.create_table(
        "mail_address",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest", sa.Boolean(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("link_sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_mail_address_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_mail_address")),
    )
    op.create_table(
        "notice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("about", sa.String(length=60), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("url", sa.String(length=200), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mailed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_notice_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notice_made_at"), ["made_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_mailed_at"), ["mailed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_notice_person_id_about"), ["person_id", "about"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_notice_person_id_read_at_made_at"), ["person_id", "read_at", "made_at"], unique=False
        )

    op.create_table(
        "remote_course",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("request_key", sa.String(length=40), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("period", sa.Integer(), nullable=False),
        sa.Column("parity", sa.String(length=8), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=False),
        sa.Column("skipped", sa.JSON(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["group_of_schools.id"], name=op.f("fk_remote_course_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["person.id"], name=op.f("fk_remote_course_made_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_remote_course_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_remote_course")),
        sa.UniqueConstraint("code", name=op.f("uq_remote_course_code")),
        sa.UniqueConstraint("request_key", name=op.f("uq_remote_course_request_key")),
    )
    with op.batch_alter_table("remote_course", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_remote_course_group_id"), ["group_id"], unique=False)

    op.create_table(
        "device_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_device_check_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_device_check_room_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_device_check")),
    )
    with op.batch_alter_table("device_check", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_device_check_room_id_made_at"), ["room_id", "made_at"], unique=False)

    op.create_table(
        "pace_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("term_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["term_id"], ["term.id"], name=op.f("fk_pace_line_term_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["lesson_topic.id"], name=op.f("fk_pace_line_topic_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pace_line")),
        sa.UniqueConstraint("term_id", "topic_id", name=op.f("uq_pace_line_term_id_topic_id")),
    )
    with op.batch_alter_table("pace_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pace_line_topic_id"), ["topic_id"], unique=False)

    op.create_table(
        "taught_topic",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("session_code", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_taught_topic_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["class_id"], ["school_class.id"], name=op.f("fk_taught_topic_class_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["lesson_topic.id"], name=op.f("fk_taught_topic_topic_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taught_topic")),
        sa.UniqueConstraint("class_id", "topic_id", name=op.f("uq_taught_topic_class_id_topic_id")),
    )
    with op.batch_alter_table("taught_topic", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_taught_topic_topic_id"), ["topic_id"], unique=False)

    op.create_table(
        "live_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("request_key", sa.String(length=40), nullable=True),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("course_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=600), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("lead_id", sa.Integer(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("plan_id", sa.Integer(), nullable=True),
        sa.Column("plan_taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("run_sheet", sa.JSON(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("media", sa.String(length=24), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("0 <= starts AND starts < ends AND ends <= 1440", name=op.f("ck_live_session_within_a_day")),
        sa.ForeignKeyConstraint(
            ["course_id"], ["remote_course.id"], name=op.f("fk_live_session_course_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["group_of_schools.id"], name=op.f("fk_live_session_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["lead_id"], ["person.id"], name=op.f("fk_live_session_lead_id")),
        sa.ForeignKeyConstraint(
            ["made_by_id"], ["person.id"], name=op.f("fk_live_session_made_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_live_session_plan_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_live_session_subject_id")),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["lesson_topic.id"], name=op.f("fk_live_session_topic_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_session")),
        sa.UniqueConstraint("code", name=op.f("uq_live_session_code")),
        sa.UniqueConstraint("request_key", name=op.f("uq_live_session_request_key")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("live_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_live_session_course_id"), ["course_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_live_session_day"), ["day"], unique=False)
        batch_op.create_index(batch_op.f("ix_live_session_group_id_starts_at"), ["group_id", "starts_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_live_session_lead_id_starts_at"), ["lead_id", "starts_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_live_session_plan_id"), ["plan_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_live_session_state_starts_at"), ["state", "starts_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_live_session_topic_id"), ["topic_id"], unique=False)

    op.create_table(
        "live_classroom",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("campus_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=True),
        sa.Column("room_id", sa.Integer(), nullable=True),
        sa.Column("helper_id", sa.Integer(), nullable=True),
        sa.Column("period", sa.Integer(), nullable=True),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("entry_code", sa.String(length=6), nullable=True),
        sa.Column("answer", sa.String(length=24), nullable=False),
        sa.Column("answer_note", sa.String(length=200), nullable=False),
        sa.Column("other_day", sa.Date(), nullable=True),
        sa.Column("other_period", sa.Integer(), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["answered_by_id"], ["person.id"], name=op.f("fk_live_classroom_answered_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["campus_id"], ["campus.id"], name=op.f("fk_live_classroom_campus_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["class_id"], ["school_class.id"], name=op.f("fk_live_classroom_class_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["helper_id"], ["person.id"], name=op.f("fk_live_classroom_helper_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["room_id"], ["room.id"], name=op.f("fk_live_classroom_room_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["live_session.id"], name=op.f("fk_live_classroom_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_live_classroom")),
        sa.UniqueConstraint("entry_code", name=op.f("uq_live_classroom_entry_code")),
    )
    with op.batch_alter_table("live_classroom", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_live_classroom_campus_id"), ["campus_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_live_classroom_class_id_session_id"), ["class_id", "session_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_live_classroom_helper_id_session_id"), ["helper_id", "session_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_live_classroom_room_id_session_id"), ["room_id", "session_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_live_classroom_session_id"), ["session_id"], unique=False)

    op.create_table(
        "live_guest",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_live_guest_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["live_session.id"], name=op.f("fk_live_guest_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "person_id", name=op.f("pk_live_guest")),
    )
    with op.batch_alter_table("live_guest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_live_guest_person_id"), ["person_id"], unique=False)

    op.create_table(
        "patrol",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("note", sa.String(length=600), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_patrol_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["live_session.id"], name=op.f("fk_patrol_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_patrol")),
    )
    with op.batch_alter_table("patrol", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_patrol_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_patrol_session_id"), ["session_id"], unique=False)

    op.create_table(
        "session_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_session_change_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["live_session.id"], name=op.f("fk_session_change_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session_change")),
    )
    with op.batch_alter_table("session_change", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_change_session_id_id"), ["session_id", "id"], unique=False)

    op.create_table(
        "session_event",
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("by_person_id", sa.Integer(), nullable=True),
        sa.Column("classroom_id", sa.Integer(), nullable=True),
        sa.Column("request_key", sa.String(length=24), nullable=True),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["by_person_id"], ["person.id"], name=op.f("fk_session_event_by_person_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["live_session.id"], name=op.f("fk_session_event_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("session_id", "seq", name=op.f("pk_session_event")),
    )
    with op.batch_alter_table("session_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_session_event_session_id_kind"), ["session_id", "kind"], unique=False)

    op.create_table(
        "classroom_screen",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("classroom_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("device", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(
            ["classroom_id"], ["live_classroom.id"], name=op.f("fk_classroom_screen_classroom_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_classroom_screen")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_classroom_screen_token_hash")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("classroom_screen", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_classroom_screen_classroom_id"), ["classroom_id"], unique=False)

    op.create_table(
        "observation_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("request_key", sa.String(length=40), nullable=True),
        sa.Column("step_id", sa.String(length=16), nullable=False),
        sa.Column("second", sa.Integer(), nullable=True),
        sa.Column("classroom_id", sa.Integer(), nullable=True),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("shared_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["classroom_id"], ["live_classroom.id"], name=op.f("fk_observation_note_classroom_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_observation_note_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["live_session.id"], name=op.f("fk_observation_note_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_observation_note")),
        sa.UniqueConstraint("request_key", name=op.f("uq_observation_note_request_key")),
    )
    with op.batch_alter_table("observation_note", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_observation_note_person_id"), ["person_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_observation_note_session_id_person_id"), ["session_id", "person_id"], unique=False
        )

    op.create_table(
        "recording",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("classroom_id", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("media_type", sa.String(length=80), nullable=False),
        sa.Column("takes", sa.JSON(), nullable=False),
        sa.Column("chapters", sa.JSON(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=True),
        sa.Column("consent", sa.Boolean(), nullable=False),
        sa.Column("kept_until", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_recording_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["classroom_id"], ["live_classroom.id"], name=op.f("fk_recording_classroom_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_recording_resource_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["session_id"], ["live_session.id"], name=op.f("fk_recording_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording")),
        sa.UniqueConstraint("code", name=op.f("uq_recording_code")),
    )
    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_recording_session_id"), ["session_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_recording_state"), ["state"], unique=False)

    op.create_table(
        "roll_mark",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.Integer(), nullable=False),
        sa.Column("classroom_id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(length=8), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_roll_mark_by_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(
            ["classroom_id"], ["live_classroom.id"], name=op.f("fk_roll_mark_classroom_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupil.id"], name=op.f("fk_roll_mark_pupil_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["session_id"], ["live_session.id"], name=op.f("fk_roll_mark_session_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roll_mark")),
    )
    with op.batch_alter_table("roll_mark", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_roll_mark_session_id_pupil_id"), ["session_id", "pupil_id"], unique=False)

    op.create_table(
        "recording_part",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("take", sa.Integer(), nullable=False),
        sa.Column("second", sa.Float(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recording.id"], name=op.f("fk_recording_part_recording_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recording_part")),
        sa.UniqueConstraint("key", name=op.f("uq_recording_part_key")),
        sa.UniqueConstraint("recording_id", "number", name=op.f("uq_recording_part_recording_id_number")),
    )


def downgrade() -> None:
    op.drop_table("recording_part")
    with op.batch_alter_table("roll_mark", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_roll_mark_session_id_pupil_id"))

    op.drop_table("roll_mark")
    with op.batch_alter_table("recording", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_recording_state"))
        batch_op.drop_index(batch_op.f("ix_recording_session_id"))

    op.drop_table("recording")
    with op.batch_alter_table("observation_note", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_observation_note_session_id_person_id"))
        batch_op.drop_index(batch_op.f("ix_observation_note_person_id"))

    op.drop_table("observation_note")
    with op.batch_alter_table("classroom_screen", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_classroom_screen_classroom_id"))

    op.drop_table("classroom_screen")
    with op.batch_alter_table("session_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_event_session_id_kind"))

    op.drop_table("session_event")
    with op.batch_alter_table("session_change", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_session_change_session_id_id"))

    op.drop_table("session_change")
    with op.batch_alter_table("patrol", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_patrol_session_id"))
        batch_op.drop_index(batch_op.f("ix_patrol_person_id"))

    op.drop_table("patrol")
    with op.batch_alter_table("live_guest", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_live_guest_person_id"))

    op.drop_table("live_guest")
    with op.batch_alter_table("live_classroom", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_live_classroom_session_id"))
        batch_op.drop_index(batch_op.f("ix_live_classroom_room_id_session_id"))
        batch_op.drop_index(batch_op.f("ix_live_classroom_helper_id_session_id"))
        batch_op.drop_index(batch_op.f("ix_live_classroom_class_id_session_id"))
        batch_op.drop_index(batch_op.f("ix_live_classroom_campus_id"))

    op.drop_table("live_classroom")
    with op.batch_alter_table("live_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_live_session_topic_id"))
        batch_op.drop_index(batch_op.f("ix_live_session_state_starts_at"))
        batch_op.drop_index(batch_op.f("ix_live_session_plan_id"))
        batch_op.drop_index(batch_op.f("ix_live_session_lead_id_starts_at"))
        batch_op.drop_index(batch_op.f("ix_live_session_group_id_starts_at"))
        batch_op.drop_index(batch_op.f("ix_live_session_day"))
        batch_op.drop_index(batch_op.f("ix_live_session_course_id"))

    op.drop_table("live_session")
    with op.batch_alter_table("taught_topic", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_taught_topic_topic_id"))

    op.drop_table("taught_topic")
    with op.batch_alter_table("pace_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pace_line_topic_id"))

    op.drop_table("pace_line")
    with op.batch_alter_table("device_check", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_device_check_room_id_made_at"))

    op.drop_table("device_check")
    with op.batch_alter_table("remote_course", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_remote_course_group_id"))

    op.drop_table("remote_course")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notice_person_id_read_at_made_at"))
        batch_op.drop_index(batch_op.f("ix_notice_person_id_about"))
        batch_op.drop_index(batch_op.f("ix_notice_mailed_at"))
        batch_op.drop_index(batch_op.f("ix_notice_made_at"))

    op.drop_table("notice")
    op.drop_table("mail_address")
    op.drop_table("campus_travel")
