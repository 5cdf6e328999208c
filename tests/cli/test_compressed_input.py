"""Compressed files that a user gives and that expand far beyond their size: refused by name, never read whole."""

import gzip
import json
import sqlite3
import tracemalloc
import zlib
from contextlib import closing

import pytest
from scripted_answers import TICKER


@pytest.fixture(scope="module")
def zeros():
    """Return 80 MB as a gzip file of 80 KB."""
    return gzip.compress(bytes(16 << 20), 9) * 5


@pytest.mark.parametrize("name", ["prices_daily.csv.gz", "news.jsonl.gz"])
def test_a_bomb_in_a_folder_is_refused(openoutcry, tmp_path, zeros, name):
    folder = tmp_path / "market"
    folder.mkdir()
    (folder / "prices_daily.csv").write_text(
        "ticker,date,open,high,low,close,volume\nAAA,2024-07-02,10,10,10,10,5\n", encoding="utf-8"
    )
    if name.startswith("prices"):
        (folder / "prices_daily.csv").unlink()
    (folder / name).write_bytes(zeros)
    for command in (
        ("decide", "AAA", "--as-of", "2024-07-03", "--market", folder, "--model", "rules", "--json"),
        ("data", "check", folder),
    ):
        ran = openoutcry(*command)
        said = " ".join((ran.out + ran.err).split())
        assert ran.code in {2, 3, 4, 6}, said
        assert f"{name}: the file expands to more than 64 MiB" in said or name not in said
    assert f"{name}: the file expands to more than 64 MiB" in said


def test_a_recording_whose_memory_is_a_bomb_is_not_imported(openoutcry, home, tmp_path):
    target = tmp_path / "run.recording"
    ran = openoutcry("decide", TICKER, "--as-of", "2025-03-03", "--model", "rules", "--json", "--record")
    assert ran.code == 0, ran.err
    run_id = json.loads(ran.out)["run_id"]
    assert openoutcry("runs", "export", "latest", "--file", target).code == 0
    packed = zlib.compress(bytes(80 << 20), 9)
    with closing(sqlite3.connect(target)) as file, file:
        file.execute("UPDATE runs SET memory = ?", (packed,))
    with closing(sqlite3.connect(home / "recordings.db")) as file, file:
        file.execute("DELETE FROM runs WHERE run_id = ?", (run_id,))
    tracemalloc.start()
    try:
        ran = openoutcry("runs", "import", target)
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()
    assert ran.code == 2
    assert f"the memory stored in run {run_id} cannot be read: expands to more than 64 MiB" in " ".join(ran.err.split())
    with closing(sqlite3.connect(home / "recordings.db")) as file:
        assert file.execute("SELECT count(*) FROM runs WHERE run_id = ?", (run_id,)).fetchone()[0] == 0
