"""Lineage of models, products and the mesh: what is read, by whom, and what that finds wrong."""
