"""Policies at work: found, run apart, held against files, plans and releases, remembered."""
