"""Compressed files of a folder: read whole, or refused by name before they fill the memory."""

import gzip
import tracemalloc
from pathlib import Path

import pytest
from contracts.market_folder import DAILY, bar
from openoutcry.domain.errors import InvalidData
from openoutcry.market.folder import table
from openoutcry.market.folder.index import _packed, _unpacked
from openoutcry.market.folder.layout import LAYOUTS, DatasetKind
from openoutcry.market.folder.table import read_lines
from openoutcry.storage.expansion import ExpandedTooLarge, ExpansionLimit
from openoutcry.storage.packed import DamagedPack

LIMIT = ExpansionLimit(floor=1 << 20, ratio=20, ceiling=1 << 30)


@pytest.mark.parametrize("name", ["prices_daily.csv.gz", "news.jsonl.gz"])
def test_a_bomb_is_refused_with_file_and_limit(tmp_path: Path, name: str) -> None:
    bomb = tmp_path / name
    bomb.write_bytes(gzip.compress(b"0" * (32 << 20)) * 32)
    most = LIMIT.of(bomb.stat().st_size)
    tracemalloc.start()
    try:
        with pytest.raises(InvalidData, match=rf"^{name}: the file expands to more than [\d.]+ MiB"):
            read_lines(bomb, LIMIT)
        assert tracemalloc.get_traced_memory()[1] < 3 * most
    finally:
        tracemalloc.stop()


def test_a_table_that_compresses_well_is_read(tmp_path: Path) -> None:
    path = tmp_path / "prices_daily.csv.gz"
    text = "ticker,date\n" + "".join(f"AAA,2024-01-{day:02}\n" for day in range(1, 29)) * 5000
    path.write_bytes(gzip.compress(text.encode()))
    assert path.stat().st_size * 100 < len(text), "it is smaller than a hundredth"
    assert len(read_lines(path)) == 140_002


class Batch:
    """A batch of Parquet rows, as far as it is used."""

    def __init__(self, values: list[str], nbytes: int) -> None:
        self.values, self.nbytes = values, nbytes

    def to_pydict(self) -> dict[str, list[str]]:
        return {"ticker": self.values}


class Source:
    """A Parquet file whose batches of rows are counted as they are read."""

    def __init__(self, batches: list[Batch]) -> None:
        self.batches, self.taken = batches, 0

    def iter_batches(self, batch_size: int, columns: list[str]):
        assert (batch_size < 10_000, columns) == (True, ["ticker"])
        for batch in self.batches:
            self.taken += 1
            yield batch


def test_parquet_is_counted_batch_by_batch() -> None:
    source = Source([Batch(["AAA"], 600)] * 9)
    with pytest.raises(ExpandedTooLarge):
        table._parquet_columns(source, ["ticker"], 1000)
    assert source.taken == 2
    assert table._parquet_columns(Source([Batch(["A"], 500)] * 2), ["ticker"], 1000) == {"ticker": ["A", "A"]}


def test_a_real_parquet_file_is_bounded(tmp_path: Path) -> None:
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    path, row = tmp_path / "prices_daily.parquet", bar("AAA", "2024-07-02", "10.10")
    columns = {name: [cell] * 20_000 for name, cell in zip(DAILY.split(","), row.split(","), strict=True)}
    parquet.write_table(arrow.table(columns), path)
    assert len(table.load(path, LAYOUTS[DatasetKind.PRICES_DAILY]).index["AAA"]) == 20_000
    with pytest.raises(InvalidData, match="expands to more than"):
        table._load_parquet(path, LAYOUTS[DatasetKind.PRICES_DAILY], ExpansionLimit(1000, 1, 1000))


@pytest.mark.parametrize("head", ["[[0, 1000000000000]]", "[[0, -1], [5, 2]]", "[[0, 1]", "[[0]]", '[["a", 1]]', "5"])
def test_a_cache_block_whose_count_is_not_that_of_its_lines_is_damaged(head: str) -> None:
    assert _unpacked(_packed([3, 4, 9], [""] * 3 + ["a", "b"] + [""] * 4 + ["c"])) == ([3, 4, 9], ["a", "b", "c"])
    with pytest.raises(DamagedPack):
        _unpacked(f"{head}\none".encode())
