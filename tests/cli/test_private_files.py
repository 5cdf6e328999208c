"""State is readable by its owner only, whatever the umask of the shell."""

import os
import subprocess
import sys

COMMANDS = (
    ("paper", "init", "--account", "a"),
    (
        "decide",
        "CALDR",
        "--as-of",
        "2025-03-03",
        "--account",
        "a",
        "--submit",
        "--model",
        "rules",
        "--report",
        "r.html",
    ),
)


def test_no_file_or_folder_of_the_state_is_open_to_others(tmp_path):
    state = tmp_path / "state"
    state.mkdir(mode=0o755)
    state.chmod(0o755)
    environment = {**os.environ, "OPENOUTCRY_HOME": str(state)}
    for command in COMMANDS:
        code = "import os; os.umask(0); from openoutcry.cli.app import main; main()"
        subprocess.run(
            [sys.executable, "-c", code, *command], cwd=tmp_path, env=environment, check=True, capture_output=True
        )
    found = {str(path.relative_to(tmp_path)): path.stat().st_mode & 0o077 for path in (state, *state.rglob("*"))}
    assert {name for name, open_to in found.items() if open_to} == set()
    assert {"state/book.db", "state/runs.db"} <= found.keys()
    assert (tmp_path / "r.html").stat().st_mode & 0o077 == 0
