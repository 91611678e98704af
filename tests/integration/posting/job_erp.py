"""An ERP that imports batch files from a drop folder when its job runs."""

import json

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.posting.document import content_sha256, from_payload

CODES = {
    "account": ["11200", "40100"],
    "cost center": ["MVH-6010"],
    "service line": ["cardiovascular"],
    "item": ["ITM00001"],
    "location": ["MVH-6010-STO", "CONSUMED"],
    "period": [
        {"first_day": "2026-01-01", "last_day": "2026-12-31", "is_open": True},
        {"first_day": "2025-01-01", "last_day": "2025-12-31", "is_open": False},
    ],
}


class JobErp:
    """It keeps references unique and knows neither account 99999 nor item ITM99999."""

    def __init__(self, root):
        self.root = root
        self.held = {}
        self.batches = []

    def endpoint(self, **extra):
        extra = {"path": str(self.root), **extra}
        return Endpoint(conn_id="erp", conn_type="fs", extra=extra)

    def tell(self, text=None):
        """Write the codes file, or this text in its place."""
        path = self.root / "codes.json"
        path.write_text(json.dumps(CODES) if text is None else text)

    def run(self):
        """Import every batch that lies there; return the acknowledgements written."""
        jobs = self.root / "jobs"
        taken = sorted(jobs.glob("*.json"))
        return [self._take(path) for path in taken]

    def _take(self, path):
        batch = json.loads(path.read_bytes())
        path.unlink()
        documents = batch["documents"]
        assert batch["count"] == len(documents)
        assert batch["total_cents"] == sum(
            from_payload(each).total_cents for each in documents
        )
        self.batches.append(batch)
        results = [self._import(each) for each in documents]
        return self.acknowledge(batch["batch"], results)

    def acknowledge(self, batch, results, name=None):
        path = self.root / "acknowledgements" / f"{name or batch}.json"
        told = {"batch": batch, "count": len(results), "results": results}
        path.write_text(json.dumps(told))
        return path

    def _import(self, payload):
        reference = payload["reference"]
        held = self.held.get(reference)
        if held is None:
            for line in payload["lines"]:
                if line.get("account_code") == "99999":
                    return self._rejected(reference, "UNKNOWN_ACCOUNT")
                if line.get("item_code") == "ITM99999":
                    return self._rejected(reference, "UNKNOWN_ITEM")
            number = f"JOB{len(self.held) + 1}"
            held = self.held[reference] = {"erp_document": number, "document": payload}
        sha = content_sha256(from_payload(held["document"]))
        if sha != content_sha256(from_payload(payload)):
            return self._rejected(reference, "DUPLICATE_REFERENCE")
        return {"status": "accepted", **held}

    @staticmethod
    def _rejected(reference, reason):
        return {"status": "rejected", "reference": reference, "reason_code": reason}
