"""Every flag, argument and file of the command line, given what no program expects: a usage error, never a bug."""

import pytest
from openoutcry.cli.app import app
from typer.main import get_command

DIGITS = "9" * 5000
DEEP = "[" * 20_000
DATE = "2025-13-45"
VALUES = (DIGITS, DATE)
REQUIRED = {"ticker": "CALDR", "tickers": "CALDR"}
"""Values of required arguments beside the one under test; every other one is `x`."""


def leaves(command, path=()):
    """Yield each command with its words."""
    inner = getattr(command, "commands", {})
    for name, each in inner.items():
        yield from leaves(each, (*path, name))
    if not inner:
        yield path, command


COMMANDS = {" ".join(path): command for path, command in leaves(get_command(app))}


def words(parameter, value):
    return [value] if parameter.param_type_name == "argument" else [parameter.opts[0], value]


def lines_of(name):
    """Yield command lines that give a hostile value to one parameter of a command at a time."""
    for parameter in COMMANDS[name].params:
        if parameter.name == "help" or getattr(parameter, "is_flag", False):
            continue
        others = [p for p in COMMANDS[name].params if p.required and p is not parameter]
        rest = [word for p in others for word in words(p, REQUIRED.get(p.name, "x"))]
        for value in VALUES:
            yield [*name.split(), *rest, *words(parameter, value)]


def assert_no_bug(ran):
    assert ran.code != 1, ran.err[-600:]
    assert "a bug" not in ran.err
    assert len(ran.err) < 3000


@pytest.mark.parametrize("name", [name for name in COMMANDS if name != "doctor"])  # doctor reports, and waits for it
def test_every_flag_and_argument(openoutcry, name):
    for line in lines_of(name):
        assert_no_bug(openoutcry(*line))


TEXTS = {
    "deep": DEEP.encode(),
    "deep_objects": b'{"a":' * 20_000,
    "digits": DIGITS.encode(),
    "number": b'{"schema": %b, "events": %b}' % (DIGITS.encode(), DIGITS.encode()),
    "date": DATE.encode(),
    "nothing": b"",
    "nul": b"\x00\x00\n\x00",
    "not_unicode": b"\xff\xfe\x80,\xff\n\xff",
    "long_field": b'"' + b"x" * 200_000 + b'"\n"' + b"y" * 200_000,
}
PRICE_HEADER, JUMP_HEADER = b"model,input,cached,output,as_of\n", b"ticker,date\n"
MARKET = "ticker,date,open,high,low,close,volume\nAAA,2024-07-02,10,10,10,10,5\n"
DECIDE = ("decide", "AAA", "--as-of", "2024-07-03", "--model", "rules", "--market", "market")
FILES = {
    "openoutcry.toml": (b"", ("runs", "list")),
    "rules.toml": (b"", ("paper", "init", "--rules", "rules.toml")),
    "limits.toml": (b"[limits]\nmax_loss = ", ("runs", "list")),
    "desk.yaml": (b"", ("decide", "CALDR", "--model", "rules", "--desk", "desk.yaml")),
    "quorum.yaml": (b"name: x\nquorum: ", ("decide", "CALDR", "--model", "rules", "--desk", "quorum.yaml")),
    "own/trader.md": (b"---\n", ("prompts", "list", "--prompts", "own")),
    "prices.csv": (PRICE_HEADER, ("decide", "CALDR", "--model", "openai:x", "--base-url", "http://127.0.0.1:9/v1")),
    "stream.json": (b"", ("ledger", "simulate", "stream.json")),
    "anchor.json": (b"", ("ledger", "verify", "--anchor", "anchor.json")),
    "run.recording": (b"", ("runs", "import", "run.recording")),
    "replay.recording": (b"", ("decide", "CALDR", "--replay", "replay.recording")),
    "list.txt": (b"", ("decide", "@list.txt", "--model", "rules")),
    "fetch.txt": (b"", ("data", "fetch", "fetch.txt", "--from", "2025-01-02")),
    "market/manifest.json": (b"", DECIDE),
    "market/accepted_jumps.csv": (JUMP_HEADER, DECIDE),
    "market/prices_daily.csv": (b"ticker,date,open,high,low,close,volume\n", DECIDE),
    "market/news.jsonl": (b"", DECIDE),
    "market/splits.csv": (b"", DECIDE),
    "market/fundamentals.jsonl": (b"", DECIDE),
    "home/capabilities.json": (b"", ("runs", "list")),
    "home/ledger.db": (b"", ("paper", "list")),
    "home/runs.db": (b"", ("runs", "list")),
}


@pytest.mark.parametrize("name", FILES)
def test_every_file(openoutcry, home, monkeypatch, name):
    start, command = FILES[name]
    path = home.parent / ("openoutcry.toml" if name == "limits.toml" else name)
    path.parent.mkdir(parents=True, exist_ok=True)
    (home.parent / "market").mkdir(exist_ok=True)
    (home.parent / "market" / "prices_daily.csv").write_text(MARKET, encoding="utf-8")
    if name == "prices.csv":
        monkeypatch.setenv("OPENOUTCRY_PRICES", str(path))
        monkeypatch.setenv("OPENOUTCRY_ATTEMPTS", "1")
    if name == "anchor.json":
        assert openoutcry("paper", "init").code == 0
    for text in TEXTS.values():
        path.write_bytes(start + text)
        assert_no_bug(openoutcry(*command))
