"""The mesh as its files describe it: pure, frozen, read once, no engine and no clock."""
