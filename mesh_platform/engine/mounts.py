"""The dbt-duckdb plugin under the name that the profile of every mesh has for it.

dbt-duckdb looks for a class `Plugin` in the module that `dbt_project/profiles.yml` names.
"""

from mesh_platform.engines.dbt.mounts import Plugin

__all__ = ["Plugin"]
