{# A date out of three text columns. #}
{% macro calendar_date(year, month, day) -%}
cast({{ year }} || '-' || lpad({{ month }}, 2, '0') || '-' || lpad({{ day }}, 2, '0') as date)
{%- endmacro %}
