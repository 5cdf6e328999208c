"""Runs the command line in this process. This is the only file here that finds the program."""

import json
import os
import re
import sys
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from io import StringIO
from pathlib import Path
from typing import Any

_ZULU = re.compile(r"(\"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?)Z(?=\")")
ROOT = Path(__file__).parents[2]
UNREACHABLE = "http://127.0.0.1:9"
SETTINGS = {
    "COLUMNS": "200",
    "OPENOUTCRY_LIVE__ATTEMPTS": "1",
    "OPENOUTCRY_LIVE__FEEDS": f'{{"rss_test": "{UNREACHABLE}/{{ticker}}"}}',
    **{f"OPENOUTCRY_LIVE__BASE_URLS__{vendor}": UNREACHABLE for vendor in ("yfinance", "sec", "gdelt", "fred")},
}


def declared_script() -> tuple[str, str]:
    """Return the module and the function of the script that `pyproject.toml` declares."""
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    module, _, function = declared["project"]["scripts"]["openoutcry"].partition(":")
    return module, function


@lru_cache(maxsize=1)
def _entry() -> Any:
    module, function = declared_script()
    return getattr(import_module(module), function)


@dataclass(frozen=True)
class Result:
    """What one command returned and printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Parse standard output; raises AssertionError with the error output if it is not JSON.

        Times that end in `Z` are read with `+00:00`, as the recordings spell them: both are the same time.
        """
        try:
            return json.loads(_ZULU.sub(r"\1+00:00", self.out))
        except ValueError:
            raise AssertionError(f"no JSON on standard output (exit code {self.code}): {self.err}") from None


@dataclass(frozen=True)
class Shell:
    """Runs commands with one state folder, which is also the working folder.

    Args:
        home: the state folder; it is created if it does not exist.
        environment: variables on top of those that keep the program off the network.
    """

    home: Path
    environment: Mapping[str, str] | None = None

    def variables(self) -> dict[str, str]:
        """Return the environment of a command."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("OPENOUTCRY_", "OPENAI_"))}
        return {**kept, **SETTINGS, "OPENOUTCRY_HOME": str(self.home), **(self.environment or {})}

    def run(self, *arguments: object) -> Result:
        """Run one command and return its result, whatever its exit code."""
        self.home.mkdir(parents=True, exist_ok=True)
        out, err = StringIO(), StringIO()
        state = _process_state(self.variables(), self.home, ["openoutcry", *map(str, arguments)])
        with state, redirect_stdout(out), redirect_stderr(err):
            code = _exit_code()
        return Result(code, out.getvalue(), err.getvalue())


def _exit_code() -> int:
    try:
        _entry()()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


@contextmanager
def _process_state(environment: Mapping[str, str], folder: Path, arguments: list[str]) -> Iterator[None]:
    before = dict(os.environ), Path.cwd(), sys.argv
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = arguments
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before[0])
        os.chdir(before[1])
        sys.argv = before[2]
