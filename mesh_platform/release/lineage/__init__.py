"""The SQL of a mesh on disk, and what lineage finds in it."""
