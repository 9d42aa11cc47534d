"""The name under which the dbt profiles of meshes load the plugin; nothing else lives here."""
