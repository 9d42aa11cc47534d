"""dbt: its projects, packages, manifest and tests, in process or in a process of its own."""
