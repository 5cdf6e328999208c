"""Input that no program expects is a usage error in one sentence that names the file or flag; never a bug."""

import json

import pytest

BIG = "9" * 5000
DEEP = "[" * 3000 + "]" * 3000
TOML = {"deep": f"cash = {DEEP}", "big": f"seed = {BIG}", "date": "cash = 2025-13-45", "broken": "cash ="}
YAML = {
    "deep": f"name: x\nroles: {DEEP}",
    "big": f"name: x\nroles: {BIG}",
    "date": "name: x\nroles: 2025-13-45",
    "alias": "name: &a x\nroles: [*a]",
    "alias_key": "a: &a [x]\n? *a\n: 1",
    "list_key": "? [a]\n: 1",
}
DECIDE = ("decide", "CALDR", "--model", "rules", "--as-of", "2025-03-03")


def assert_usage_error(ran, *said):
    """Assert that a command ended with one sentence about wrong usage."""
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("openoutcry: ")
    assert ran.err.count("\n") == 1
    assert "a bug" not in ran.err
    assert len(ran.err) < 600
    for each in said:
        assert each in ran.err


@pytest.mark.parametrize("text", TOML.values(), ids=TOML)
def test_a_settings_file_and_a_rules_file(openoutcry, home, text):
    rules = home.parent / "rules.toml"
    rules.write_text(text, encoding="utf-8")
    assert_usage_error(openoutcry("paper", "init", "--rules", rules), "rules.toml")
    rules.rename(home.parent / "openoutcry.toml")
    assert_usage_error(openoutcry("runs", "list"), "openoutcry.toml")


@pytest.mark.parametrize("text", YAML.values(), ids=YAML)
def test_a_desk_file_and_a_prompt(openoutcry, home, text):
    desk = home.parent / "my-desk.yaml"
    desk.write_text(text, encoding="utf-8")
    assert_usage_error(openoutcry(*DECIDE, "--desk", desk), "my-desk.yaml")
    folder = home.parent / "own"
    folder.mkdir()
    (folder / "trader.md").write_text(f"---\n{text}\n---\n## system\nx\n## user\ny\n", encoding="utf-8")
    assert_usage_error(openoutcry("prompts", "list", "--prompts", folder), "trader.md")


@pytest.mark.parametrize(
    "command",
    [
        (*DECIDE, "--seed"),
        (*DECIDE, "--cash"),
        (*DECIDE, "--attempt"),
        (*DECIDE, "--market"),
        (*DECIDE, "--desk"),
        (*DECIDE, "--prompts"),
        ("decide", "CALDR", "--as-of"),
        ("decide", "--resume"),
        ("runs", "show"),
        ("runs", "list", "--limit"),
        ("runs", "list", "--since"),
        ("memory", "list", "--as-of"),
        ("paper", "init", "--cash"),
        ("paper", "init", "--commission-bps"),
        ("paper", "init", "--participation"),
        ("paper", "init", "--calendar"),
        ("paper", "init", "--rules"),
        ("data", "check"),
        ("data", "fetch", "AAPL", "--from"),
        ("ledger", "simulate"),
    ],
    ids=" ".join,
)
def test_thousands_of_digits(openoutcry, command):
    assert_usage_error(openoutcry(*command, BIG))


@pytest.mark.parametrize("command", [("decide", "CALDR"), ("memory", "list"), ("prompts", "render", "trader", "CALDR")])
@pytest.mark.parametrize("date", ["2025-13-45", "2025-02-30", "99999-01-01", "2025-03-03T99:00Z"])
def test_a_date_that_does_not_exist(openoutcry, command, date):
    assert_usage_error(openoutcry(*command, "--as-of", date), f"--as-of '{date}'")


@pytest.mark.parametrize("date", ["2044-03-01", "2300-03-01", "2044-03-01T20:00:00Z"])
def test_a_date_in_the_future(openoutcry, date):
    assert_usage_error(openoutcry("decide", "CALDR", "--as-of", date), "in the future")
    assert_usage_error(openoutcry("data", "fetch", "AAPL", "--from", date[:10]), "in the future")


def test_a_variable_that_is_nested_deeply(openoutcry, monkeypatch):
    monkeypatch.setenv("OPENOUTCRY_LIVE", "[" * 50_000)
    assert_usage_error(openoutcry("runs", "list"), "OPENOUTCRY_")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("csah = 5", ("there is no setting 'csah'", "did you mean cash?")),
        ("[limits]\nmax_positon = '0.1'", ("'limits.max_positon'", "did you mean limits.max_position?")),
        ("zzz = 1", ("'zzz'", "openoutcry config show")),
        ("cash = 1\ncash 2", ("cannot be read as TOML", "line 2")),
        ("cash = -1", ("setting cash", "openoutcry.toml")),
    ],
)
def test_a_mistake_in_the_settings_file_names_file_key_and_remedy(openoutcry, home, text, said):
    (home.parent / "openoutcry.toml").write_text(text, encoding="utf-8")
    assert_usage_error(openoutcry("runs", "list"), "openoutcry.toml", *said)


def test_a_wrong_value_names_its_variable_or_flag(openoutcry, monkeypatch):
    assert_usage_error(openoutcry("decide", "CALDR", "--cash", "-5"), "setting cash", "from --cash")
    monkeypatch.setenv("OPENOUTCRY_LIVE__ATTEMPTS", "99")
    assert_usage_error(openoutcry("runs", "list"), "setting live.attempts", "from OPENOUTCRY_LIVE__")


def test_an_unknown_prompt_is_named_with_similar_ones(openoutcry):
    for command, *arguments in (["show"], ["diff"], ["render"], ["render", "CALDR"]):
        flags = ("--prompts", ".") if command == "diff" else ()
        ran = openoutcry("prompts", command, "technicall", *arguments, *flags)
        assert_usage_error(ran, "there is no prompt 'technicall'", "did you mean technical")


def test_a_prompt_is_rendered_for_a_ticker(openoutcry):
    assert_usage_error(openoutcry("prompts", "render", "technical"), "ticker", "prompts render technical CALDR")


@pytest.mark.parametrize("cash", ["250,000", "250000", "250_000", "250,000.00"])
def test_an_amount_may_have_separators_of_thousands(openoutcry, cash):
    assert openoutcry("paper", "init", "--account", "a", "--cash", cash).code == 0
    assert json.loads(openoutcry("paper", "status", "--account", "a", "--json").out)["cash"] == "250000.00"
    given = json.loads(openoutcry(*DECIDE, "--json", "--cash", cash).out)
    assert given["orders"] == json.loads(openoutcry(*DECIDE, "--json", "--cash", "250000").out)["orders"]


@pytest.mark.parametrize("cash", ["1,5", "100,00", ",100", "100,000,"])
def test_a_comma_anywhere_else_is_refused(openoutcry, cash):
    assert_usage_error(openoutcry("paper", "init", "--cash", cash), "not an amount of money")
    assert_usage_error(openoutcry(*DECIDE, "--cash", cash), "setting cash")
