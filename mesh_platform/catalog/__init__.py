"""Frozen pictures of the mesh for people: no database, no SQL, no Dagster."""
