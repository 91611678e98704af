"""Landing in memory: the same rules by content and by deletion, without a database."""

import hashlib
import json
from collections import defaultdict

from ledgerline.connectors.erp import ErpSource


class Memory:
    """What was landed, and what the source remembers."""

    def __init__(self):
        self.saved = {}
        self.current = defaultdict(dict)
        self.versions = defaultdict(list)
        self.files = {}

    def load(self, key):
        return json.loads(self.saved[key]) if key in self.saved else None

    def save(self, key, value):
        self.saved[key] = json.dumps(value)

    def drop(self, key):
        self.saved.pop(key, None)

    def shown(self, resource_type):
        return frozenset(self.current[resource_type])

    def land(self, pages, until=None):
        """Land what is offered, or be killed when so many pages have landed."""
        for number, page in enumerate(pages):
            if number == until:
                return
            self.take(page)

    def take(self, page):
        digest = (page.format, hashlib.sha256(page.content).digest())
        if digest in self.files and not page.is_said_anew:
            return
        self.files[digest] = True
        read = ErpSource(pages=lambda _: ()).reader(page.format)
        for item in read(lambda: [page.content]):
            rows = self.current[item.resource_type]
            if hasattr(item, "body"):
                body = json.loads(item.body)
                rows[item.resource_id] = body
                known = self.versions[item.resource_type, item.resource_id]
                if body not in known:
                    known.append(body)
            else:
                rows.pop(item.resource_id, None)
