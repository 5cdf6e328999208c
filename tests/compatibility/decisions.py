"""Decisions of an earlier version, and how to take them again: `python -m tests.compatibility.decisions` records them.

The product is used through its command line only, so that the same script runs with any version of it.
"""

import contextlib
import gzip
import hashlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
RECORDED = HERE / "decisions.json.gz"
PUBLIC = Path(__file__).resolve().parents[3] / "shared" / "data" / "public"
COMPARED = (
    *("outcome", "abstain_cause", "thesis", "orders", "risk", "reports", "debate", "opinions", "evidence", "recalled"),
    *("market", "ticker", "as_of"),
)
"""The parts of a decision document that must not change."""

DEMO = ("CALDR", "QUORB", "VEXIL", "MYRRL", "GRUND", "OPENX", "NIMBK", "BRAXH")
STOCKS = (
    "AAPL",
    "MSFT",
    "AMZN",
    "JPM",
    "JNJ",
    "BA",
    "CAT",
    "HD",
    "IBM",
    "V",
    "MCD",
    "AMGN",
    "NVDA",
    "GOOGL",
    "XOM",
    "KO",
    "WMT",
    "CSCO",
    "ORCL",
    "PEP",
)


def questions() -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield (market, arguments) of every decision; those of one memory come in the order of their dates."""
    for day in ("2021-03-15", "2022-08-31", "2023-06-01", "2024-05-06", "2025-03-03"):
        for ticker in DEMO:
            yield "demo", (ticker, "--as-of", day, "--desk", "floor", "--no-memory")
    for day in ("2024-01-16", "2024-02-20", "2024-03-25", "2024-05-06"):
        yield "demo", ("CALDR", "--as-of", day, "--desk", "floor")
        yield "demo", ("VEXIL", "--as-of", day, "--desk", "finmem")
        yield "demo", ("QUORB", "--as-of", day, "--desk", "single", "--cash", "25000")
    for day in ("2023-05-15", "2025-03-03"):
        for ticker in STOCKS:
            yield "public", (ticker, "--as-of", day, "--desk", "floor", "--no-memory")


def decide(market: str, arguments: tuple[str, ...], home: Path) -> dict[str, object]:
    """Take one decision by rules through the command line, and return the parts that are compared."""
    from openoutcry.cli.app import main

    folder = "demo" if market == "demo" else str(PUBLIC)
    line = ["openoutcry", "decide", *arguments, "--model", "rules", "--market", folder, "--json"]
    out, before = io.StringIO(), (sys.argv, os.environ.get("OPENOUTCRY_HOME"))
    sys.argv = line
    os.environ["OPENOUTCRY_HOME"] = str(home)
    try:
        with (
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(io.StringIO()),
            contextlib.suppress(SystemExit),
        ):
            main()
    finally:
        sys.argv = before[0]
        os.environ.pop("OPENOUTCRY_HOME")
        if before[1] is not None:
            os.environ["OPENOUTCRY_HOME"] = before[1]
    document = json.loads(out.getvalue())
    for memory in document["recalled"]:
        memory.pop("roles")  # the role `solo` is called `single_agent` now
    return {name: document[name] for name in COMPARED if name in document}


def digest(part: object) -> str:
    """Return a short hash of a part of a document as canonical JSON."""
    text = json.dumps(part, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def compact(document: dict[str, object]) -> dict[str, object]:
    """Return a document with its long parts as hashes."""
    return {
        name: part if name in {"outcome", "abstain_cause", "ticker", "as_of", "orders"} else digest(part)
        for name, part in document.items()
    }


def record() -> None:
    """Write down what this version decides."""
    with tempfile.TemporaryDirectory() as home:
        found = [
            {"folder": market, "arguments": list(arguments)} | compact(decide(market, arguments, Path(home)))
            for market, arguments in questions()
        ]
    with gzip.GzipFile(RECORDED, "wb", mtime=0) as file:
        file.write(json.dumps(found, indent=0, ensure_ascii=False).encode())


if __name__ == "__main__":
    record()
