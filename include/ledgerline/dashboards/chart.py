"""What Superset wants to know of a chart, by its kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ledgerline.dashboards import style
from ledgerline.dashboards.page import Chart, Dataset

Parameters = dict[str, Any]
NO_PERIOD = {
    "clause": "WHERE",
    "comparator": "No filter",
    "expressionType": "SIMPLE",
    "operator": "TEMPORAL_RANGE",
}


def parameters(chart: Chart, dataset: Dataset) -> tuple[str, Parameters]:
    """Return Superset's name of the kind of chart, and its parameters."""
    name, make = KINDS[chart.kind]
    given = make(chart, dataset)
    if chart.where:
        rule = {
            "clause": "WHERE",
            "expressionType": "SQL",
            "sqlExpression": chart.where,
        }
        given["adhoc_filters"] = [*given.get("adhoc_filters", []), rule]
    return name, {"adhoc_filters": [], "viz_type": name, **given}


def _tile(chart: Chart, dataset: Dataset) -> Parameters:
    return {
        "metric": chart.metric,
        "y_axis_format": style.FORMATS[dataset.metrics[chart.metric].format],
        "header_font_size": 0.4,
        "subheader_font_size": 0.15,
    }


def _sentence(chart: Chart, dataset: Dataset) -> Parameters:
    return {
        "query_mode": "aggregate",
        "groupby": [],
        "metrics": [chart.metric],
        "row_limit": 10,
        "show_cell_bars": False,
    }


def _status(chart: Chart, dataset: Dataset) -> Parameters:
    return {
        "query_mode": "raw",
        "all_columns": list(dataset.columns),
        "metrics": [],
        "groupby": [],
        "row_limit": 10,
        "show_cell_bars": False,
        "conditional_formatting": [
            _colour("gate_badge", "=", "PASSED", style.GREEN_TEXT),
            _colour("gate_badge", "=", "HELD", style.AMBER_TEXT),
            _colour("gate_badge", "=", "NOT PASSED", style.RED_TEXT),
        ],
    }


def _table(chart: Chart, dataset: Dataset) -> Parameters:
    return {
        "query_mode": "aggregate",
        "groupby": list(chart.rows),
        "metrics": list(chart.metrics),
        "timeseries_limit_metric": chart.order_by,
        "order_desc": not chart.ascending,
        "row_limit": chart.limit,
        "show_cell_bars": False,
        "conditional_formatting": _signed(chart.variances),
    }


def _records(chart: Chart, dataset: Dataset) -> Parameters:
    formats = {
        column: {"d3NumberFormat": style.FORMATS[dataset.formats[column]]}
        for column in chart.columns
        if column in dataset.formats
    }
    order = f'["{chart.order_by}", {"true" if chart.ascending else "false"}]'
    return {
        "query_mode": "raw",
        "all_columns": list(chart.columns),
        "order_by_cols": [order],
        "metrics": [],
        "groupby": [],
        "row_limit": chart.limit,
        "page_length": 20,
        "show_cell_bars": False,
        "column_config": formats,
        "conditional_formatting": _signed(chart.variances),
    }


def _signed(columns: tuple[str, ...]) -> list[Parameters]:
    below = [_colour(name, "<", 0, style.RED_TEXT) for name in columns]
    return [*below, *[_colour(name, ">", 0, style.GREEN_TEXT) for name in columns]]


def _colour(column: str, operator: str, value: object, colour: str) -> Parameters:
    return {
        "column": column,
        "operator": operator,
        "targetValue": value,
        "colorScheme": colour,
        "objectFormatting": "TEXT_COLOR",
        "useGradient": False,
    }


def _waterfall(chart: Chart, dataset: Dataset) -> Parameters:
    return {
        "x_axis": chart.step,
        "groupby": [],
        "metric": chart.metric,
        "y_axis_format": style.FORMATS[dataset.metrics[chart.metric].format],
        "show_value": True,
        "show_legend": False,
        "show_total": True,
        "total_label": chart.total,
        "row_limit": chart.limit,
        "increase_color": style.NAVY,
        "decrease_color": style.SLATE,
        "total_color": style.NAVY,
        "x_ticks_layout": "flat",
    }


def _heatmap(chart: Chart, dataset: Dataset) -> Parameters:
    return {
        "x_axis": chart.x,
        "groupby": chart.y,
        "metric": chart.metric,
        "sort_x_axis": "alpha_asc",
        "sort_y_axis": "alpha_desc",
        "normalize_across": "heatmap",
        "linear_color_scheme": "schemeRdYlGn",
        "value_bounds": [-1, 1],
        "y_axis_format": ".0%",
        "show_legend": False,
        "legend_type": "continuous",
        "show_values": True,
        "show_percentage": False,
        "xscale_interval": 1,
        "yscale_interval": 1,
        "left_margin": 20,
        "bottom_margin": 20,
        "border_color": {"r": 255, "g": 255, "b": 255, "a": 1},
        "border_width": 1,
        "row_limit": 1000,
    }


def _lines(chart: Chart, dataset: Dataset) -> Parameters:
    formats = {dataset.metrics[name].format for name in chart.metrics}
    return {
        "x_axis": chart.x,
        "time_grain_sqla": "P1M",
        "x_axis_time_format": "%b %Y",
        "metrics": list(chart.metrics),
        "groupby": list(chart.rows),
        "y_axis_format": style.FORMATS[min(formats)],
        "markerEnabled": True,
        "markerSize": 8,
        "show_legend": True,
        "legendOrientation": "top",
        "legendType": "plain",
        "rich_tooltip": True,
        "seriesType": "line",
        "row_limit": 1000,
        "truncate_metric": True,
        "adhoc_filters": [{**NO_PERIOD, "subject": chart.x}],
    }


def _bars(chart: Chart, dataset: Dataset) -> Parameters:
    return {
        "x_axis": chart.x,
        "metrics": list(chart.metrics),
        "groupby": list(chart.rows),
        "orientation": "horizontal",
        "y_axis_format": style.FORMATS[dataset.metrics[chart.metrics[0]].format],
        "x_axis_sort": chart.metrics[0],
        "x_axis_sort_asc": True,
        "stack": "Stack" if chart.rows else None,
        "show_value": not chart.rows,
        "show_legend": bool(chart.rows),
        "legendOrientation": "top",
        "legendType": "plain",
        "row_limit": chart.limit,
        "truncate_metric": True,
    }


KINDS: Mapping[str, tuple[str, Callable[[Chart, Dataset], Parameters]]] = {
    "tile": ("big_number_total", _tile),
    "sentence": ("table", _sentence),
    "status": ("table", _status),
    "table": ("table", _table),
    "records": ("table", _records),
    "waterfall": ("waterfall", _waterfall),
    "heatmap": ("heatmap_v2", _heatmap),
    "lines": ("echarts_timeseries_line", _lines),
    "bars": ("echarts_timeseries_bar", _bars),
}
"""Superset's name of each kind, and how its parameters are made."""
