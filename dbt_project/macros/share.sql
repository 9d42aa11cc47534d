{# A part of a whole between 0 and 1, rounded to four digits; missing when the whole is zero. #}
{% macro share(part, whole) -%}
round(cast({{ part }} as double) / nullif({{ whole }}, 0), 4)
{%- endmacro %}
