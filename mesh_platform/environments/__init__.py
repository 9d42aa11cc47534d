"""Environments: how they come, defer to each other, hand on releases, and go."""
