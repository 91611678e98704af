{#- Every one of `columns` has a value in every row; one query for all of them. -#}
{% test never_null(model, columns) %}

select {{ columns | join(', ') }}
from {{ model }}
where num_nulls({{ columns | join(', ') }}) > 0

{% endtest %}
