"""The report on a folder finds everything, whenever it is dated."""

from datetime import date
from pathlib import Path

import pytest
from contracts.market_folder import (
    DAILY,
    MACRO,
    SPLITS,
    MarketFolder,
    bar,
)
from openoutcry.domain.errors import ConfigError
from openoutcry.market.folder import (
    Absence,
    DatasetKind,
    Defect,
    Gap,
    validate_folder,
)


def test_coverage_counts_rows_and_finds_first_and_last(folder: MarketFolder) -> None:
    folder.csv("prices_daily.csv", DAILY, bar("BBB", "2024-07-05"), bar("AAA", "2024-07-03"), bar("AAA", "2024-07-02"))
    filing = {"ticker": "AAA", "period_end": "2024-06-30", "metrics": {}}
    folder.jsonl("fundamentals.jsonl", filing | {"filed_at": "2024-08-01"}, filing)
    prices, statements = folder.inspect().coverage
    assert (prices.kind, prices.file, prices.rows) == (DatasetKind.PRICES_DAILY, "prices_daily.csv", 3)
    assert (prices.keys, prices.first, prices.last) == (("AAA", "BBB"), date(2024, 7, 2), date(2024, 7, 5))
    assert (prices.spans[0].rows, prices.spans[0].last) == (2, date(2024, 7, 3))
    assert (statements.rows, statements.never_known) == (2, 1)


def test_gaps_are_missing_sessions_between_first_and_last(folder: MarketFolder) -> None:
    days = ["2024-07-02", "2024-07-05", "2024-07-09"]
    folder.csv("prices_daily.csv", DAILY, *(bar("AAA", day) for day in days), bar("BBB", "2024-07-02"))
    folder.csv("crypto_daily.csv", DAILY, bar("COIN", "2024-07-06"), bar("COIN", "2024-07-08"))
    assert folder.inspect().gaps == (
        Gap(DatasetKind.PRICES_DAILY, "AAA", (date(2024, 7, 3), date(2024, 7, 8))),
        Gap(DatasetKind.CRYPTO_DAILY, "COIN", (date(2024, 7, 7),)),
    )


def test_absent_kinds_and_unread_files_are_told(folder: MarketFolder) -> None:
    folder.csv("prices_daily.csv", DAILY, bar("AAA", "2024-07-02"), bar("BBB", "2024-07-02"))
    report = folder.csv("splits.csv", SPLITS, "AAA,2024-07-02,2").csv("news.csv", "ticker").inspect()
    lacking = (DatasetKind.PRICES_HOURLY, DatasetKind.DIVIDENDS, DatasetKind.NEWS, DatasetKind.FUNDAMENTALS)
    assert report.absences[0] == Absence("AAA", lacking)
    assert DatasetKind.SPLITS in report.absences[1].kinds
    assert set(report.missing) == {
        *lacking,
        DatasetKind.CRYPTO_DAILY,
        DatasetKind.MACRO,
        DatasetKind.FILING_TEXTS,
        DatasetKind.PROFILE,
        DatasetKind.INSIDER,
    }
    assert report.unread == ("news.csv",)


def test_every_defect_is_found_in_the_order_of_the_file(folder: MarketFolder) -> None:
    rows = [bar("BBB", "2040-07-02", "99"), bar("AAA", "soon"), bar("", "2024-07-02"), bar("AAA", "2024-07-02")]
    folder.csv("prices_daily.csv", DAILY, *rows, bar("AAA", "2024-07-02"), bar("AAA", "2024-07-04"))
    folder.csv("macro.csv", "series,date", "S,2024-01-01").jsonl("news.jsonl", "{", "[]")
    report = folder.inspect()
    assert [(defect.file, defect.row) for defect in report.defects] == [
        *(("prices_daily.csv", row) for row in (2, 3, 4, 6, 7)),
        ("news.jsonl", 1),
        ("news.jsonl", 2),
        ("macro.csv", 1),
    ]
    assert report.defects[3].reason == "it repeats row 5: the same ticker and date"
    assert report.defect_count == 8


def test_the_list_is_capped_and_the_count_is_not(folder: MarketFolder) -> None:
    folder.csv("prices_daily.csv", DAILY, *(bar("AAA", f"x{n}") for n in range(7)))
    report = validate_folder(folder.path, max_shown=3)
    assert (len(report.defects), report.defect_count) == (3, 7)


def test_clashes_are_defects_of_the_report(folder: MarketFolder) -> None:
    folder.csv("prices_daily.csv", DAILY, bar("AAA", "2024-07-02")).csv(
        "crypto_daily.csv", DAILY, bar("AAA", "2024-07-02")
    )
    report = folder.csv("macro.csv", MACRO).csv("macro.csv.gz", MACRO).inspect()
    several = "the market folder has several macro files (macro.csv, macro.csv.gz); keep one of them"
    assert report.defects == (
        Defect("macro.csv.gz", None, several),
        Defect("crypto_daily.csv", None, "AAA is in prices_daily.csv too; keep it in one of them"),
    )


def test_a_folder_without_prices_cannot_be_inspected(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is empty"):
        validate_folder(tmp_path)
