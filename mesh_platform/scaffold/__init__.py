"""Everything that writes files into the repository: what follows from others, and edits."""
