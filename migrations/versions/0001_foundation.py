"""The tables of schools, curriculum and lesson plans."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campus",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("short_name", sa.String(length=20), nullable=False),
        sa.Column("former_names", sa.JSON(), nullable=False),
        sa.Column("school_code", sa.String(length=10), nullable=False),
        sa.Column("category", sa.String(length=20), nullable=False),
        sa.Column("stages", sa.JSON(), nullable=False),
        sa.Column("rural", sa.Boolean(), nullable=False),
        sa.Column("address", sa.String(length=200), nullable=False),
        sa.Column("strengths", sa.String(length=400), nullable=False),
        sa.Column("uplink_mbps", sa.Float(), nullable=True),
        sa.Column("zone", sa.String(length=40), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campus")),
        sa.UniqueConstraint("code", name=op.f("uq_campus_code")),
    )
    op.create_table(
        "group_of_schools",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("lesson_minutes", sa.Integer(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=True),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_of_schools")),
        sa.UniqueConstraint("name", name=op.f("uq_group_of_schools_name")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("staff_number", sa.String(length=40), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("theme", sa.String(length=10), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("staff_number", name=op.f("uq_person_staff_number")),
    )
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_name"), ["name"], unique=False)

    op.create_table(
        "pupil",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pupil")),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failure")),
    )
    with op.batch_alter_table("sign_in_failure", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_failure_key"), ["key"], unique=False)
        batch_op.create_index(batch_op.f("ix_sign_in_failure_made_at"), ["made_at"], unique=False)

    op.create_table(
        "subject",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("name_en", sa.String(length=40), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subject")),
        sa.UniqueConstraint("code", name=op.f("uq_subject_code")),
    )
    op.create_table(
        "division",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("grades", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["group_of_schools.id"], name=op.f("fk_division_group_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_division")),
    )
    with op.batch_alter_table("division", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_division_group_id"), ["group_id"], unique=False)

    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("campus_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("primary", sa.Boolean(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["campus_id"], ["campus.id"], name=op.f("fk_membership_campus_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["group_id"], ["group_of_schools.id"], name=op.f("fk_membership_group_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_membership_campus_id"), ["campus_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_membership_group_id_campus_id"), ["group_id", "campus_id"], unique=False)

    op.create_table(
        "org_unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("campus_id", sa.Integer(), nullable=True),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("duties", sa.String(length=400), nullable=False),
        sa.ForeignKeyConstraint(["campus_id"], ["campus.id"], name=op.f("fk_org_unit_campus_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["group_id"], ["group_of_schools.id"], name=op.f("fk_org_unit_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["parent_id"], ["org_unit.id"], name=op.f("fk_org_unit_parent_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_unit")),
    )
    with op.batch_alter_table("org_unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_org_unit_campus_id"), ["campus_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_org_unit_group_id"), ["group_id"], unique=False)

    op.create_table(
        "plan_template",
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("sections", sa.JSON(), nullable=False),
        sa.Column("changed_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["changed_by_id"], ["person.id"], name=op.f("fk_plan_template_changed_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["group_of_schools.id"], name=op.f("fk_plan_template_group_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_plan_template")),
    )
    op.create_table(
        "posting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("campus_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("share_percent", sa.Integer(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["campus_id"], ["campus.id"], name=op.f("fk_posting_campus_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_posting_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
    )
    with op.batch_alter_table("posting", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_posting_campus_id"), ["campus_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_posting_person_id"), ["person_id"], unique=False)

    op.create_table(
        "prep_group",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=24), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("whole_group", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["group_of_schools.id"], name=op.f("fk_prep_group_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_prep_group_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prep_group")),
    )
    with op.batch_alter_table("prep_group", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_prep_group_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_prep_group_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "school_class",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campus_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=24), nullable=False),
        sa.Column("entry_year", sa.Integer(), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=30), nullable=False),
        sa.Column("homeroom_teacher_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["campus_id"], ["campus.id"], name=op.f("fk_school_class_campus_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["homeroom_teacher_id"],
            ["person.id"],
            name=op.f("fk_school_class_homeroom_teacher_id"),
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_school_class")),
        sa.UniqueConstraint(
            "campus_id", "stage", "entry_year", "number", name=op.f("uq_school_class_campus_id_stage_entry_year_number")
        ),
    )
    with op.batch_alter_table("school_class", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_school_class_campus_id"), ["campus_id"], unique=False)

    op.create_table(
        "sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("former_hash", sa.String(length=64), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("renewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("device", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
        sa.UniqueConstraint("former_hash", name=op.f("uq_sign_in_former_hash")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_sign_in_token_hash")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_expires_at"), ["expires_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_sign_in_person_id"), ["person_id"], unique=False)

    op.create_table(
        "standard_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=24), nullable=False),
        sa.Column("code", sa.String(length=30), nullable=False),
        sa.Column("text", sa.String(length=600), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_standard_item_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_standard_item")),
    )
    with op.batch_alter_table("standard_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_standard_item_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "textbook_edition",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=24), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("publisher", sa.String(length=60), nullable=False),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_textbook_edition_subject_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_textbook_edition")),
    )
    with op.batch_alter_table("textbook_edition", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_textbook_edition_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "title",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_title_person_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_title")),
    )
    with op.batch_alter_table("title", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_title_person_id"), ["person_id"], unique=False)

    op.create_table(
        "division_campus",
        sa.Column("division_id", sa.Integer(), nullable=False),
        sa.Column("campus_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campus_id"], ["campus.id"], name=op.f("fk_division_campus_campus_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["division_id"], ["division.id"], name=op.f("fk_division_campus_division_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("division_id", "campus_id", name=op.f("pk_division_campus")),
    )
    op.create_table(
        "enrolment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("pupil_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("seat", sa.Integer(), nullable=True),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["class_id"], ["school_class.id"], name=op.f("fk_enrolment_class_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["pupil_id"], ["pupil.id"], name=op.f("fk_enrolment_pupil_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrolment")),
    )
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_enrolment_class_id"), ["class_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_enrolment_pupil_id"), ["pupil_id"], unique=False)

    op.create_table(
        "org_unit_member",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("org_unit_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("duty", sa.String(length=40), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_unit_id"], ["org_unit.id"], name=op.f("fk_org_unit_member_org_unit_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_org_unit_member_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_org_unit_member")),
    )
    with op.batch_alter_table("org_unit_member", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_org_unit_member_org_unit_id"), ["org_unit_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_org_unit_member_person_id"), ["person_id"], unique=False)

    op.create_table(
        "prep_group_campus",
        sa.Column("prep_group_id", sa.Integer(), nullable=False),
        sa.Column("campus_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campus_id"], ["campus.id"], name=op.f("fk_prep_group_campus_campus_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["prep_group_id"], ["prep_group.id"], name=op.f("fk_prep_group_campus_prep_group_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("prep_group_id", "campus_id", name=op.f("pk_prep_group_campus")),
    )
    op.create_table(
        "prep_group_pick",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("prep_group_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_prep_group_pick_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["prep_group_id"], ["prep_group.id"], name=op.f("fk_prep_group_pick_prep_group_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prep_group_pick")),
    )
    with op.batch_alter_table("prep_group_pick", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_prep_group_pick_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_prep_group_pick_prep_group_id"), ["prep_group_id"], unique=False)

    op.create_table(
        "role_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=True),
        sa.Column("campus_id", sa.Integer(), nullable=True),
        sa.Column("division_id", sa.Integer(), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("prep_group_id", sa.Integer(), nullable=True),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.CheckConstraint(
            "(group_id IS NOT NULL) OR (campus_id IS NOT NULL) OR (prep_group_id IS NOT NULL)",
            name=op.f("ck_role_grant_has_a_scope"),
        ),
        sa.ForeignKeyConstraint(["campus_id"], ["campus.id"], name=op.f("fk_role_grant_campus_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["division_id"], ["division.id"], name=op.f("fk_role_grant_division_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["group_id"], ["group_of_schools.id"], name=op.f("fk_role_grant_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_role_grant_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["prep_group_id"], ["prep_group.id"], name=op.f("fk_role_grant_prep_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.id"], name=op.f("fk_role_grant_subject_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_grant")),
    )
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_role_grant_campus_id"), ["campus_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_grant_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_grant_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_role_grant_prep_group_id"), ["prep_group_id"], unique=False)

    op.create_table(
        "teaching_assignment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("class_id", sa.Integer(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("from_day", sa.Date(), nullable=False),
        sa.Column("to_day", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["class_id"], ["school_class.id"], name=op.f("fk_teaching_assignment_class_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_teaching_assignment_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.id"], name=op.f("fk_teaching_assignment_subject_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_teaching_assignment")),
    )
    with op.batch_alter_table("teaching_assignment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_teaching_assignment_class_id"), ["class_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_teaching_assignment_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_teaching_assignment_subject_id"), ["subject_id"], unique=False)

    op.create_table(
        "textbook_volume",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=False),
        sa.Column("semester", sa.Integer(), nullable=True),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["textbook_edition.id"], name=op.f("fk_textbook_volume_edition_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_textbook_volume")),
    )
    with op.batch_alter_table("textbook_volume", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_textbook_volume_edition_id"), ["edition_id"], unique=False)

    op.create_table(
        "unit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("volume_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("theme", sa.String(length=80), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["volume_id"], ["textbook_volume.id"], name=op.f("fk_unit_volume_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_unit_volume_id"), ["volume_id"], unique=False)

    op.create_table(
        "lesson_topic",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=80), nullable=False),
        sa.Column("periods", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["unit.id"], name=op.f("fk_lesson_topic_unit_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lesson_topic")),
    )
    with op.batch_alter_table("lesson_topic", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_lesson_topic_unit_id"), ["unit_id"], unique=False)

    op.create_table(
        "plan",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("campus_id", sa.Integer(), nullable=False),
        sa.Column("prep_group_id", sa.Integer(), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("visibility", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("summary", sa.String(length=200), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campus_id"], ["campus.id"], name=op.f("fk_plan_campus_id")),
        sa.ForeignKeyConstraint(["group_id"], ["group_of_schools.id"], name=op.f("fk_plan_group_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_plan_owner_id")),
        sa.ForeignKeyConstraint(
            ["prep_group_id"], ["prep_group.id"], name=op.f("fk_plan_prep_group_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_plan_subject_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["lesson_topic.id"], name=op.f("fk_plan_topic_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan")),
        sa.UniqueConstraint("code", name=op.f("uq_plan_code")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_plan_campus_id_removed_at_changed_at"),
            ["campus_id", "removed_at", "changed_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_plan_group_id_removed_at_changed_at"), ["group_id", "removed_at", "changed_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_plan_owner_id_removed_at_changed_at"), ["owner_id", "removed_at", "changed_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_plan_prep_group_id_removed_at_changed_at"),
            ["prep_group_id", "removed_at", "changed_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_plan_removed_at"), ["removed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_plan_subject_id"), ["subject_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_plan_topic_id"), ["topic_id"], unique=False)

    op.create_table(
        "plan_original",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("stored_name", sa.String(length=60), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_original_plan_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_plan_original")),
        sa.UniqueConstraint("stored_name", name=op.f("uq_plan_original_stored_name")),
    )
    op.create_table(
        "plan_snapshot",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("upto", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_snapshot_plan_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("plan_id", name=op.f("pk_plan_snapshot")),
    )
    op.create_table(
        "plan_update",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_plan_update_person_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_update_plan_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_update")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("plan_update", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_update_plan_id_id"), ["plan_id", "id"], unique=False)

    op.create_table(
        "plan_writer",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_plan_writer_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_writer_plan_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("plan_id", "person_id", name=op.f("pk_plan_writer")),
    )
    with op.batch_alter_table("plan_writer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_writer_person_id"), ["person_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("plan_writer", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_writer_person_id"))

    op.drop_table("plan_writer")
    with op.batch_alter_table("plan_update", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_update_plan_id_id"))

    op.drop_table("plan_update")
    op.drop_table("plan_snapshot")
    op.drop_table("plan_original")
    with op.batch_alter_table("plan", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plan_topic_id"))
        batch_op.drop_index(batch_op.f("ix_plan_subject_id"))
        batch_op.drop_index(batch_op.f("ix_plan_removed_at"))
        batch_op.drop_index(batch_op.f("ix_plan_prep_group_id_removed_at_changed_at"))
        batch_op.drop_index(batch_op.f("ix_plan_owner_id_removed_at_changed_at"))
        batch_op.drop_index(batch_op.f("ix_plan_group_id_removed_at_changed_at"))
        batch_op.drop_index(batch_op.f("ix_plan_campus_id_removed_at_changed_at"))

    op.drop_table("plan")
    with op.batch_alter_table("lesson_topic", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_lesson_topic_unit_id"))

    op.drop_table("lesson_topic")
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unit_volume_id"))

    op.drop_table("unit")
    with op.batch_alter_table("textbook_volume", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_textbook_volume_edition_id"))

    op.drop_table("textbook_volume")
    with op.batch_alter_table("teaching_assignment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_teaching_assignment_subject_id"))
        batch_op.drop_index(batch_op.f("ix_teaching_assignment_person_id"))
        batch_op.drop_index(batch_op.f("ix_teaching_assignment_class_id"))

    op.drop_table("teaching_assignment")
    with op.batch_alter_table("role_grant", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_role_grant_prep_group_id"))
        batch_op.drop_index(batch_op.f("ix_role_grant_person_id"))
        batch_op.drop_index(batch_op.f("ix_role_grant_group_id"))
        batch_op.drop_index(batch_op.f("ix_role_grant_campus_id"))

    op.drop_table("role_grant")
    with op.batch_alter_table("prep_group_pick", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_prep_group_pick_prep_group_id"))
        batch_op.drop_index(batch_op.f("ix_prep_group_pick_person_id"))

    op.drop_table("prep_group_pick")
    op.drop_table("prep_group_campus")
    with op.batch_alter_table("org_unit_member", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_org_unit_member_person_id"))
        batch_op.drop_index(batch_op.f("ix_org_unit_member_org_unit_id"))

    op.drop_table("org_unit_member")
    with op.batch_alter_table("enrolment", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enrolment_pupil_id"))
        batch_op.drop_index(batch_op.f("ix_enrolment_class_id"))

    op.drop_table("enrolment")
    op.drop_table("division_campus")
    with op.batch_alter_table("title", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_title_person_id"))

    op.drop_table("title")
    with op.batch_alter_table("textbook_edition", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_textbook_edition_subject_id"))

    op.drop_table("textbook_edition")
    with op.batch_alter_table("standard_item", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_standard_item_subject_id"))

    op.drop_table("standard_item")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_person_id"))
        batch_op.drop_index(batch_op.f("ix_sign_in_expires_at"))

    op.drop_table("sign_in")
    with op.batch_alter_table("school_class", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_school_class_campus_id"))

    op.drop_table("school_class")
    with op.batch_alter_table("prep_group", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_prep_group_subject_id"))
        batch_op.drop_index(batch_op.f("ix_prep_group_group_id"))

    op.drop_table("prep_group")
    with op.batch_alter_table("posting", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_posting_person_id"))
        batch_op.drop_index(batch_op.f("ix_posting_campus_id"))

    op.drop_table("posting")
    op.drop_table("plan_template")
    with op.batch_alter_table("org_unit", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_org_unit_group_id"))
        batch_op.drop_index(batch_op.f("ix_org_unit_campus_id"))

    op.drop_table("org_unit")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_membership_group_id_campus_id"))
        batch_op.drop_index(batch_op.f("ix_membership_campus_id"))

    op.drop_table("membership")
    with op.batch_alter_table("division", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_division_group_id"))

    op.drop_table("division")
    op.drop_table("subject")
    with op.batch_alter_table("sign_in_failure", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_failure_made_at"))
        batch_op.drop_index(batch_op.f("ix_sign_in_failure_key"))

    op.drop_table("sign_in_failure")
    op.drop_table("pupil")
    with op.batch_alter_table("person", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_person_name"))

    op.drop_table("person")
    op.drop_table("group_of_schools")
    op.drop_table("campus")
