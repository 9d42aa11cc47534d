"""Tables of the registry. A change here needs a migration in `migrations/versions`."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    DateTime,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

HEAD = "0007"
"""The migration that `metadata` corresponds to; a test holds the two together."""

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

attempt = Table(
    "attempt",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("product", String(130), nullable=False),
    Column("state", String(16), nullable=False),
    Column("number", Integer),
    Column("version", String(40), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("code_version", String(40), nullable=False),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("ended_at", DateTime(timezone=True)),
    Column("seconds", Float),
    Column("reason", Text),
    Column("origin_id", String(36)),
    Column("origin_environment", String(63)),
    Column("origin_number", Integer),
    Column("descriptor_digest", String(64)),
    Column("follows_id", String(36)),
    Column("follows_environment", String(63)),
    UniqueConstraint("product", "number", name="uq_attempt_product_number"),
    Index("ix_attempt_product_state", "product", "state"),
)

attempt_port = Table(
    "attempt_port",
    metadata,
    Column("attempt_id", ForeignKey("attempt.id", ondelete="CASCADE"), primary_key=True),
    Column("port", String(64), primary_key=True),
    Column("version", String(40), nullable=False),
    Column("table_path", String(400), nullable=False),
    Column("columns", JSON, nullable=False),
    Column("contract_digest", String(64), nullable=False),
    Column("table_version", Integer),
)

# `digest` is null for releases from before digests were kept
port_file = Table(
    "port_file",
    metadata,
    Column("attempt_id", ForeignKey("attempt.id", ondelete="CASCADE"), primary_key=True),
    Column("port", String(64), primary_key=True),
    Column("name", String(200), primary_key=True),
    Column("rows", BigInteger),
    Column("bytes", BigInteger),
    Column("digest", String(64)),
)

attempt_input = Table(
    "attempt_input",
    metadata,
    Column("attempt_id", ForeignKey("attempt.id", ondelete="CASCADE"), primary_key=True),
    Column("port", String(200), primary_key=True),
    Column("release_id", ForeignKey("attempt.id"), nullable=False),
)

# a release of another environment: its registry, not this one, knows the id
attempt_foreign_input = Table(
    "attempt_foreign_input",
    metadata,
    Column("attempt_id", ForeignKey("attempt.id", ondelete="CASCADE"), primary_key=True),
    Column("port", String(200), primary_key=True),
    Column("environment", String(63), nullable=False),
    Column("release_id", String(36), nullable=False),
)

# `port` is empty where a check is of the product, as dbt tests are
check_result = Table(
    "check_result",
    metadata,
    Column("attempt_id", ForeignKey("attempt.id", ondelete="CASCADE"), primary_key=True),
    Column("port", String(64), primary_key=True),
    Column("check", String(200), primary_key=True),
    Column("position", Integer, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("observed", Float),
    Column("threshold", Text, nullable=False),
    Column("message", Text, nullable=False),
    Column("sql", Text),
    Column("sample", JSON, nullable=False),
    Column("seconds", Float, nullable=False),
)

contract = Table(
    "contract",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("contract_id", String(400), nullable=False),
    Column("version", String(40), nullable=False),
    Column("file", String(400), nullable=False),
    Column("text", Text, nullable=False),
    Column("suite", Text),
)

current = Table(
    "current",
    metadata,
    Column("product", String(130), primary_key=True),
    Column("attempt_id", ForeignKey("attempt.id"), nullable=False),
)

setting = Table(
    "setting",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

# what the rules were; `rules` is JSON that `governance` understands
policy_version = Table(
    "policy_version",
    metadata,
    Column("digest", String(64), primary_key=True),
    Column("rules", JSON, nullable=False),
)

# one row for each piece of news about a scope, never one that says the same as the row before
compliance = Table(
    "compliance",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("scope", String(16), nullable=False),
    Column("name", String(200), nullable=False),
    Column("score", Float),
    Column("state", String(16), nullable=False),
    Column("level", Integer),
    Column("tallies", JSON, nullable=False),
    Column("policy_version", ForeignKey("policy_version.digest"), nullable=False),
    Column("mesh_commit", String(65)),
    Index("ix_compliance_scope_name", "scope", "name"),
)
