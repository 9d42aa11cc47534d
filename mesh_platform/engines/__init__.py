"""DuckDB and dbt: the only room that runs SQL. Later engines stand beside this one."""
