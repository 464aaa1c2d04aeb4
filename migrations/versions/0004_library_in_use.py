"""The library in use: files that stand in plans, and a wider visibility that waits for its reviewer."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("resource") as batch_op:
        batch_op.add_column(sa.Column("wanted", sa.String(length=24), nullable=True))
        batch_op.add_column(sa.Column("downloads", sa.Integer(), server_default="0", nullable=False))
    with op.batch_alter_table("resource_page") as batch_op:
        batch_op.add_column(sa.Column("small_key", sa.String(length=80), server_default="", nullable=False))
    op.create_table(
        "plan_resource",
        sa.Column("plan_id", sa.Integer(), nullable=False),
        sa.Column("resource_id", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.String(length=16), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_plan_resource_person_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name=op.f("fk_plan_resource_plan_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_plan_resource_resource_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("plan_id", "resource_id", "step_id", name=op.f("pk_plan_resource")),
    )
    with op.batch_alter_table("plan_resource") as batch_op:
        batch_op.create_index(batch_op.f("ix_plan_resource_resource_id"), ["resource_id"], unique=False)


def downgrade() -> None:
    op.drop_table("plan_resource")
    with op.batch_alter_table("resource_page") as batch_op:
        batch_op.drop_column("small_key")
    with op.batch_alter_table("resource") as batch_op:
        batch_op.drop_column("downloads")
        batch_op.drop_column("wanted")
