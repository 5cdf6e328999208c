"""The walk in docs/experiments.md: `python -m tests.experiments_transcript` records it anew.

The model is a stand-in endpoint on this machine whose trader draws lots, so that no sentence can be worth anything.
"""

import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":  # pytest has the folder of the tests on its path
    sys.path.insert(0, str(Path(__file__).parent))

from stub.server import StubServer
from stub_trader import LotteryDesk

PAGE = Path(__file__).parent.parent / "docs" / "experiments.md"
WALK = re.compile(r"(?<=<!-- walk -->\n)[\s\S]*?(?=<!-- /walk -->)")
BLOCK = re.compile(r"```\n(\$ [\s\S]*?)```\n")
COMMAND = re.compile(r"^\$ (.*)$", re.MULTILINE)
FILE = re.compile(r"```yaml\n# (?P<name>\S+)\n(?P<text>[\s\S]*?)```")
CHANGING = (
    (re.compile(r"\bcareful-[0-9a-f]{8}\b"), "careful-c0ffee00"),
    (re.compile(r"About [\d,]+ s with"), "About 420 s with"),
)
WIDTH = "110"


def recorded(walk: str) -> str:
    """Return the walk with what its commands print today; they run in order, in one new folder."""
    with tempfile.TemporaryDirectory() as folder, StubServer(responder=LotteryDesk()) as server:
        environment = _environment(Path(folder), server.url)
        for found in FILE.finditer(walk):
            (Path(folder) / found["name"]).write_text(found["text"], encoding="utf-8")
        return BLOCK.sub(lambda block: f"```\n{_ran(block[1], Path(folder), environment)}```\n", walk)


def _ran(block: str, folder: Path, environment: dict[str, str]) -> str:
    return "".join(f"$ {command}\n{_printed(command, folder, environment)}" for command in COMMAND.findall(block))


def _printed(command: str, folder: Path, environment: dict[str, str]) -> str:
    ran = subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise AssertionError(f"{command} ended with {ran.returncode}: {ran.stdout}{ran.stderr}")
    text = ran.stdout
    for pattern, same in CHANGING:
        text = pattern.sub(same, text)
    return "".join(f"{line.rstrip()}\n" for line in text.splitlines())


def _environment(folder: Path, url: str) -> dict[str, str]:
    program = folder / "bin" / "openoutcry"
    program.parent.mkdir()
    guarded = 'from openoutcry.cli.app import main\nif __name__ == "__main__":\n    main()\n'  # workers import it too
    program.write_text(f"#!{sys.executable}\n{guarded}", encoding="utf-8")
    program.chmod(0o755)
    own = {"OPENOUTCRY_HOME": str(folder / "home"), "COLUMNS": WIDTH, "OPENAI_BASE_URL": url}
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    return {**os.environ, **own, "OPENAI_API_KEY": "sk-stand-in", "PATH": path}


def main() -> None:
    """Put what the commands print today into the page."""
    text = PAGE.read_text(encoding="utf-8")
    walk = recorded(WALK.search(text)[0])
    PAGE.write_text(WALK.sub(lambda _: walk, text), encoding="utf-8")


if __name__ == "__main__":
    main()
