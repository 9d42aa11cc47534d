"""Measures what the platform costs; every figure is a ratio within one run. See README.md."""
