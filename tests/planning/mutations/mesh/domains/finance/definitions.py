"""The code location of the finance domain."""

from mesh_platform.orchestration import domain_location

defs = domain_location(__file__)
