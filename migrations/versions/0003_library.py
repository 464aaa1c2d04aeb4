"""The library: resources, their versions and pages, uploads, reviews, collections."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "collection",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("note", sa.String(length=600), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("campus_id", sa.Integer(), nullable=False),
        sa.Column("prep_group_id", sa.Integer(), nullable=True),
        sa.Column("visibility", sa.String(length=24), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campus_id"], ["campus.id"], name=op.f("fk_collection_campus_id")),
        sa.ForeignKeyConstraint(["group_id"], ["group_of_schools.id"], name=op.f("fk_collection_group_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_collection_owner_id")),
        sa.ForeignKeyConstraint(
            ["prep_group_id"], ["prep_group.id"], name=op.f("fk_collection_prep_group_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection")),
        sa.UniqueConstraint("code", name=op.f("uq_collection_code")),
    )
    with op.batch_alter_table("collection") as batch_op:
        batch_op.create_index(batch_op.f("ix_collection_group_id"), ["group_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_collection_owner_id"), ["owner_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_collection_removed_at"), ["removed_at"], unique=False)

    op.create_table(
        "resource",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("group_id", sa.Integer(), nullable=False),
        sa.Column("campus_id", sa.Integer(), nullable=False),
        sa.Column("prep_group_id", sa.Integer(), nullable=True),
        sa.Column("subject_id", sa.Integer(), nullable=True),
        sa.Column("stage", sa.String(length=24), nullable=True),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("term", sa.String(length=10), nullable=False),
        sa.Column("tags", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=10), nullable=False),
        sa.Column("licence", sa.String(length=24), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("note", sa.String(length=600), nullable=False),
        sa.Column("visibility", sa.String(length=24), nullable=False),
        sa.Column("derived_from_id", sa.Integer(), nullable=True),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("removed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campus_id"], ["campus.id"], name=op.f("fk_resource_campus_id")),
        sa.ForeignKeyConstraint(
            ["derived_from_id"], ["resource.id"], name=op.f("fk_resource_derived_from_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["group_id"], ["group_of_schools.id"], name=op.f("fk_resource_group_id")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_resource_owner_id")),
        sa.ForeignKeyConstraint(
            ["prep_group_id"], ["prep_group.id"], name=op.f("fk_resource_prep_group_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name=op.f("fk_resource_subject_id")),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["lesson_topic.id"], name=op.f("fk_resource_topic_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource")),
        sa.UniqueConstraint("code", name=op.f("uq_resource_code")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("resource") as batch_op:
        batch_op.create_index(
            batch_op.f("ix_resource_campus_id_removed_at_changed_at"),
            ["campus_id", "removed_at", "changed_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_resource_derived_from_id"), ["derived_from_id"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_resource_group_id_removed_at_changed_at"),
            ["group_id", "removed_at", "changed_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_resource_owner_id_removed_at_changed_at"),
            ["owner_id", "removed_at", "changed_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_resource_prep_group_id_removed_at_changed_at"),
            ["prep_group_id", "removed_at", "changed_at"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_resource_removed_at"), ["removed_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_resource_subject_id"), ["subject_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_resource_topic_id"), ["topic_id"], unique=False)

    op.create_table(
        "collection_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("collection_id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["collection_id"], ["collection.id"], name=op.f("fk_collection_item_collection_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_collection_item_resource_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_item")),
        sa.UniqueConstraint("collection_id", "resource_id", name=op.f("uq_collection_item_collection_id_resource_id")),
    )
    with op.batch_alter_table("collection_item") as batch_op:
        batch_op.create_index(batch_op.f("ix_collection_item_resource_id"), ["resource_id"], unique=False)

    op.create_table(
        "favourite",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_favourite_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_favourite_resource_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "resource_id", name=op.f("pk_favourite")),
    )
    with op.batch_alter_table("favourite") as batch_op:
        batch_op.create_index(batch_op.f("ix_favourite_resource_id"), ["resource_id"], unique=False)

    op.create_table(
        "opened",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_opened_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_opened_resource_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", "resource_id", name=op.f("pk_opened")),
    )
    with op.batch_alter_table("opened") as batch_op:
        batch_op.create_index(batch_op.f("ix_opened_person_id_at"), ["person_id", "at"], unique=False)
        batch_op.create_index(batch_op.f("ix_opened_resource_id"), ["resource_id"], unique=False)

    op.create_table(
        "resource_version",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("preview", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("poster_key", sa.String(length=80), nullable=False),
        sa.Column("stream_key", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_resource_version_person_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_resource_version_resource_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_version")),
        sa.UniqueConstraint("key", name=op.f("uq_resource_version_key")),
        sa.UniqueConstraint("resource_id", "number", name=op.f("uq_resource_version_resource_id_number")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("resource_version") as batch_op:
        batch_op.create_index(batch_op.f("ix_resource_version_preview"), ["preview"], unique=False)
        batch_op.create_index(batch_op.f("ix_resource_version_resource_id"), ["resource_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_resource_version_sha256"), ["sha256"], unique=False)

    op.create_table(
        "review",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("wanted", sa.String(length=24), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("reviewer_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["asked_by_id"], ["person.id"], name=op.f("fk_review_asked_by_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_review_resource_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["reviewer_id"], ["person.id"], name=op.f("fk_review_reviewer_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review")),
    )
    with op.batch_alter_table("review") as batch_op:
        batch_op.create_index(batch_op.f("ix_review_resource_id"), ["resource_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_review_state"), ["state"], unique=False)

    op.create_table(
        "upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("campus_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=False),
        sa.Column("fingerprint", sa.String(length=80), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("part_bytes", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("store_upload", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("about", sa.JSON(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["campus_id"], ["campus.id"], name=op.f("fk_upload_campus_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_upload_person_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_upload_resource_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        sa.UniqueConstraint("code", name=op.f("uq_upload_code")),
        sa.UniqueConstraint("key", name=op.f("uq_upload_key")),
    )
    with op.batch_alter_table("upload") as batch_op:
        batch_op.create_index(batch_op.f("ix_upload_person_id_state"), ["person_id", "state"], unique=False)

    op.create_table(
        "resource_page",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("heading", sa.String(length=200), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("image_key", sa.String(length=80), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["version_id"], ["resource_version.id"], name=op.f("fk_resource_page_version_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resource_page")),
        sa.UniqueConstraint("version_id", "number", name=op.f("uq_resource_page_version_id_number")),
    )


def downgrade() -> None:
    op.drop_table("resource_page")
    with op.batch_alter_table("upload") as batch_op:
        batch_op.drop_index(batch_op.f("ix_upload_person_id_state"))

    op.drop_table("upload")
    with op.batch_alter_table("review") as batch_op:
        batch_op.drop_index(batch_op.f("ix_review_state"))
        batch_op.drop_index(batch_op.f("ix_review_resource_id"))

    op.drop_table("review")
    with op.batch_alter_table("resource_version") as batch_op:
        batch_op.drop_index(batch_op.f("ix_resource_version_sha256"))
        batch_op.drop_index(batch_op.f("ix_resource_version_resource_id"))
        batch_op.drop_index(batch_op.f("ix_resource_version_preview"))

    op.drop_table("resource_version")
    with op.batch_alter_table("opened") as batch_op:
        batch_op.drop_index(batch_op.f("ix_opened_resource_id"))
        batch_op.drop_index(batch_op.f("ix_opened_person_id_at"))

    op.drop_table("opened")
    with op.batch_alter_table("favourite") as batch_op:
        batch_op.drop_index(batch_op.f("ix_favourite_resource_id"))

    op.drop_table("favourite")
    with op.batch_alter_table("collection_item") as batch_op:
        batch_op.drop_index(batch_op.f("ix_collection_item_resource_id"))

    op.drop_table("collection_item")
    with op.batch_alter_table("resource") as batch_op:
        batch_op.drop_index(batch_op.f("ix_resource_topic_id"))
        batch_op.drop_index(batch_op.f("ix_resource_subject_id"))
        batch_op.drop_index(batch_op.f("ix_resource_removed_at"))
        batch_op.drop_index(batch_op.f("ix_resource_prep_group_id_removed_at_changed_at"))
        batch_op.drop_index(batch_op.f("ix_resource_owner_id_removed_at_changed_at"))
        batch_op.drop_index(batch_op.f("ix_resource_group_id_removed_at_changed_at"))
        batch_op.drop_index(batch_op.f("ix_resource_derived_from_id"))
        batch_op.drop_index(batch_op.f("ix_resource_campus_id_removed_at_changed_at"))

    op.drop_table("resource")
    with op.batch_alter_table("collection") as batch_op:
        batch_op.drop_index(batch_op.f("ix_collection_removed_at"))
        batch_op.drop_index(batch_op.f("ix_collection_owner_id"))
        batch_op.drop_index(batch_op.f("ix_collection_group_id"))

    op.drop_table("collection")
