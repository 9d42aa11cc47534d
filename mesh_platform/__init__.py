"""An open-source data mesh on Dagster: contracts, verified atomic releases, one command line."""

__version__ = "0.1.0"
