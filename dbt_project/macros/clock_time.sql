{# A wall clock time such as 05:17 out of text such as 517. Midnight at the end of a day, 2400, becomes 00:00. #}
{% macro clock_time(column) -%}
case
        when {{ column }} = 'NA' then null
        when {{ column }} = '2400' then '00:00'
        else substr(lpad({{ column }}, 4, '0'), 1, 2) || ':' || substr(lpad({{ column }}, 4, '0'), 3, 2)
    end
{%- endmacro %}
