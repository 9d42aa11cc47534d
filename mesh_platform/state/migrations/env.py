"""Alembic's entry: migrates over the connection that the platform hands in."""

from alembic import context

from mesh_platform.state.schema import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
