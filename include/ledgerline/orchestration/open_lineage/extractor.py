"""What each task reads and writes, as OpenLineage datasets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from airflow.providers.openlineage.extractors.base import BaseExtractor, OperatorLineage
from openlineage.client.event_v2 import Dataset
from openlineage.client.facet_v2 import DatasetFacet
from openlineage.client.generated.column_lineage_dataset import (
    ColumnLineageDatasetFacet,
    Fields,
    InputField,
    Transformation,
)

from ledgerline import settings
from ledgerline.canonical.endpoint import Endpoint
from ledgerline.orchestration import connections
from ledgerline.quality.relation import Relation, published_relations, read_manifest

CONNECTIONS = "ledgerline.connection"
"""Namespace of what lies behind a connection, named by its id: paths may hold names."""


@dataclass(frozen=True, kw_only=True)
class Move:
    """Relations that a task reads and writes, and the connections it uses for each."""

    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    from_connections: tuple[str, ...] = ()
    to_connections: tuple[str, ...] = ()


EHR, BILLING, ERP = "raw_ehr.record", "raw_billing.record", "raw_erp.record"
ENTRIES = "post.entry"
PUBLISH = "build_warehouse.publish"
MOVES: Mapping[str, Move] = {
    "extract_ehr.land_ehr": Move(
        from_connections=("ehr_fhir", "ehr_hl7v2"), writes=(EHR, "ops.event")
    ),
    "extract_billing.land_billing": Move(
        from_connections=("billing_x12",), writes=(BILLING, "ops.event")
    ),
    "extract_erp.land_erp": Move(from_connections=("erp",), writes=(ERP,)),
    "post_to_erp.post_entries": Move(
        reads=("candidate_outbound.out_journal_line",),
        writes=(ENTRIES,),
        to_connections=("erp",),
    ),
    "reconcile_ledgers.reconcile": Move(
        reads=(ENTRIES, ERP), writes=("ops.reconciliation_line",)
    ),
}
"""By DAG and task. What the build moves is told by its models and by `PUBLISH`."""


class FlowExtractor(BaseExtractor):  # type: ignore[misc]
    """Adds to a task's event the datasets of MOVES, or of a publication.

    Airflow's own extractor, which it stands in for, would send the task's source code.
    """

    @classmethod
    def get_operator_classnames(cls) -> list[str]:
        """Name the operators that our tasks are."""
        return ["_PythonDecoratedOperator", "_ShortCircuitDecoratedOperator"]

    def _execute_extraction(self) -> OperatorLineage:
        task = f"{self.operator.dag_id}.{self.operator.task_id}"
        if task == PUBLISH:
            return _publication(_Warehouse(connections.require("warehouse")))
        if task in MOVES:
            return _lineage(MOVES[task], _Warehouse(connections.require("warehouse")))
        return OperatorLineage()


class _Warehouse:
    """Names relations as dbt's events do, so that both are one graph."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.namespace = f"postgres://{endpoint.host}:{endpoint.port or 5432}"
        self.database = endpoint.schema

    def dataset(self, name: str, **facets: DatasetFacet) -> Dataset:
        return Dataset(
            namespace=self.namespace, name=f"{self.database}.{name}", facets=facets
        )


def _lineage(moved: Move, warehouse: _Warehouse) -> OperatorLineage:
    return OperatorLineage(
        inputs=[
            *map(warehouse.dataset, moved.reads),
            *map(_behind, moved.from_connections),
        ],
        outputs=[
            *map(warehouse.dataset, moved.writes),
            *map(_behind, moved.to_connections),
        ],
    )


def _behind(conn_id: str) -> Dataset:
    return Dataset(namespace=CONNECTIONS, name=conn_id)


def _publication(warehouse: _Warehouse) -> OperatorLineage:
    relations = published_relations(read_manifest(settings.load().manifest))
    candidates = [
        warehouse.dataset(f"{each.candidate_schema}.{each.name}") for each in relations
    ]
    return OperatorLineage(
        inputs=candidates,
        outputs=[
            warehouse.dataset(each.label, columnLineage=_as_it_is(each, candidate))
            for each, candidate in zip(relations, candidates, strict=True)
        ],
    )


def _as_it_is(relation: Relation, candidate: Dataset) -> ColumnLineageDatasetFacet:
    unchanged = Transformation(type="DIRECT", subtype="IDENTITY")
    return ColumnLineageDatasetFacet(
        fields={
            column: Fields(
                inputFields=[
                    InputField(
                        namespace=candidate.namespace,
                        name=candidate.name,
                        field=column,
                        transformations=[unchanged],
                    )
                ]
            )
            for column in relation.columns
        }
    )
