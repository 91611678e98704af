"""X12 texts for tests: a message from the folder, with segments changed."""

from pathlib import Path

from ledgerline.connectors.formats import x12

MESSAGES = Path(__file__).parents[2] / "messages"
SAMPLE_FOLDER = Path(__file__).parents[4] / "shared/data/x12"
"""Public sample files, on machines that have them; SOURCES of them lie beside."""
SAMPLES = sorted(
    path
    for path in SAMPLE_FOLDER.rglob("*")
    if path.is_file() and path.suffix != ".csv"
)


def message(name):
    return (MESSAGES / name).read_bytes()


def in_chunks(text, size):
    return lambda: (text[at : at + size] for at in range(0, len(text), size))


def read(text, size=64):
    return list(x12.read(in_chunks(text, size)))


def changed(text, old, new):
    assert old in text
    return text.replace(old, new, 1)


def recounted(text):
    """Correct SE01 after segments were added or removed."""
    out, count = [], 0
    for raw in text.split(b"~"):
        tag = raw.strip().split(b"*")[0]
        count = 1 if tag == b"ST" else count + 1
        if tag == b"SE":
            parts = raw.split(b"*")
            parts[1:2] = [b"%d" % count]
            raw = b"*".join(parts)
        out.append(raw)
    return b"~".join(out)
