"""An OpenLineage event for each model and test that dbt ran, columns and all."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator, Mapping, Set
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import attr
from airflow.providers.openlineage import conf
from airflow.providers.openlineage.plugins.adapter import OpenLineageAdapter
from airflow.providers.openlineage.plugins.macros import (
    lineage_job_name,
    lineage_run_id,
)
from openlineage.client.event_v2 import OutputDataset, RunEvent, RunState
from openlineage.client.generated.column_lineage_dataset import (
    ColumnLineageDatasetFacet,
    Fields,
)
from openlineage.client.generated.schema_dataset import SchemaDatasetFacet
from openlineage.common.provider.dbt.facets import ParentRunMetadata
from openlineage.common.provider.dbt.local import DbtLocalArtifactProcessor

from ledgerline import settings
from ledgerline.quality.relation import Manifest, read_manifest

log = logging.getLogger(__name__)
PATIENCE_SECONDS = 30.0
ROLL_BYTES = 100_000_000
PRODUCER = "https://pypi.org/project/openlineage-integration-common"


def roll(path: Path) -> None:
    """Put a large file of events aside; each event opens the file anew."""
    if path.exists() and path.stat().st_size > ROLL_BYTES:
        path.rename(path.with_stem(f"{path.stem}-{datetime.now(UTC):%Y%m%dT%H%M%S}"))


def emit_models(project: Path, target: Path, task_instance: Any) -> None:  # noqa: ANN401
    """Send the events of dbt's run results as children of a task's run.

    Nothing that goes wrong here ends the build: it is a line in the log.
    """
    if conf.is_disabled():
        return
    try:
        roll(settings.load().lineage_events)
        client = OpenLineageAdapter().get_or_create_openlineage_client()
        until = time.monotonic() + PATIENCE_SECONDS
        for event in model_events(project, target, _parent(task_instance)):
            if time.monotonic() > until:
                log.warning("the catalogue is slow: not all lineage was sent")
                return
            client.emit(event)
    except Exception as error:  # a catalogue that is down must not hold the warehouse
        log.warning("no lineage of the models was sent: %s", type(error).__name__)


def model_events(
    project: Path, target: Path, parent: ParentRunMetadata
) -> Iterator[RunEvent]:
    """Read `manifest.json` and `run_results.json` of target; yield what they tell.

    Datasets and their columns stand in the event that ends a run, once. Where the
    parser took a name within a statement for a column, that column is left out.
    """
    processor = DbtLocalArtifactProcessor(
        project_dir=str(project),
        target_path=str(target),
        producer=PRODUCER,
        job_namespace=conf.namespace(),
        logger=log,
    )
    processor.dbt_run_metadata = parent
    columns = _columns(read_manifest(target / "manifest.json"))
    told: Iterable[RunEvent] = processor.parse().events()
    for event in told:
        if event.eventType == RunState.START:
            yield attr.evolve(event, inputs=[], outputs=[])
        else:
            inputs = {dataset.name for dataset in event.inputs or []}
            known = {name: columns[name] for name in inputs & columns.keys()}
            outputs = [_with_known(each, known) for each in event.outputs or []]
            yield attr.evolve(event, outputs=outputs)


def _columns(manifest: Manifest) -> dict[str, Set[str]]:
    """The described columns of each relation, by its name in an event; none of some."""
    return {
        ".".join((node["database"], node["schema"], node[name])): node["columns"].keys()
        for kind, name in (("nodes", "alias"), ("sources", "identifier"))
        for node in manifest[kind].values()
        if node["resource_type"] in {"model", "seed", "source"}
    }


def _with_known(output: OutputDataset, known: Mapping[str, Set[str]]) -> OutputDataset:
    facets = dict(output.facets or {})
    lineage, schema = facets.pop("columnLineage", None), facets.get("schema")
    if not (
        isinstance(lineage, ColumnLineageDatasetFacet)
        and isinstance(schema, SchemaDatasetFacet)
    ):
        return attr.evolve(output, facets=facets)
    columns = {field.name for field in schema.fields or []}
    made_of = {
        column: [
            each
            for each in made.inputFields
            if each.name in known and each.field in (known[each.name] or {each.field})
        ]
        for column, made in lineage.fields.items()
        if column in columns
    }
    fields = {
        column: Fields(inputFields=found) for column, found in made_of.items() if found
    }
    facets["columnLineage"] = attr.evolve(lineage, fields=fields)
    return attr.evolve(output, facets=facets)


def _parent(task_instance: Any) -> ParentRunMetadata:  # noqa: ANN401
    return ParentRunMetadata(
        run_id=lineage_run_id(task_instance),
        job_name=lineage_job_name(task_instance),
        job_namespace=conf.namespace(),
    )
