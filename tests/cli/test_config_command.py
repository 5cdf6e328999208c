"""`openoutcry init` writes the settings file; `openoutcry config show` prints what applies and where it comes from."""

import json
import re
import tomllib

import pytest
from openoutcry.app.settings import Settings, load_settings
from openoutcry.app.settings_file import setting_types


def shown(openoutcry, *flags):
    return json.loads(openoutcry("config", "show", *flags, "--json").out)


def leaves(table=Settings, prefix=""):
    """Return the names of all settings."""
    return {
        each
        for name, kind in setting_types(table).items()
        for each in (leaves(kind, f"{prefix}{name}.") if setting_types(kind) else {f"{prefix}{name}"})
    }


def names_in(values, table, prefix=""):
    """Yield the names of all settings that nested `values` give."""
    for name, value in values.items():
        if setting_types(kind := setting_types(table)[name]):
            yield from names_in(value, kind, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def test_the_written_file_changes_nothing_and_is_not_overwritten(openoutcry, home):
    before = load_settings({})
    path = home.parent / "openoutcry.toml"
    assert openoutcry("init").code == 0
    assert load_settings({}) == before
    path.write_text("cash = 5000\n", encoding="utf-8")
    again = openoutcry("init")
    assert (again.code, "--force" in again.err) == (2, True)
    assert path.read_text(encoding="utf-8") == "cash = 5000\n"
    assert openoutcry("init", "--force").code == 0
    assert "cash = 5000" not in path.read_text(encoding="utf-8")


def test_a_link_to_another_folder_is_not_followed(openoutcry, home, tmp_path_factory):
    target = tmp_path_factory.mktemp("other") / "theirs.toml"
    target.write_text("x = 1\n", encoding="utf-8")
    (home.parent / "openoutcry.toml").symlink_to(target)
    assert openoutcry("init", "--force").code == 2
    assert target.read_text(encoding="utf-8") == "x = 1\n"


def test_every_setting_is_in_the_file_and_every_default_in_it_is_the_default(openoutcry, home):
    openoutcry("init")
    text = (home.parent / "openoutcry.toml").read_text(encoding="utf-8")
    used = tomllib.loads(re.sub(r"^# (\w+ = |\[)", r"\1", text, flags=re.MULTILINE))
    assert set(names_in(used, Settings)) == leaves()
    defaults = Settings.model_fields
    unset = {"home", "account", "prompts", "ledger", "contact", "paper"}
    for name, value in used.items():
        default = defaults[name].default
        if name not in unset and default is not None and not setting_types(defaults[name].annotation):
            assert (list(default) if isinstance(default, tuple) else default) == value
    for name, value in used["limits"].items():
        assert name == "restricted" or str(getattr(defaults["limits"].default, name)) == value


def test_every_setting_is_shown_with_its_origin(openoutcry, home, monkeypatch):
    (home.parent / "openoutcry.toml").write_text(
        "desk = 'single_agent'\ncash = 1\n[limits]\nmax_loss = '0.01'\n", encoding="utf-8"
    )
    monkeypatch.setenv("OPENOUTCRY_CASH", "2000")
    monkeypatch.setenv("OPENOUTCRY_LIMITS__MAX_GROSS", "1.2")
    monkeypatch.setenv("OPENOUTCRY_MEMORY", '{"preset": "finmem"}')
    found = shown(openoutcry)
    assert leaves() <= set(found)
    assert found["desk"] == {"value": "single_agent", "from": "openoutcry.toml"}
    assert found["cash"] == {"value": "2000", "from": "OPENOUTCRY_CASH"}
    assert found["limits.max_loss"] == {"value": "0.01", "from": "openoutcry.toml"}
    assert found["limits.max_gross"] == {"value": "1.2", "from": "OPENOUTCRY_LIMITS__MAX_GROSS"}
    assert found["memory.preset"] == {"value": "finmem", "from": "OPENOUTCRY_MEMORY"}
    assert found["memory.embedder"]["from"] == found["seed"]["from"] == "default"
    assert found["home"]["from"] == "OPENOUTCRY_HOME"
    flagged = shown(openoutcry, "--cash", "3,000", "--no-memory")
    assert flagged["cash"] == {"value": "3000", "from": "--cash"}
    assert flagged["remember"] == {"value": False, "from": "--memory"}
    assert any(
        line.split("\t") == ["cash", "2000", "OPENOUTCRY_CASH"]
        for line in openoutcry("config", "show").out.splitlines()
    )


@pytest.mark.parametrize("form", [("--json",), ()])
def test_secrets_are_set_or_unset(openoutcry, monkeypatch, form):
    secret = "verysecretsentinel"
    monkeypatch.setenv("OPENAI_API_KEY", f"sk-{secret}")
    monkeypatch.setenv("OPENOUTCRY_LEDGER", f"postgresql+psycopg://me:{secret}@db/books")
    monkeypatch.setenv("OPENOUTCRY_LIVE__PROXY", f"http://me:{secret}@proxy:1")
    monkeypatch.setenv("OPENAI_BASE_URL", f"http://host/v1?key={secret}")
    monkeypatch.setenv("OPENOUTCRY_LIVE__FEEDS", f'{{"x": "http://h/{{ticker}}?token={secret}"}}')
    ran = openoutcry("config", "show", *form)
    assert (ran.code, secret in ran.out + ran.err) == (0, False)
    found = shown(openoutcry)
    assert found["OPENAI_API_KEY"] == {"value": "set", "from": "OPENAI_API_KEY"}
    assert found["FRED_API_KEY"]["value"] == "unset"
    assert found["base_url"]["from"] == "OPENAI_BASE_URL"
    assert found["ledger"]["value"] == "postgresql+psycopg://***@db/books"


def test_a_variable_that_has_no_effect_is_named(openoutcry, monkeypatch):
    monkeypatch.setenv("OPENOUTCRY_CSAH", "5")
    assert "OPENOUTCRY_CSAH names no setting" in openoutcry("config", "show").err
