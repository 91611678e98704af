"""Where the charts of a page stand, and what its readers filter by."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ledgerline.dashboards.page import Chart, Page
from ledgerline.dashboards.style import CSS

Identifier = Callable[..., str]
FILTERS = {"month": "Month", "facility": "Facility", "service_line": "Service line"}
ONE_OF_THE_NEWEST = "month"


def dashboard(page: Page, identifier: Identifier) -> dict[str, Any]:
    """Return Superset's description of a page."""
    return {
        "dashboard_title": page.title,
        "description": None,
        "css": CSS,
        "slug": page.slug,
        "published": True,
        "uuid": identifier("dashboard", page.slug),
        "position": _position(page, identifier),
        "metadata": {
            "native_filter_configuration": [
                _filter(page, name, identifier) for name in page.filters
            ],
            "cross_filters_enabled": True,
            "filter_bar_orientation": "HORIZONTAL",
            "color_scheme": "supersetColors",
            "refresh_frequency": 0,
            "expanded_slices": {},
            "timed_refresh_immune_slices": [],
            "label_colors": {},
            "chart_configuration": {},
            "global_chart_configuration": {},
        },
        "version": "1.0.0",
    }


def _position(page: Page, identifier: Identifier) -> dict[str, Any]:
    rows = [f"ROW-{number}" for number in range(1, len(page.rows) + 1)]
    position: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {
            "type": "GRID",
            "id": "GRID_ID",
            "children": rows,
            "parents": ["ROOT_ID"],
        },
        "HEADER_ID": {
            "type": "HEADER",
            "id": "HEADER_ID",
            "meta": {"text": page.title},
        },
    }
    for row, charts in zip(rows, page.rows, strict=True):
        position[row] = {
            "type": "ROW",
            "id": row,
            "children": [_place(page, chart) for chart in charts],
            "parents": ["ROOT_ID", "GRID_ID"],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        for chart in charts:
            position[_place(page, chart)] = _box(page, chart, row, identifier)
    return position


def _box(page: Page, chart: Chart, row: str, identifier: Identifier) -> dict[str, Any]:
    return {
        "type": "CHART",
        "id": _place(page, chart),
        "children": [],
        "parents": ["ROOT_ID", "GRID_ID", row],
        "meta": {
            "chartId": _number(page, chart),
            "uuid": identifier("chart", page.slug, chart.title),
            "sliceName": chart.title,
            "width": chart.width,
            "height": chart.height,
        },
    }


def _place(page: Page, chart: Chart) -> str:
    return f"CHART-{_number(page, chart)}"


def _number(page: Page, chart: Chart) -> int:
    return page.charts.index(chart) + 1


def _filter(page: Page, name: str, identifier: Identifier) -> dict[str, Any]:
    """One month at a time, at first the newest; of the others any number."""
    is_month = name == ONE_OF_THE_NEWEST
    unmoved = [_number(page, chart) for chart in page.charts if chart.all_months]
    return {
        "id": f"NATIVE_FILTER-{page.slug}-{name}",
        "name": FILTERS[name],
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        "requiredFirst": is_month,
        "targets": [
            {
                "datasetUuid": identifier("dataset", page.filtered_by),
                "column": {"name": name},
            }
        ],
        "controlValues": {
            "multiSelect": not is_month,
            "enableEmptyFilter": is_month,
            "defaultToFirstItem": is_month,
            "sortAscending": not is_month,
            "searchAllOptions": False,
            "inverseSelection": False,
        },
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
        "cascadeParentIds": [],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": unmoved if is_month else []},
        "description": "",
    }
