"""Export with smart-fetch, under its own Python: `... FHIR_URL FOLDER TYPE,TYPE`."""

import asyncio
import sys

import cumulus_fhir_support
from smart_fetch.bulk_utils import BulkExporter
from smart_fetch.lifecycle import OutputMetadata

url, folder, types = sys.argv[1:]


async def export():
    wanted = set(types.split(","))
    client = cumulus_fhir_support.FhirClient(url, wanted)
    async with client:
        metadata = OutputMetadata(folder)
        exporter = BulkExporter(client, wanted, url, folder, metadata=metadata)
        await exporter.export()


asyncio.run(export())
