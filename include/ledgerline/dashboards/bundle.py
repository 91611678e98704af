"""The definition as the bundle of assets that Superset imports.

Every identifier is made from a name: an import replaces what an earlier one made.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid5

import yaml  # type: ignore[import-untyped]

from ledgerline.dashboards.chart import parameters
from ledgerline.dashboards.layout import dashboard
from ledgerline.dashboards.page import Chart, Dataset, Definition, Page
from ledgerline.dashboards.style import FORMATS

NAMESPACE = UUID("6d0a0f2e-5d5c-4c0b-9f4e-6c6564676572")
WAREHOUSE = "Warehouse"
Document = dict[str, Any]


def identifier(*names: str) -> str:
    """Return the lasting identifier of what has these names."""
    return str(uuid5(NAMESPACE, "/".join(names)))


def bundle(definition: Definition, warehouse: str) -> bytes:
    """Return the archive that Superset imports.

    `warehouse` is the SQLAlchemy URL without an account.
    """
    documents: dict[str, Document] = {
        "metadata.yaml": {
            "version": "1.0.0",
            "type": "assets",
            "timestamp": "2026-01-01T00:00:00+00:00",
        },
        "databases/warehouse.yaml": _database(warehouse),
    }
    for dataset in definition.datasets.values():
        documents[f"datasets/warehouse/{dataset.name}.yaml"] = _dataset(dataset)
    for page in definition.pages:
        documents[f"dashboards/{page.slug}.yaml"] = dashboard(page, identifier)
        for chart in page.charts:
            path = f"charts/{identifier('chart', page.slug, chart.title)}.yaml"
            documents[path] = _chart(page, chart, definition.datasets[chart.dataset])
    return _archive(documents)


def _archive(documents: Mapping[str, Document]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, document in documents.items():
            text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
            archive.writestr(f"ledgerline/{path}", text)
    return packed.getvalue()


def _database(warehouse: str) -> Document:
    return {
        "database_name": WAREHOUSE,
        "sqlalchemy_uri": warehouse,
        "cache_timeout": None,
        "expose_in_sqllab": True,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_csv_upload": False,
        "impersonate_user": False,
        "extra": {"allows_virtual_table_explore": True},
        "uuid": identifier("database"),
        "version": "1.0.0",
    }


def _dataset(dataset: Dataset) -> Document:
    return {
        "table_name": dataset.title,
        "main_dttm_col": None,
        "schema": None,
        "sql": dataset.sql,
        "filter_select_enabled": True,
        "metrics": [
            {
                "metric_name": name,
                "verbose_name": metric.title,
                "expression": metric.sql,
                "d3format": FORMATS[metric.format] or None,
            }
            for name, metric in dataset.metrics.items()
        ],
        "columns": [_column(dataset, name) for name in _named(dataset)],
        "uuid": identifier("dataset", dataset.name),
        "version": "1.0.0",
        "database_uuid": identifier("database"),
    }


def _named(dataset: Dataset) -> list[str]:
    """The columns that charts and filters name; metrics may use any other."""
    return [*dict.fromkeys([*dataset.columns, *filter(None, [dataset.time])])]


def _column(dataset: Dataset, name: str) -> Document:
    is_time = name == dataset.time
    kind = "NUMERIC" if name in dataset.formats else "TEXT"
    return {
        "column_name": name,
        "verbose_name": dataset.columns.get(name),
        "is_dttm": is_time,
        "is_active": True,
        "type": "DATE" if is_time else kind,
        "groupby": True,
        "filterable": True,
    }


def _chart(page: Page, chart: Chart, dataset: Dataset) -> Document:
    kind, given = parameters(chart, dataset)
    return {
        "slice_name": chart.title,
        "viz_type": kind,
        "params": given,
        "query_context": None,
        "cache_timeout": None,
        "uuid": identifier("chart", page.slug, chart.title),
        "version": "1.0.0",
        "dataset_uuid": identifier("dataset", dataset.name),
    }
