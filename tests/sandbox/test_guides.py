"""Files of every kind keep to their implementation guide, as pyx12 reads it."""

import io

from pyx12.params import params
from pyx12.x12n_document import x12n_document

from tests.sandbox.splitter import component, segments
from tests.sandbox.x12_files import original

PLAIN = {"IK3", "SVD", "AMT", "MIA", "MOA", "LQ", "PLB", "BG", "TT", "U"}
FREQUENCIES = {f"bill {number}" for number in "1234578"}
STATUSES = {f"answer {number}" for number in ("1", "2", "19", "22")}
SERIES = {f"{code} {kind}" for code in ("MVH", "LGH", "NRC") for kind in "IP"}


def features(path):
    """Yield what a file contains that others may not."""
    if "_837" in path.name:
        yield f"{path.name[:3]} {path.name[7]}"
    sub = component(path)
    for segment in segments(path):
        match segment:
            case ["CLM", _, _, _, _, place, *_]:
                yield f"bill {place.split(sub)[2]}"
            case ["CLP", _, status, *_]:
                yield f"answer {status}"
            case ["HI", code, *_] if code.startswith("BG"):
                yield "BG"
            case ["NM1", "TT", *_]:
                yield "TT"
            case ["STC", _, _, "U", *_]:
                yield "U"
            case _:
                yield segment[0]


def test_a_file_with_each_feature_keeps_to_its_guide(sandbox):
    paths = sorted(
        filter(original, (sandbox / "billing").glob("*.edi")),
        key=lambda path: (path.stat().st_size, path.name),
    )
    wanted = PLAIN | FREQUENCIES | STATUSES | SERIES
    chosen = []
    for path in paths:
        new = wanted & set(features(path))
        if new and not path.name.startswith("TA1"):
            chosen.append(path)
            wanted -= new
    assert not wanted
    for path in chosen:
        assert x12n_document(params(), str(path), io.StringIO(), None, None), path.name


def test_a_file_that_breaks_its_guide_is_found(sandbox, tmp_path):
    source = min((sandbox / "billing").glob("277CA_MVH_*.edi"))
    broken = tmp_path / source.name
    broken.write_bytes(source.read_bytes().replace(b"*WQ*", b"*WW*", 1))
    assert not x12n_document(params(), str(broken), io.StringIO(), None, None)
