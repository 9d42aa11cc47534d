"""A release knows the one that was current when it was built."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add where it is found; of releases from before nobody knows."""
    op.add_column("attempt", sa.Column("follows_id", sa.String(36)))
    op.add_column("attempt", sa.Column("follows_environment", sa.String(63)))
