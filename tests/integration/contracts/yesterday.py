"""A folder of encounters whose readers of yesterday could not take some of them."""

from functools import partial

from ledgerline.connectors.formats import fhir
from ledgerline.connectors.formats.record import FileRefused, RefusalClass
from ledgerline.landing.land import land
from ledgerline.landing.replay import Selection, replay
from tests.integration.contracts.row_source import Deliveries, lines

ROW = (
    "select status, class, message from ops.quarantined_record where source = %s "
    "and locator like %s order by quarantine_id"
)
CURRENT = (
    "select body ->> 'status', file.name from raw_ehr.current_record as record "
    "inner join raw_ehr.file as file on record.file_id = file.file_id "
    "where record.resource_id = %s"
)


def encounter(name, status="finished", **more):
    return {
        "resourceType": "Encounter",
        "id": name,
        "status": status,
        "class": {"code": "IMP"},
    } | more


def fhir_reader(format_name):
    return partial(fhir.read, fhir.Kind(format_name))


def without(word):
    """A reader of yesterday that cannot take records with this word."""

    def yesterday(_format_name):
        def read(content):
            for item in fhir.read(fhir.Kind.NDJSON, content):
                if word.encode() in getattr(item, "body", b""):
                    yield fhir.reader._refusal(
                        fhir.reader.RecordRefused(RefusalClass.PARSE, "not yet known"),
                        item.body,
                        item.byte_offset,
                    )
                else:
                    yield item

        return read

    return yesterday


def closed(_format_name):
    def read(_content):
        raise FileRefused(RefusalClass.CONTAINER_CORRUPT, "not yet known")
        yield

    return read


def deliver(dsn, name, *resources, reader=fhir_reader):
    files = ((name, lines(*resources)),)
    return land(dsn, Deliveries(files=files, reader_of=reader))


def again(dsn, **chosen):
    return replay(dsn, Selection(**chosen), by="tester")
