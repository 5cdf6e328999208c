"""Knowledge cut-offs: exact ids, known spellings of them, and no guess."""

from datetime import date

import pytest
from openoutcry.domain.errors import ConfigError
from openoutcry.llm.cutoffs import builtin_cutoffs, knowledge_cutoff, load_cutoffs

HEADER = "model,cutoff,as_of,source\n"


@pytest.fixture
def table(tmp_path):
    def write(*rows, header=HEADER):
        path = tmp_path / "cutoffs.csv"
        path.write_text(header + "\n".join(rows) + "\n")
        return path

    return write


@pytest.mark.parametrize("model", ["m-1", "openai/m-1", "m-1-2025-08-07", "vendor/m-1-20250807", "m-1@20250807"])
def test_a_model_is_found_under_its_usual_spellings(table, model):
    known = load_cutoffs(table("m-1,2024-09-30,2026-01-02,a page"))
    assert knowledge_cutoff(model, known).cutoff == date(2024, 9, 30)


@pytest.mark.parametrize("model", ["m", "m-10", "m-1-mini", "my-m-1", "m-1-latest", ""])
def test_a_similar_name_is_not_guessed(table, model):
    assert knowledge_cutoff(model, load_cutoffs(table("m-1,2024-09-30,2026-01-02,a page"))) is None


def test_a_decision_up_to_the_cutoff_is_warned_of_and_a_later_one_is_not(table):
    cutoff = knowledge_cutoff("m-1", load_cutoffs(table("m-1,2024-09-30,2026-01-02,a page")))
    assert "up to 2024-09-30 (a page)" in cutoff.warning(date(2024, 9, 30))
    assert cutoff.warning(date(2024, 10, 1)) is None


def test_a_file_replaces_rows_of_the_package_and_keeps_the_others(table):
    known = load_cutoffs(table("gpt-5,2030-01-01,2030-02-01,mine"))
    assert known["gpt-5"].source == "mine"
    assert known["o3"] == builtin_cutoffs()["o3"]


def test_every_row_of_the_package_is_dated_after_its_cutoff_and_has_a_source():
    assert builtin_cutoffs()
    assert all(row.cutoff < row.as_of and row.source for row in builtin_cutoffs().values())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("m,2024-13-01,2026-01-02,x", "row 2"),
        ("m,2024-01-01,,x", "row 2"),
        ("m,2024-01-01,2026-01-02,x\n" * 2, "duplicate model"),
    ],
)
def test_a_bad_row_is_refused_with_its_place(table, text, said):
    with pytest.raises(ConfigError, match=said):
        load_cutoffs(table(text))


def test_a_missing_column_or_file_is_refused(table, tmp_path):
    with pytest.raises(ConfigError, match="lacks the columns source"):
        load_cutoffs(table(header="model,cutoff,as_of\n"))
    with pytest.raises(ConfigError, match="cannot be read"):
        load_cutoffs(tmp_path / "none.csv")


def test_a_field_of_any_length_is_a_usage_error(tmp_path):
    table = tmp_path / "cutoffs.csv"
    table.write_text('model,cutoff,as_of,source\n"' + "x" * 200_000 + '",2025-01-01,2025-01-01,s\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="cannot be read: field larger than"):
        load_cutoffs(table)
