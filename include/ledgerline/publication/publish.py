"""Publish: make the judged candidates what readers see, in one transaction."""

from __future__ import annotations

from pathlib import Path

from ledgerline.canonical.errors import GateClosed
from ledgerline.publication.publication import Publication, RowCounts, Shape
from ledgerline.publication.repository import publications, relations, rows, views
from ledgerline.publication.repository.publications import Verdict
from ledgerline.publication.shape import shape_change
from ledgerline.quality.gate import PUBLICATION_GATE, code_version
from ledgerline.quality.relation import (
    Relation,
    RelationHash,
    data_hash,
    published_relations,
    read_manifest,
)
from ledgerline.quality.repository.candidates import hash_relations
from ledgerline.quality.repository.following import find_following, follow
from ledgerline.store.engine import Connection


def publish(dsn: str, run_id: str, manifest_path: Path) -> Publication:
    """Publish the candidates that the gate judged in this run.

    Refuses with GateClosed unless the run's decision is PASS or HOLD, the newest of
    the gate, unused, and about exactly the rows that stand there now. Called again
    after it succeeded, it changes nothing and returns the same publication.
    """
    wanted = published_relations(read_manifest(manifest_path))
    with publications.exclusive(dsn) as connection:
        relations.lock_candidates(connection, wanted)
        hashes = hash_relations(connection, wanted)
        verdict = publications.decision_of(connection, run_id, PUBLICATION_GATE)
        decision = _open_gate(verdict, run_id, data_hash(hashes))
        if decision.used_by is not None:
            (done,) = publications.find_publications(connection, decision.used_by)
            return done
        number = publications.next_number(connection)
        counts, shapes = _replace(
            connection, wanted, hashes, number, decision.held_facilities
        )
        hashed = zip(wanted, hashes, strict=True)
        follow(connection, hashed, None if decision.held_facilities else number)
        return publications.insert_publication(
            connection,
            {
                "publication_id": number,
                "decision_id": decision.decision_id,
                "data_hash": decision.data_hash,
                "suite_hash": decision.suite_hash,
                "verdict": decision.verdict,
                "held_facilities": decision.held_facilities,
                "code_version": code_version(),
            },
            counts,
            shapes,
        )


def _open_gate(decision: Verdict | None, run_id: str, found: str) -> Verdict:
    if decision is None:
        raise GateClosed(f"run {run_id} has no gate decision; run the gate first")
    problem = ""
    if decision.verdict not in {"PASS", "HOLD"}:
        problem = f"is {decision.verdict}; correct what it names and build again"
    elif not decision.is_newest:
        problem = "is not the newest of the gate; publish the newest run instead"
    elif decision.data_hash != found:
        problem = "was made over other rows than stand there now; run the gate again"
    if problem:
        raise GateClosed(
            f"gate decision {decision.decision_id} {problem}. Nothing was published"
        )
    return decision


def _replace(
    connection: Connection,
    wanted: tuple[Relation, ...],
    hashes: list[RelationHash],
    number: int,
    held: list[str],
) -> tuple[dict[str, RowCounts], dict[str, Shape]]:
    existing = relations.existing_relations(connection, wanted)
    following = find_following(
        connection, {found.label: found.columns for found in hashes}
    )
    newest = publications.newest_number(connection)
    counts: dict[str, RowCounts] = {}
    shapes: dict[str, Shape] = {}
    for relation, found in zip(wanted, hashes, strict=True):
        change = shape_change(relation, found.columns, existing[relation.label])
        relations.apply_shape(connection, relation, change)
        known = following.get(relation.label)
        if known and known.publication_id == newest and not held:
            counts[relation.label] = rows.replace_noted(
                connection, relation, found, known.candidate, number
            )
        else:
            counts[relation.label] = rows.replace_rows(
                connection, relation, found.columns, number, held
            )
        if change.rekeyed:
            relations.index_key(connection, relation.table, relation.key)
        shapes[relation.label] = Shape(columns=change.view_columns, key=relation.key)
    current = {relation.table for relation in wanted}
    for table in sorted(relations.published_keys(connection).keys() - current):
        views.withdraw(connection, table)
        counts[table.replace("__", ".", 1)] = rows.close_rows(connection, table, number)
    views.describe(connection)
    return counts, shapes
