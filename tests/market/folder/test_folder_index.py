"""A folder read through its index answers like the folder itself, whatever happens to the files in between."""

import gzip
import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openoutcry.domain.errors import OpenOutcryError
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Interval
from openoutcry.market.folder import index as index_module
from openoutcry.market.folder import open_folder
from openoutcry.market.folder.index import FolderIndex
from openoutcry.market.folder.layout import find, require_unique
from openoutcry.market.folder.manifest import Manifest
from openoutcry.market.folder.source import FolderSource
from openoutcry.market.folder.tables import FolderTables

SYMBOLS = (Symbol("AAA"), Symbol("BBB"), Symbol("Ünï"), Symbol("GONE"))
SERIES = ("CPI", "VIX", "GONE")
MOMENTS = [datetime(2024, 1, day, 22, tzinfo=UTC) for day in (3, 9, 12)] + [datetime(2045, 1, 1, tzinfo=UTC)]
NEVER = datetime(1990, 1, 1, tzinfo=UTC)
DAYS = ("2024-01-02", "2024-01-03", "2024-01-04", "2024-01-08", "2024-01-09", "2024-01-10", "2024-01-11")

names = st.sampled_from(["AAA", "BBB", "Ünï", "", '"AAA"'])
days = st.sampled_from([*DAYS, "2024-01-06", "soon"])
prices = st.sampled_from(["10", "10.5", "11", "-1", "n/a"])
seen = st.sampled_from(["", "", "2024-01-10T12:00:00Z", "never"])


def _row(*cells: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*cells).map(",".join)


def _file(header: str, row: st.SearchStrategy[str]) -> st.SearchStrategy[bytes]:
    odd = st.sampled_from(["", "AAA,\udcff", "x", 'AAA,"'])
    rows = st.lists(st.one_of(row, row, row, row, odd), max_size=12)
    return rows.map(lambda lines: "\n".join([header, *lines, ""]).encode(errors="surrogateescape"))


def _item(cells: tuple[str, str, str]) -> str:
    name, day, title = cells
    row = {"ticker": name, "published_at": day, "title": title, "summary": "", "source": "s", "url": ""}
    return json.dumps(row, ensure_ascii=False)


bars = _file(
    "ticker,date,open,high,low,close,volume,seen_at",
    _row(names, days, prices, st.just("11"), st.just("9"), prices, st.just("5"), seen),
)
macro = _file(
    "series,date,value,released_at",
    _row(st.sampled_from(["CPI", "VIX"]), days, prices, st.sampled_from(["", "2024-01-09", "2024-01-12T08:00:00Z"])),
)
dividends = _file("ticker,ex_date,amount", _row(names, days, prices))
news = st.lists(
    st.one_of(
        st.tuples(names, days, st.sampled_from(["a", "b", ""])).map(_item),
        st.sampled_from(["{", "[]", '{"ticker": 5}', '{"ticker": "AAA", "published_at": NaN}', ""]),
    ),
    max_size=10,
).map(lambda lines: "\n".join([*lines, ""]).encode())
folders = st.fixed_dictionaries(
    {"prices_daily.csv": bars},
    optional={
        "crypto_daily.csv.gz": bars,
        "macro.csv": macro,
        "dividends.csv": dividends,
        "news.jsonl.gz": news,
        "splits.csv": st.sampled_from([b"ticker,ex_date\nAAA,2024-01-03\n", b"", b"\xff\xfe,a\n"]),
    },
)


def write(folder: Path, files: Mapping[str, bytes], round_number: int) -> None:
    """Make the folder hold exactly `files`, in place, each with another time of change than before."""
    for path in folder.iterdir():
        if path.name not in files:
            path.unlink()
    for name, content in files.items():
        packed = gzip.compress(content, mtime=0) if name.endswith(".gz") else content
        (folder / name).write_bytes(packed)
        os.utime(folder / name, ns=(0, (1_700_000_000 + round_number) * 10**9))


def answer_text(ask: Callable[[], object]) -> str:
    try:
        return repr(ask())
    except OpenOutcryError as error:
        return f"{type(error).__name__}: {error}"


def answers(source: FolderSource) -> list[str]:
    found = [answer_text(source.symbols), answer_text(source.macro_series)]
    for until in MOMENTS:
        for symbol in SYMBOLS:
            asks = (
                lambda: source.bars(symbol, Interval.DAY, until=until, count=3),  # noqa: B023 -- asked at once
                lambda: source.bars(symbol, Interval.DAY, until=until, count=99),  # noqa: B023
                lambda: source.dividends(symbol, until=until),  # noqa: B023
                lambda: source.splits(symbol, until=until),  # noqa: B023
                lambda: source.news(symbol, since=NEVER, until=until),  # noqa: B023
                lambda: source.news(symbol, since=MOMENTS[0], until=until),  # noqa: B023
                lambda: source.calendar_name(symbol),  # noqa: B023
            )
            found += map(answer_text, asks)
        found += [answer_text(lambda: source.macro(each, until=until, count=2)) for each in SERIES]  # noqa: B023
    return found


