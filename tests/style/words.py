"""Check the wording of code and documents: `python -m tests.style.words` lists what to say in another way.

Docstrings, comments and texts of the package are read, its prompts, templates and desk files, and the Markdown pages.
Identifiers and tests are not.
"""

import io
import re
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
SKIPPED = frozenset({"build", "dist", "node_modules", "tests"})
PLAIN_FILES = frozenset({".md", ".j2", ".yaml", ".toml"})

ADVICE: dict[str, str] = {
    r"\bof one mind\b": "consistent",
    r"\b(?:come|comes|came|brings?|brought) to mind\b": "is recalled",
    r"\b(?:is|are|was|were) looked back on\b": "is evaluated",
    r"\bas if lived\b": "replayed",
    r"\b(?:lives?|lived) (?:through|on|by|up to)\b": "is advanced, is processed",
    r"\b(?:is|are|was|were) told\b": "receives, is notified",
    r"\bwhoever\b": "the caller, the user, the code object",
    r"\bnobody\b": "no agent, no caller",
    r"\b(?:takes?|took|sits?|sat) (?:a|the|its|their) seat\b": "has a role",
    r"\bin every seat\b": "for every role",
    r"\b(?:before|on) the bench\b": "in the run context",
    r"\bpeople who sit\b": "agents",
    r"\bslips? of the finger\b": "input error",
    r"\bhouse rules?\b": "shared rules",
}
"""Phrases to avoid, as regular expressions, with what to say instead. Kept short: each is wrong wherever it occurs."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A phrase to avoid, where it is, and what to say instead."""

    path: str
    line: int
    phrase: str
    advice: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.phrase!r}: say {self.advice}"


def findings_in(text: str, path: str, first_line: int = 1) -> Iterator[Finding]:
    """Yield every phrase of the list in `text`, which starts on line `first_line` of `path`."""
    for pattern, advice in ADVICE.items():
        for found in re.finditer(pattern.replace(" ", r"\s+"), text, re.IGNORECASE):
            line = first_line + text.count("\n", 0, found.start())
            yield Finding(path, line, found.group(), advice)


def check_python(text: str, path: str) -> Iterator[Finding]:
    """Yield the findings in the comments and string literals of a Python source text."""
    kinds = {tokenize.COMMENT, tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING)}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type in kinds:
            yield from findings_in(_without_fields(token.string), path, token.start[0])


def _without_fields(literal: str) -> str:
    """Return a string literal without the replacement fields of an f-string: those are code."""
    return re.sub(r"\{[^{}]*\}", "{}", literal) if re.match(r"[rR]?[fF]", literal) else literal


def check_file(path: Path) -> Iterator[Finding]:
    """Yield the findings in one file, by what kind of file it is."""
    text, name = path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))
    yield from check_python(text, name) if path.suffix == ".py" else findings_in(text, name)


def checked_files() -> Iterator[Path]:
    """Yield the files whose wording is checked, in the order of their paths; recorded and generated data are not."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        if SKIPPED & set(parts) or any(part.startswith(".") for part in parts) or path == Path(__file__):
            continue
        if path.is_file() and (path.suffix == ".py" or path.suffix in PLAIN_FILES):
            yield path


def main() -> int:
    """Print every finding, and return 1 where there is one."""
    findings = [finding for path in checked_files() for finding in check_file(path)]
    for finding in findings:
        sys.stdout.write(f"{finding}\n")
    return 1 if findings else 0


if __name__ == "__main__":
    raise SystemExit(main())
