"""Policies to start with, by topic. None is in force until `mesh.yaml` names it."""
