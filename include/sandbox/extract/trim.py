"""Makes an extract from a clinosim export (run by hand, see README)."""

import gzip
import json
import sys
from pathlib import Path

from sandbox.extract.reader import RESOURCE_TYPES, Resource

CPT = "http://www.ama-assn.org/go/cpt"
JAPANESE_PROCEDURES = "urn:oid:1.2.392.200119.4.401"


def _without_procedure_texts(resource: Resource) -> None:
    code = resource["code"]
    codings = code.get("coding", [])
    if any(coding["system"] == CPT for coding in codings):
        code.pop("text", None)
    kept = [
        {key: value for key, value in coding.items() if key != "display"}
        if coding["system"] == CPT
        else coding
        for coding in codings
        if coding["system"] != JAPANESE_PROCEDURES
        and not (coding["system"] == CPT and len(coding["code"]) != 5)
    ]
    code.pop("coding", None)
    if kept:
        code["coding"] = kept


def _correct_dosage(dosage: Resource) -> None:
    """Drop what R4 has only in Dosage, keeping the rate where R4 wants it."""
    dosage.pop("timing", None)
    rates = dosage.pop("doseAndRate", [])
    if rates and "rateQuantity" in rates[0]:
        dosage["rateQuantity"] = rates[0]["rateQuantity"]


def _without_empty_names(names: list[Resource]) -> None:
    """Drop given names that are an empty string, which FHIR does not allow."""
    for name in names:
        given = [each for each in name.pop("given", []) if each]
        if given:
            name["given"] = given


def trim(resource: Resource) -> Resource | None:
    """Return what the extract keeps of a resource, or nothing when no code is left."""
    resource.pop("text", None)
    if resource["resourceType"] == "Procedure":
        _without_procedure_texts(resource)
        resource.pop("location", None)
        return resource if resource["code"] else None
    if resource["resourceType"] == "MedicationAdministration":
        _correct_dosage(resource.get("dosage", {}))
    if resource["resourceType"] == "Patient":
        _without_empty_names(resource.get("name", []))
    return resource


def _lines(source: Path, resource_type: str) -> list[str]:
    path = source / f"{resource_type}.ndjson"
    if path.is_file():
        return path.read_text("utf-8").splitlines()
    content = gzip.decompress(path.with_suffix(".ndjson.gz").read_bytes())
    return content.decode("utf-8").splitlines()


def main(source: Path, target: Path) -> None:
    """Trim every kept type of `source` into gzip NDJSON files in `target`."""
    target.mkdir(parents=True, exist_ok=True)
    for resource_type in RESOURCE_TYPES:
        lines = []
        for line in _lines(source, resource_type):
            trimmed = trim(json.loads(line))
            if trimmed is not None:
                lines.append(
                    json.dumps(trimmed, ensure_ascii=False, separators=(",", ":"))
                )
        content = ("\n".join(lines) + "\n").encode()
        path = target / f"{resource_type}.ndjson.gz"
        path.write_bytes(gzip.compress(content, compresslevel=9, mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
