"""How well the mesh kept its policies over time, and what the policies were."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the tables; of the time before, nothing is known."""
    op.create_table(
        "policy_version",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("rules", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name="pk_policy_version"),
    )
    op.create_table(
        "compliance",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("scope", sa.String(16), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("score", sa.Float()),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("level", sa.Integer()),
        sa.Column("tallies", sa.JSON(), nullable=False),
        sa.Column("policy_version", sa.String(64), nullable=False),
        sa.Column("mesh_commit", sa.String(65)),
        sa.PrimaryKeyConstraint("id", name="pk_compliance"),
        sa.ForeignKeyConstraint(
            ["policy_version"],
            ["policy_version.digest"],
            name="fk_compliance_policy_version",
        ),
    )
    op.create_index("ix_compliance_scope_name", "compliance", ["scope", "name"])
