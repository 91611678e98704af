"""The definition as the bundle of assets that Superset imports.

Every identifier is made from a name: an import replaces what an earlier one made.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from uuid import UUID, uuid5

import yaml  # type: ignore[import-untyped]

from ledgerline.dashboards.chart import parameters
from ledgerline.dashboards.layout import dashboard
from ledgerline.dashboards.page import Chart, Dataset, Definition, Page
from ledgerline.dashboards.style import FORMATS

NAMESPACE = UUID("6d0a0f2e-5d5c-4c0b-9f4e-6c6564676572")
WAREHOUSE = "Warehouse"
Columns = Callable[[Dataset], Iterable[tuple[str, str]]]
Document = dict[str, Any]


def identifier(*names: str) -> str:
    """Return the lasting identifier of what has these names."""
    return str(uuid5(NAMESPACE, "/".join(names)))


def bundle(definition: Definition, warehouse: str, columns: Columns) -> bytes:
    """Return the archive that Superset imports.

    `warehouse` is the SQLAlchemy URL without an account; `columns` tells name and type
    of each column of a dataset.
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
        documents[f"datasets/warehouse/{dataset.name}.yaml"] = _dataset(
            dataset, columns(dataset)
        )
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


def _dataset(dataset: Dataset, columns: Iterable[tuple[str, str]]) -> Document:
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
        "columns": [
            {
                "column_name": name,
                "verbose_name": dataset.columns.get(name),
                "is_dttm": kind in {"DATE", "TIMESTAMP"},
                "is_active": True,
                "type": kind,
                "groupby": True,
                "filterable": True,
            }
            for name, kind in columns
        ],
        "uuid": identifier("dataset", dataset.name),
        "version": "1.0.0",
        "database_uuid": identifier("database"),
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
