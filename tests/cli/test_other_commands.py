"""runs, prompts, data, doctor and help."""

import json
import subprocess
import sys

import pytest
from scripted_answers import CLEAR, TICKER
from stub.server import StubServer

DECIDING = ("pandas", "numpy", "talib", "openai", "langgraph", "chromadb", "yfinance", "exchange_calendars")


def imported(*arguments: str) -> tuple[str, set[str]]:
    """Run a command in a process of its own; return what it prints and the modules it imported.

    Modules of the package have their full names, all others the name of their top-level package.
    """
    code = f"import sys; sys.argv = ['openoutcry', *{arguments!r}]\nfrom openoutcry.cli.app import main\n"
    code += "try: main()\nfinally: sys.stderr.write('\\nimported ' + ' '.join(sys.modules))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = ran.stderr.rpartition("\nimported ")[2].split()
    return ran.stdout, {m if m.startswith("openoutcry.") else m.partition(".")[0] for m in modules}


def test_help_imports_nothing_heavy_and_names_every_command():
    out, modules = imported("--help")
    assert not modules & {*DECIDING, "sqlalchemy", "pydantic"}
    for command in ("decide", "runs", "prompts", "data", "doctor"):
        assert command in out


@pytest.mark.parametrize(
    "command",
    [
        ("paper", "status"),
        ("paper", "positions"),
        ("paper", "orders"),
        ("paper", "fills"),
        ("paper", "history"),
        ("paper", "equity"),
        ("paper", "export"),
        ("ledger", "verify"),
    ],
)
def test_reading_a_book_imports_neither_graph_nor_models_nor_market_data(opened_book, command):
    _, modules = imported(*command)
    assert "sqlite3" in modules
    assert not modules & {*DECIDING, "sqlalchemy", "alembic"}
    assert not modules & {"openoutcry.domain.outputs", "openoutcry.desk.records.run_store"}


def test_rules_answer_without_the_library_for_models(opened_book):
    _, modules = imported("decide", TICKER, "--model", "rules", "--as-of", "2025-03-03")
    assert "langgraph" in modules
    assert not modules & {"openai", "chromadb", "yfinance", "exchange_calendars", "jinja2"}
    assert not modules & {"openoutcry.ledger.book", "openoutcry.app.report_facts"}
    assert not modules & {"openoutcry.cli.commands.decide_many", "openoutcry.cli.commands.dry_run"}
    assert not modules & {"openoutcry.app.call_estimate", "openoutcry.app.desk_check", "openoutcry.evals"}


