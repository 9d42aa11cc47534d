{# A moment in time out of text such as 2013-01-01T10:00:00Z.
   The name of the type is the one word that differs between engines. #}
{% macro instant(column) -%}
{{ mesh.typed(column, 'timestamp with time zone') }}
{%- endmacro %}
