"""What changed between two versions of a contract or descriptor, and what that means to whom."""
