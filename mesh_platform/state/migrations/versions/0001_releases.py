"""Releases: attempts, their ports and inputs, what checks said, and which release is current."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

_ATTEMPT = "attempt.id"


def upgrade() -> None:
    """Create the first tables."""
    _attempt()
    _attempt_parts()
    _check_result()
    op.create_table(
        "current",
        sa.Column("product", sa.String(130), nullable=False),
        sa.Column("attempt_id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("product", name="pk_current"),
        sa.ForeignKeyConstraint(["attempt_id"], [_ATTEMPT], name="fk_current_attempt_id"),
    )


def _attempt() -> None:
    op.create_table(
        "attempt",
        sa.Column("id", sa.String(36), nullable=False),
        sa.Column("product", sa.String(130), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("number", sa.Integer()),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("code_version", sa.String(40), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("seconds", sa.Float()),
        sa.Column("reason", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_attempt"),
        sa.UniqueConstraint("product", "number", name="uq_attempt_product_number"),
    )
    op.create_index("ix_attempt_product_state", "attempt", ["product", "state"])


def _attempt_parts() -> None:
    op.create_table(
        "attempt_port",
        sa.Column("attempt_id", sa.String(36), nullable=False),
        sa.Column("port", sa.String(64), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("table_path", sa.String(400), nullable=False),
        sa.Column("file", sa.String(200), nullable=False),
        sa.Column("rows", sa.BigInteger()),
        sa.Column("bytes", sa.BigInteger()),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("contract_digest", sa.String(64), nullable=False),
        sa.Column("table_version", sa.Integer()),
        sa.PrimaryKeyConstraint("attempt_id", "port", name="pk_attempt_port"),
        sa.ForeignKeyConstraint(
            ["attempt_id"], [_ATTEMPT], name="fk_attempt_port_attempt_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "attempt_input",
        sa.Column("attempt_id", sa.String(36), nullable=False),
        sa.Column("port", sa.String(200), nullable=False),
        sa.Column("release_id", sa.String(36), nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", "port", name="pk_attempt_input"),
        sa.ForeignKeyConstraint(
            ["attempt_id"], [_ATTEMPT], name="fk_attempt_input_attempt_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["release_id"], [_ATTEMPT], name="fk_attempt_input_release_id"),
    )


def _check_result() -> None:
    op.create_table(
        "check_result",
        sa.Column("attempt_id", sa.String(36), nullable=False),
        sa.Column("port", sa.String(64), nullable=False),
        sa.Column("check", sa.String(200), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("severity", sa.String(16), nullable=False),
        sa.Column("observed", sa.Float()),
        sa.Column("threshold", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("sql", sa.Text()),
        sa.Column("sample", sa.JSON(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("attempt_id", "port", "check", name="pk_check_result"),
        sa.ForeignKeyConstraint(
            ["attempt_id"], [_ATTEMPT], name="fk_check_result_attempt_id", ondelete="CASCADE"
        ),
    )
