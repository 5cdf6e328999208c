"""Several processes that open one new file at the same moment, as the first decisions of a morning do."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
AT_ONCE, ROUNDS = 4, 6
OPEN = """
import sys

from pathlib import Path
folder, rounds = Path(sys.argv[1]), int(sys.argv[2])
{imports}
for number in range(rounds):
    path = folder / f"{{number}}"
    path.mkdir(exist_ok=True)
    print(number, flush=True)
    sys.stdin.readline()
    {opening}
print("done")
"""
KINDS = {
    "memory": ("from openoutcry.memory.journal.journal import MemoryJournal", "MemoryJournal(path).close()"),
    "runs": ("from openoutcry.desk.records.run_store import RunStore", 'RunStore(path / "runs.db").close()'),
    "archive": ("from openoutcry.market.archive.store import Archive", 'Archive(path / "archive.db").close()'),
    "ledger": (
        "import alembic.command\nfrom openoutcry.ledger.store.open_database import open_database",
        'open_database(f"sqlite:///{path}/ledger.db").close()',
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_who_opens_a_new_file_together_with_others_opens_it(tmp_path, kind):
    imports, opening = KINDS[kind]
    command = [sys.executable, "-c", OPEN.format(imports=imports, opening=opening), str(tmp_path)]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    line = [*command, str(ROUNDS)]
    running = [subprocess.Popen(line, cwd=ROOT, **pipes) for _ in range(AT_ONCE)]
    try:
        for number in range(ROUNDS):  # all of them wait here, and are let go together
            if [each.stdout.readline() for each in running] == [f"{number}\n"] * AT_ONCE:
                for each in running:
                    each.stdin.write("go\n")
                    each.stdin.flush()
        ended = [each.stdout.readline() for each in running]
    finally:
        for each in running:
            each.kill()
        said = [each.communicate()[1] for each in running]
    assert ended == ["done\n"] * AT_ONCE, said
