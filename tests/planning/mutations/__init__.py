"""Contracts and descriptors with something changed, and what a consumer would say of it."""
