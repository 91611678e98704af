"""The definition of the dashboards: pages of rows of charts over datasets.

It is read from `definition/*.yaml`; a key that nothing reads is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

FOLDER = Path(__file__).parent / "definition"
SHARED = "shared"


@dataclass(frozen=True, kw_only=True)
class Metric:
    """SQL over the rows of a dataset, with the title and the format readers see."""

    title: str
    sql: str
    format: str = ""


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A question to the marts; `columns` titles what readers see of its columns.

    Columns with a format are numbers, `time` is the date that charts may stand on, the
    rest is text.
    """

    name: str
    title: str
    sql: str
    metrics: Mapping[str, Metric]
    columns: Mapping[str, str] = field(default_factory=dict)
    formats: Mapping[str, str] = field(default_factory=dict)
    time: str = ""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """One chart of a page; which of the keys mean something depends on its kind.

    Width is in twelfths of the page, height in steps of 8 pixels. `where` is SQL that
    its rows satisfy. `all_months` charts do not follow the month that readers choose.
    """

    title: str
    kind: str
    dataset: str
    width: int
    height: int
    metric: str = ""
    metrics: tuple[str, ...] = ()
    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    variances: tuple[str, ...] = ()
    x: str = ""
    y: str = ""
    step: str = ""
    total: str = ""
    where: str = ""
    order_by: str = ""
    ascending: bool = False
    limit: int = 100
    all_months: bool = False


@dataclass(frozen=True, kw_only=True)
class Page:
    """One dashboard: who sees it, what its readers may filter by, and its rows."""

    title: str
    slug: str
    roles: tuple[str, ...]
    filters: tuple[str, ...]
    filtered_by: str
    rows: tuple[tuple[Chart, ...], ...]

    @property
    def charts(self) -> tuple[Chart, ...]:
        """Every chart in the order of reading."""
        return tuple(chart for row in self.rows for chart in row)


@dataclass(frozen=True, kw_only=True)
class Definition:
    """All pages, and the datasets by name."""

    pages: tuple[Page, ...]
    datasets: Mapping[str, Dataset]


@cache
def load() -> Definition:
    """Read the definition of every page."""
    files = {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))
        for path in sorted(FOLDER.glob("*.yaml"))
    }
    datasets = {
        name: _dataset(name, given)
        for file in files.values()
        for name, given in file["datasets"].items()
    }
    pages = [_page(file) for stem, file in files.items() if stem != SHARED]
    return Definition(
        pages=tuple(sorted(pages, key=lambda page: page.slug)), datasets=datasets
    )


def _dataset(name: str, given: Mapping[str, Any]) -> Dataset:
    metrics = {key: Metric(**metric) for key, metric in given["metrics"].items()}
    return Dataset(name=name, **{**given, "metrics": metrics})


def _page(given: Mapping[str, Any]) -> Page:
    rows = tuple(
        tuple(_chart(chart) for chart in row["charts"]) for row in given["rows"]
    )
    kept = {key: value for key, value in given.items() if key != "datasets"}
    tuples = {key: tuple(given[key]) for key in ("roles", "filters")}
    return Page(**{**kept, **tuples, "rows": rows})


def _chart(given: Mapping[str, Any]) -> Chart:
    listed: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value
        for key, value in given.items()
    }
    return Chart(**listed)
