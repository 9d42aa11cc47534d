"""The text of the descriptor that a release was made by, kept among the contracts' texts."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column; of releases from before, the descriptor is not known."""
    op.add_column("attempt", sa.Column("descriptor_digest", sa.String(64)))