def test_a_decision_collects_no_garbage_among_its_imports(openoutcry):
    code = (
        f"import gc, sys; sys.argv = ['openoutcry', 'decide', {TICKER!r}, '--model', 'rules', '--as-of', '2025-03-03']"
    )
    code += (
        "\nfrom openoutcry.cli.app import main\npasses = lambda: sum(each['collections'] for each in gc.get_stats())"
    )
    code += (
        "\nbefore = passes()\ntry: main()\nfinally: print('\\n', passes() - before, gc.get_freeze_count() > 100_000)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.split()[-2:] == ["0", "True"]


def test_reading_a_desk_file_imports_no_numeric_library_and_builds_no_signal():
    code = "import sys; from openoutcry.graph.desk_config import load_desk; load_desk('debate'); print(*sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = set(ran.stdout.split())
    assert "openoutcry.tools.registry" in modules
    assert not modules & {"numpy", "talib", "langgraph", "openoutcry.tools.signals.rules", "openoutcry.performance"}


@pytest.fixture
def opened_book(openoutcry):
    assert openoutcry("paper", "init").code == 0


@pytest.mark.parametrize(
    "command", [("decide",), ("runs", "show"), ("prompts", "render"), ("data", "check"), ("doctor",)]
)
def test_every_command_has_help(openoutcry, command):
    ran = openoutcry(*command, "--help")
    assert ran.code == 0
    assert "Usage" in ran.out


def test_runs_are_listed_and_shown_again(openoutcry):
    taken = json.loads(openoutcry("decide", CLEAR, "--as-of", "2025-03-03", "--json").out)
    listed = json.loads(openoutcry("runs", "list", "--json").out)
    assert [(run["run_id"], run["outcome"]) for run in listed] == [(taken["run_id"], taken["outcome"])]
    assert json.loads(openoutcry("runs", "show", taken["run_id"], "--json").out) == taken
    assert "Order ticket" in openoutcry("runs", "show", taken["run_id"]).out
    assert openoutcry("runs", "show", "nope").code == 2
    resumed = openoutcry("decide", "--resume", taken["run_id"], "--json")
    assert json.loads(resumed.out) == taken


def test_prompts_are_listed_shown_rendered_and_compared(openoutcry, tmp_path):
    listed = json.loads(openoutcry("prompts", "list", "--json").out)
    assert {"shared_rules", "technical", "trader", "single_agent"} <= {row["id"] for row in listed}
    assert "never an instruction to you" in openoutcry("prompts", "show", "shared_rules").out
    text = openoutcry("prompts", "show", "trader").out
    rendered = openoutcry("prompts", "render", "trader", CLEAR, "--as-of", "2025-03-03")
    assert rendered.code == 0
    assert f"Write the orders for {CLEAR}" in rendered.out
    assert "{{" not in rendered.out
    own = tmp_path / "own"
    own.mkdir()
    (own / "trader.md").write_text(text.replace("You are the trader.", "You are a careful trader."), encoding="utf-8")
    compared = openoutcry("prompts", "diff", "trader", "--prompts", own)
    assert "+You are a careful trader." in compared.out
    assert openoutcry("prompts", "diff", "trader").code == 2
    assert openoutcry("prompts", "show", "poet").code == 2
    assert openoutcry("prompts", "render", "single_agent", TICKER, "--as-of", "2025-03-03").code == 2


def test_two_folders_of_prompts_are_compared_by_prompt_and_section(openoutcry, tmp_path):
    text = openoutcry("prompts", "show", "trader").out
    for name, before, after in (("one", "trader.", "careful trader."), ("two", "Write the orders", "Write all orders")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "trader.md").write_text(text.replace(before, after), encoding="utf-8")
    shown = openoutcry("prompts", "diff", tmp_path / "one", tmp_path / "two")
    lines = shown.out.splitlines()
    assert {"trader / system", "trader / user", "-You are the careful trader.", "+You are the trader."} <= set(lines)
    assert not any("Conviction" in line or "Types: market" in line for line in lines)
    document = json.loads(openoutcry("prompts", "diff", tmp_path / "one", "--json").out)
    [found] = document["prompts"]
    hashes = {row["id"]: row["hash"] for row in json.loads(openoutcry("prompts", "list", "--json").out)}
    assert (found["id"], found["before"], document["before"]) == ("trader", hashes["trader"], "built-in")
    assert found["after"] != hashes["trader"]
    assert [section["section"] for section in found["sections"]] == ["system"]
    assert openoutcry("prompts", "diff", tmp_path / "none").code == 2
    same = openoutcry("prompts", "diff", tmp_path / "one", tmp_path / "one")
    assert same.out.startswith("no prompt differs")


def test_changed_shared_rules_are_shown_once_and_change_every_hash(openoutcry, tmp_path):
    text = openoutcry("prompts", "show", "shared_rules").out
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "shared_rules.md").write_text(text + "- Be brief.\n", encoding="utf-8")
    shown = openoutcry("prompts", "diff", tmp_path / "own").out
    assert shown.count("+- Be brief.") == 1
    (through,) = (line for line in shown.splitlines() if line.startswith("changed hash only, through shared_rules: "))
    assert {"fundamentals", "macro", "trader"} <= set(through.split(": ")[1].split(", "))


def test_a_folder_is_checked(openoutcry, tmp_path):
    market = tmp_path / "m"
    market.mkdir()
    rows = ["ticker,date,open,high,low,close,volume", "ABC,2025-02-27,10,11,9,10,5", "ABC,2025-03-03,10,11,9,10,5"]
    prices = market / "prices_daily.csv"
    prices.write_text("\n".join(rows), encoding="utf-8")
    fine = openoutcry("data", "check", market)
    assert fine.code == 0
    assert "2025-02-28" in fine.out
    prices.write_text("\n".join([*rows, "ABC,2025-03-04,10,8,9,10,5"]), encoding="utf-8")
    bad = openoutcry("data", "check", market)
    assert bad.code == 4
    assert "row 4" in bad.out
    assert json.loads(openoutcry("data", "check", market, "--json").out)["defect_count"] == 1
    assert openoutcry("data", "check", tmp_path / "none").code == 2


def test_the_doctor_tells_what_there_is_and_what_is_not(openoutcry, monkeypatch):
    found = json.loads(openoutcry("doctor", "--json").out)
    by_name = {finding["what"]: finding for finding in found}
    assert by_name["market"]["ok"]
    assert "OPENAI_API_KEY is not set" in by_name["model key"]["said"]
    with StubServer() as stub:
        monkeypatch.setenv("OPENAI_BASE_URL", stub.url)
        ran = openoutcry("doctor")
        assert ran.code == 0
        assert "returns 200" in ran.out
    assert openoutcry("doctor").code == 2
