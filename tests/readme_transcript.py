"""The transcript in the README: `python -m tests.readme_transcript` records it anew."""

import os
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

README = Path(__file__).parent.parent / "README.md"
BLOCK = re.compile(
    r"(?<=<!-- transcript -->\n```\n)\$ (?P<command>.*)\n(?P<output>[\s\S]*?)(?=```\n<!-- /transcript -->)"
)
CHANGING = (
    (re.compile(r"\d{8}T\d{6}-(\w+)-[0-9a-f]{6}"), r"20250304T090000-\1-c0ffee"),
    (re.compile(r"\d+\.\d\d s; run"), "0.10 s; run"),
    (re.compile(r"^\[(\d+/\d+), \d+\.\d s\]", re.MULTILINE), r"[\1, 0.1 s]"),
)
WIDTH = "110"


def recorded(command: str) -> str:
    """Return what `command` prints to a pipe, with the parts that differ from run to run made the same."""
    _, *arguments = shlex.split(command)
    line = [sys.executable, "-c", "from openoutcry.cli.app import main; main()", *arguments]
    with tempfile.TemporaryDirectory() as home:
        environment = {**os.environ, "OPENOUTCRY_HOME": home, "COLUMNS": WIDTH}
        ran = subprocess.run(
            line, cwd=home, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True
        )
    text = ran.stdout
    for pattern, same in CHANGING:
        text = pattern.sub(same, text)
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def main() -> None:
    """Put what the command prints today into the README."""
    text = README.read_text(encoding="utf-8")
    command = BLOCK.search(text)["command"]
    README.write_text(BLOCK.sub(lambda _: f"$ {command}\n{recorded(command)}", text), encoding="utf-8")


if __name__ == "__main__":
    main()
