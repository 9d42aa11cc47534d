{# A typed value out of a text column in which 'NA' means missing. #}
{% macro typed(column, type) -%}
cast(nullif({{ column }}, 'NA') as {{ type }})
{%- endmacro %}
