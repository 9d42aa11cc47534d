"""The code location of the shop domain."""

from mesh_platform.orchestration import domain_location

defs = domain_location(__file__)
