"""Great Expectations: suites that run as SQL through a dialect of their own."""