def through_index(folder: Path, cache: Path) -> FolderSource:
    return FolderSource(FolderTables(require_unique(find(folder)), {}, FolderIndex(cache, settled_ns=0)), Manifest())


@settings(max_examples=60, deadline=None)
@given(st.lists(folders, min_size=1, max_size=3))
def test_every_answer_and_every_error_is_that_of_the_files(states):
    with TemporaryDirectory() as home:
        folder, cache = Path(home, "market"), Path(home, "cache")
        folder.mkdir()
        for number, files in enumerate([*states, states[0]]):
            write(folder, files, number)
            expected = answers(open_folder(folder))
            for _ in ("written", "read", "placed"):
                assert answers(through_index(folder, cache)) == expected


ROWS = b"ticker,date,open,high,low,close,volume\n" + b"".join(
    f"{name},{day},10,11,9,10.5,100\n".encode() for name in ("AAA", "BBB") for day in DAYS
)


@pytest.fixture
def market(tmp_path) -> Path:
    folder = tmp_path / "market"
    folder.mkdir()
    write(folder, {"prices_daily.csv": ROWS, "news.jsonl": _item(("AAA", DAYS[0], "a")).encode()}, 0)
    return folder


@pytest.fixture
def reads(monkeypatch) -> list[str]:
    """The names of the files that are read from here on, not counting the index."""
    found: list[str] = []
    read = index_module.read_lines

    def noted(path: Path) -> list[str]:
        found.append(path.name)
        return read(path)

    monkeypatch.setattr(index_module, "read_lines", noted)
    return found


def test_a_file_is_read_again_only_when_it_has_changed(market, tmp_path, reads):
    cache = tmp_path / "cache"
    answers(through_index(market, cache))
    assert sorted(reads) == ["news.jsonl", "prices_daily.csv"]
    reads.clear()
    answers(through_index(market, cache))
    assert reads == []
    write(market, {"prices_daily.csv": ROWS.replace(b"10.5", b"10.6"), "news.jsonl": b""}, 1)
    assert "10.6" in answers(through_index(market, cache))[2]
    assert sorted(reads) == ["news.jsonl", "prices_daily.csv"]


def test_an_index_written_right_after_its_file_changed_is_not_used(market, tmp_path, reads):
    for _ in range(2):
        answers(open_folder(market, cache=tmp_path / "cache"))
    assert sorted(reads) == ["news.jsonl"] * 2 + ["prices_daily.csv"] * 2


@pytest.mark.parametrize("how", ["torn", "foreign", "flipped"])
def test_a_damaged_index_is_ignored_and_replaced(market, tmp_path, reads, how):
    cache, expected = tmp_path / "cache", answers(open_folder(market))
    for _ in range(2):
        answers(through_index(market, cache))
    packs = sorted(cache.rglob("*.pack"))
    assert len(packs) > 2
    for path in packs:
        whole = path.read_bytes()
        flipped = whole[:-20] + bytes(byte ^ 1 for byte in whole[-20:])
        path.write_bytes({"torn": whole[:-30], "foreign": b"SQLite format 3\0", "flipped": flipped}[how])
    reads.clear()
    assert answers(through_index(market, cache)) == expected
    assert "prices_daily.csv" in reads
    reads.clear()
    assert answers(through_index(market, cache)) == expected
    assert reads == []


def test_a_cache_that_cannot_be_written_is_done_without(market, tmp_path):
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    assert answers(through_index(market, tmp_path / "file")) == answers(open_folder(market))


ASK = """
import sys
from pathlib import Path
from tests.market.folder.test_folder_index import answers, through_index
for _ in range(5):
    print(hash(tuple(answers(through_index(Path(sys.argv[1]), Path(sys.argv[2]))))))
"""


def test_processes_that_open_a_folder_at_the_same_time_agree(market, tmp_path):
    environment = os.environ | {"PYTHONHASHSEED": "1", "PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", ASK, str(market), str(tmp_path / "cache")]
    running = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    lines = [line for process in running for line in process.communicate()[0].split()]
    assert [process.returncode for process in running] == [0, 0, 0]
    assert len(lines) == 15
    assert len(set(lines)) == 1
