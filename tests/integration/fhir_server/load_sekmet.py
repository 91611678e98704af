"""Load NDJSON into a sekmet database: `load_sekmet.py SETTINGS FOLDER PER_TYPE`."""

import gzip
import json
import sys
from itertools import islice
from pathlib import Path

from sekmet.config import load_settings
from sekmet.fhir.store import Store

settings, folder, per_type = sys.argv[1:]
store = Store(load_settings(settings).database)
store.conn.execute("pragma synchronous = off")
with store.transaction():
    for path in sorted(Path(folder).glob("*.ndjson.gz")):
        with gzip.open(path, "rt") as lines:
            for line in islice(lines, int(per_type)):
                store.update(json.loads(line), origin="internal")
