"""A port of a release is a set of files, each with its size and the digest of its bytes."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Move the one file of each port; of releases from before, no digest is known."""
    op.create_table(
        "port_file",
        sa.Column("attempt_id", sa.String(36), nullable=False),
        sa.Column("port", sa.String(64), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("rows", sa.BigInteger()),
        sa.Column("bytes", sa.BigInteger()),
        sa.Column("digest", sa.String(64)),
        sa.PrimaryKeyConstraint("attempt_id", "port", "name", name="pk_port_file"),
        sa.ForeignKeyConstraint(
            ["attempt_id"], ["attempt.id"], name="fk_port_file_attempt_id", ondelete="CASCADE"
        ),
    )
    op.execute(
        "insert into port_file (attempt_id, port, name, rows, bytes) "
        "select attempt_id, port, file, rows, bytes from attempt_port"
    )
    for column in ("file", "rows", "bytes"):
        op.drop_column("attempt_port", column)
