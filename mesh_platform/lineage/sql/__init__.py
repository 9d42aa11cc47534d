"""What SQL says of columns, read from its text alone: what they come from, and what is certain."""
