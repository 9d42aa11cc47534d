"""Dagster: the only room that imports it. A domain's `definitions.py` calls `domain_location`."""

from mesh_platform.orchestration.location import domain_location

__all__ = ["domain_location"]
