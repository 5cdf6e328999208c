"""Experiments on a market folder: members of an index on a day, names that did not exist, and the data fingerprint."""

from datetime import UTC, datetime

import pytest
from market_folder import write_folder
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.ids import Symbol
from openoutcry.evals.experiment_service import ExperimentService

UNTIL = datetime(2025, 6, 27, 21, tzinfo=UTC)
FOLDER = ("name: small", "name: small\nmarket: market")
WINDOW = ("from: 2024-01-02, to: 2024-01-31", "from: 2025-06-02, to: 2025-06-13")
INDEX = ("universe: [CALDR, GRUND]", "universe: {as_of: 2025-06-02, index: mine}")
MEMBERS = """ticker,start_date,end_date
CALDR,2016-01-04,
GRUND,2016-01-04,2025-06-05
QUORB,2016-01-04,2025-05-30
VEXIL,2025-06-03,
"""


@pytest.fixture
def folder(tmp_path, demo):
    symbols = [Symbol(name) for name in ("CALDR", "GRUND", "QUORB", "VEXIL")]
    return write_folder(demo, symbols, UNTIL, tmp_path / "market", bars=320)


@pytest.fixture
def planned(settings, written, tmp_path):
    def plan(*changes):
        return ExperimentService(settings, None, output=tmp_path / "runs").plan(written(FOLDER, WINDOW, *changes))

    return plan


def test_the_members_of_an_index_are_those_of_the_day_also_if_they_left_later(folder, planned):
    (folder / "mine_ticker_start_end.csv").write_text(MEMBERS, encoding="utf-8")
    assert planned(INDEX).symbols == ("CALDR", "GRUND")


def test_the_symbols_of_a_protocol_are_read_from_its_file(planned, folder, tmp_path, monkeypatch):
    monkeypatch.setattr("openoutcry.evals.protocol.PROTOCOLS", tmp_path)
    change = (INDEX[0], "universe: {protocol: mine}")
    rest = "name: mine\ndescription: x\nwindow: {from: 2025-06-02, to: 2025-06-06}\nseeds: [1]\narms: {one: {}}\n"
    (tmp_path / "mine.yaml").write_text(f"universe: [GRUND, CALDR]\n{rest}", encoding="utf-8")
    assert planned(change).symbols == ("CALDR", "GRUND")
    (tmp_path / "mine.yaml").write_text(f"universe: {{GRUND: 1}}\n{rest}", encoding="utf-8")
    with pytest.raises(ConfigError, match="protocol mine: universe"):
        planned(change)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (None, "cannot be read"),
        ("name,day\nCALDR,2016-01-04\n", "needs the columns ticker, start_date, end_date"),
        ("ticker,start_date,end_date\nCALDR,soon,\n", "needs the columns"),
        ("ticker,start_date,end_date\nCALDR,2026-01-04,\n", "mine has no member on 2025-06-02"),
    ],
    ids=["missing", "columns", "date", "empty"],
)
def test_an_index_without_members_is_refused(folder, planned, text, said):
    if text is not None:
        (folder / "mine_ticker_start_end.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError) as refused:
        planned(INDEX)
    assert said in str(refused.value)


def test_a_name_without_a_bar_at_the_start_is_refused(folder, planned):
    rows = (folder / "prices_daily.csv").read_text(encoding="utf-8").splitlines()
    late = [row for row in rows if not row.startswith("GRUND") or row.split(",")[1] > "2025-06-05"]
    (folder / "prices_daily.csv").write_text("\n".join(late) + "\n", encoding="utf-8")
    with pytest.raises(ConfigError, match="GRUND did not exist on 2025-06-02"):
        planned()


def test_other_data_have_another_fingerprint_and_other_units(folder, planned):
    before = planned()
    path = folder / "macro.csv"
    path.write_text(path.read_text(encoding="utf-8") + "NEW,2024-01-02,1,2024-01-03T00:00:00Z\n", encoding="utf-8")
    after = planned()
    assert before.fingerprint != after.fingerprint
    assert not {unit.key for unit in before.units} & {unit.key for unit in after.units}


def test_a_run_on_a_folder_has_the_same_result_as_on_the_market_that_it_was_written_from(folder, written, ran):
    copied, _ = ran(written(FOLDER, WINDOW))
    original, _ = ran(written(WINDOW))
    assert copied.tracks[2].equity == original.tracks[2].equity
    assert not copied.run.facts.synthetic
    assert original.run.facts.synthetic
