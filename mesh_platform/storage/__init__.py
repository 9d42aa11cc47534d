"""Delta tables: DuckDB writes the Parquet, this room owns the log."""
