"""Data from outside the mesh: finds the file behind an input port and makes it readable.

A text file is read whole, once for each version of it, into a Parquet file of the domain's own:
what is wrong with it is known before dbt starts, and all models of a build read the same rows.
"""
