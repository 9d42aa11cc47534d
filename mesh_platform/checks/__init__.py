"""Checks before any engine: contract → specs → one read-only SELECT each. Pure."""
