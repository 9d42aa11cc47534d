"""Use cases: what a person can ask of the platform, for every face alike; results are frozen."""
