"""SQL of the metrics that the dbt project names, from its manifest.

It covers what the project's metrics use: sums and percentiles, ratios, filters on the
dimensions of the model itself.
"""

import re

DIMENSION = re.compile(r"\{\{ Dimension\('\w+?__(\w+)'\) \}\}")


class Metrics:
    """The metrics of a manifest, over the candidates."""

    def __init__(self, manifest):
        self.metrics = {m["name"]: m for m in manifest["metrics"].values()}
        self.nodes = manifest["nodes"]
        self.measures = {
            measure["name"]: (model, measure)
            for model in manifest["semantic_models"].values()
            for measure in model["measures"]
        }

    def sql(self, name, by=()):
        """Select `month`, the columns `by` and `value` of one metric."""
        metric = self.metrics[name]
        parameters = metric["type_params"]
        if metric["type"] == "simple":
            return self._simple(metric, filters(metric), by)
        sides = [
            self._simple(self.metrics[parameters[side]["name"]], filters(metric), by)
            for side in ("numerator", "denominator")
        ]
        keys = ", ".join(["month", *by])
        return (
            f"select {keys}, numerator.value / nullif(denominator.value, 0) as value "
            f"from ({sides[0]}) as numerator "
            f"inner join ({sides[1]}) as denominator using ({keys})"
        )

    def _simple(self, metric, conditions, by):
        model, measure = self.measures[metric["type_params"]["measure"]["name"]]
        expressions = {
            dimension["name"]: dimension["expr"] or dimension["name"]
            for dimension in model["dimensions"]
        }
        month = expressions[model["defaults"]["agg_time_dimension"]]
        asked = [
            DIMENSION.sub(lambda found: f"({expressions[found[1]]})", condition)
            for condition in dict.fromkeys([*conditions, *filters(metric)])
        ]
        groups = [f"date_trunc('month', {month})::date", *(expressions[n] for n in by)]
        names = ["month", *by]
        columns = [f"{e} as {n}" for e, n in zip(groups, names, strict=True)]
        return (
            f"select {', '.join(columns)}, {aggregate(measure)} as value "
            f"from {self._relation(model)} where {' and '.join(asked) or 'true'} "
            f"group by {', '.join(str(i + 1) for i in range(len(groups)))}"
        )

    def _relation(self, model):
        [node] = [self.nodes[n] for n in model["depends_on"]["nodes"]]
        return f"{node['schema']}.{node['name']}"


def filters(metric):
    """The conditions on a metric, as they are written."""
    found = (metric["filter"] or {}).get("where_filters", [])
    return [each["where_sql_template"] for each in found]


def aggregate(measure):
    """The aggregation of a measure."""
    if measure["agg"] == "percentile":
        share = measure["agg_params"]["percentile"]
        return f"percentile_disc({share}) within group (order by {measure['expr']})"
    assert measure["agg"] == "sum", measure["name"]
    return f"sum({measure['expr']})"
