"""The built warehouse as readers see it: published, changed, published, reverted."""

from contextlib import contextmanager

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import dict_row

from ledgerline.publication.history import revert
from ledgerline.quality.relation import published_relations
from tests.dbt_manifest import parsed, parsed_manifest
from tests.integration.publication.candidates import Warehouse

SNAPSHOTS = ("published_first", "published_second")
_CHANGE = """
delete from {candidate} where ctid in (select ctid from {candidate} limit 2);
update {candidate} set {column} = null
where ctid in (select ctid from {candidate} limit 3)
"""
UNMAPPED = """
insert into candidate_marts.unmapped_code
values ('payer', 'billing', 'MVH', 'N7', 'A NEW PAYER', '2026-03-01', '2026-03-31', 2,
    123.45)
"""


@contextmanager
def copied(dsn, name):
    """A copy of a database, for as long as it is needed."""
    run_on_server(
        dsn,
        f"drop database if exists {name} with (force)",
        f"create database {name} template {conninfo_to_dict(dsn)['dbname']}",
    )
    try:
        yield make_conninfo(dsn, dbname=name)
    finally:
        run_on_server(dsn, f"drop database {name} with (force)")


def run_on_server(dsn, *statements):
    """Run statements outside of the database of the DSN, on its server."""
    place = make_conninfo(dsn, dbname="postgres")
    with psycopg.connect(place, autocommit=True) as server:
        for statement in statements:
            server.execute(statement)


class Publisher(Warehouse):
    """A built warehouse that is published as it stands."""

    def __init__(self, dsn):
        self.dsn, self.path, self.runs = dsn, parsed() / "manifest.json", 0
        self.manifest = parsed_manifest()
        self.relations = published_relations(self.manifest)

    def shown(self):
        """What readers see: of each relation how many rows, and their checksum."""
        return {
            each.label: self.execute(
                "select count(*), sum(hashtextextended(shown::text, 0)::numeric) "
                f"from {each.label} as shown"
            )
            for each in self.relations
        }


class Published(Publisher):
    """What was built is published; other rows are; then the first again.

    The reader's views of both publications are kept in schemas of SNAPSHOTS.
    """

    def __init__(self, dsn):
        super().__init__(dsn)
        self.execute(UNMAPPED)
        self.first = self._publish_and_keep(SNAPSHOTS[0])
        self.changed = {each.label for each in self.relations if self._vary(each)}
        self.second = self._publish_and_keep(SNAPSHOTS[1])
        self.reverted = revert(dsn, self.first.publication_id, by="c.ops")

    def _publish_and_keep(self, schema):
        done = self.publish()
        self.execute(f"create schema {schema}")
        for relation in self.relations:
            self.execute(
                f"create table {schema}.{relation.table} as table {relation.label}"
            )
        return done

    def _vary(self, relation):
        """Take rows away, empty a column of others; tell whether anything changed."""
        candidate = f"{relation.candidate_schema}.{relation.name}"
        column = [name for name in relation.columns if name not in relation.key][-1]
        self.execute(_CHANGE.format(candidate=candidate, column=column))
        [(lost,)] = self.execute(
            f"select count(*) from (table {SNAPSHOTS[0]}.{relation.table} "
            f"except all table {candidate}) as lost"
        )
        return lost > 0

    def lacks(self, shown, expected):
        """The rows by which two relations differ, in either direction."""
        [(count,)] = self.execute(
            f"select count(*) from ((table {shown} except all table {expected}) "
            f"union all (table {expected} except all table {shown})) as differing"
        )
        return count

    def ask(self, question, role="ledgerline_analyst"):
        """Run one statement as a reader."""
        with psycopg.connect(self.dsn, row_factory=dict_row) as connection:
            connection.execute(f"set role {role}")
            return connection.execute(question).fetchall()

    def rows(self, question):
        with psycopg.connect(self.dsn, row_factory=dict_row) as connection:
            return connection.execute(question).fetchall()

    def described(self):
        """Every published relation and column with its description."""
        nodes = self.manifest["nodes"].values()
        for node in nodes:
            if (node.get("config", {}).get("meta") or {}).get("published"):
                label = f"{node['schema'].removeprefix('candidate_')}.{node['name']}"
                columns = node["columns"].values()
                yield (
                    label,
                    node["description"],
                    {each["name"]: each["description"] for each in columns},
                )
