import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.generation import FOLDERS, generate

INCLUDE = Path(__file__).parents[2] / "include"


def hashes(sandbox):
    return {
        path.relative_to(sandbox).as_posix(): hashlib.sha256(
            path.read_bytes()
        ).hexdigest()
        for name in FOLDERS
        for path in sorted((sandbox / name).iterdir())
    }


def run(*arguments, hash_seed="random"):
    return subprocess.run(
        [sys.executable, "-m", "sandbox", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(INCLUDE), "PYTHONHASHSEED": hash_seed},
    )


def test_two_generations_of_one_seed_are_the_same_bytes(sandbox, tmp_path):
    done = run("generate", "--home", tmp_path, hash_seed="123")
    assert done.returncode == 0, done.stderr
    assert hashes(tmp_path / "sandbox") == hashes(sandbox)


def test_an_unchanged_generation_is_not_repeated(home, sandbox):
    before = (sandbox / "truth" / "charge.csv").stat().st_mtime_ns
    summary = generate(home, 7)
    assert summary[-1] == "unchanged since the last generation"
    assert (sandbox / "truth" / "charge.csv").stat().st_mtime_ns == before


def test_another_seed_makes_another_hospital_and_keeps_what_others_put_in_erp(tmp_path):
    state = tmp_path / "sandbox" / "erp" / "connection.json"
    state.parent.mkdir(parents=True)
    state.write_text("kept")
    (tmp_path / "sandbox" / ".incoming").mkdir()
    generate(tmp_path, 8, "drop_charges")
    totals = json.loads((tmp_path / "sandbox/truth/totals.json").read_text())
    corruption = json.loads((tmp_path / "sandbox/truth/corruption.json").read_text())
    assert totals["seed"] == 8
    assert corruption["drop_charges"]["facility"] == "NRC"
    assert not list((tmp_path / "sandbox" / "billing").glob("NRC_837*"))
    assert state.read_text() == "kept"
    assert {path.name for path in (tmp_path / "sandbox").iterdir()} == {
        *FOLDERS,
        "generation.json",
    }


@pytest.mark.parametrize(
    "arguments",
    [
        ("generate",),
        ("generate", "--home", "x", "--corrupt", "everything"),
        ("generate", "--home", "x", "--seed", "seven"),
    ],
)
def test_bad_arguments_are_named_and_refused(arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = run(*arguments)
    assert done.returncode == 2
    assert "error:" in done.stderr
    assert not list(tmp_path.iterdir())


def test_a_home_that_cannot_be_written_is_one_sentence(tmp_path):
    occupied = tmp_path / "file"
    occupied.write_text("")
    done = run("generate", "--home", occupied)
    assert done.returncode == 1
    assert done.stderr.startswith("sandbox: cannot write ")
    assert done.stderr.count("\n") == 1
