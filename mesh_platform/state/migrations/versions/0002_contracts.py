"""Contracts: the text of every promise that a build was held against, kept once."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the table; releases from before have a digest whose text nobody kept."""
    op.create_table(
        "contract",
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("contract_id", sa.String(400), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("file", sa.String(400), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("suite", sa.Text()),
        sa.PrimaryKeyConstraint("digest", name="pk_contract"),
    )
