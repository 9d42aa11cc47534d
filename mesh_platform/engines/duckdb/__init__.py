"""DuckDB: sessions, sources, warehouses, queries and the checks of a release."""
