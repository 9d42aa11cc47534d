"""Environments: what one defers to, pins on releases of another, where a promoted release began."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add columns and tables; releases from before were all built where they are."""
    op.add_column("attempt", sa.Column("origin_id", sa.String(36)))
    op.add_column("attempt", sa.Column("origin_environment", sa.String(63)))
    op.add_column("attempt", sa.Column("origin_number", sa.Integer()))
    op.create_table(
        "attempt_foreign_input",
        sa.Column("attempt_id", sa.String(36), nullable=False),
        sa.Column("port", sa.String(200), nullable=False),
        sa.Column("environment", sa.String(63), nullable=False),
        sa.Column("release_id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", "port", name="pk_attempt_foreign_input"),
        sa.ForeignKeyConstraint(
            ["attempt_id"],
            ["attempt.id"],
            name="fk_attempt_foreign_input_attempt_id",
            ondelete="CASCADE",
        ),
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_setting"),
    )
