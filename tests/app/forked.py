"""Runs a module's `main` in processes that are forked from one that has imported the module and drawn the demo market.

`python -m openoutcry.tests.app.forked MODULE` reads a JSON list of arguments a line, runs `main` with them in a forked
process, and prints a JSON object with its exit code, output and errors. A forked process has nothing open, as a started
one, and is killed alone; only imports and the drawing of the demo market are not repeated.
"""

import importlib
import json
import os
import subprocess
import sys
import tempfile
import traceback
from contextlib import contextmanager
from pathlib import Path

from openoutcry.tests.app.daily import open_daily


def _run(main, arguments):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if not child:
            _exit_after(main, arguments, out, err)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        out.seek(0)
        err.seek(0)
        return {"code": code, "out": out.read().decode(), "err": err.read().decode()}


def _exit_after(main, arguments, out, err):
    os.dup2(out.fileno(), 1)
    os.dup2(err.fileno(), 2)
    code = 1
    try:
        main(*arguments)
        code = 0
    except SystemExit as ended:
        code = ended.code or 0
    except BaseException:  # noqa: BLE001 -- the process ends with this code, and its parent reads the text
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


@contextmanager
def processes(module):
    """Yield a function that runs `main` of a module of tests/app in a forked process and returns what it did.

    Its result has the exit `code`, negative for a signal, and the texts `out` and `err`.
    """
    command = [sys.executable, "-m", __name__, f"openoutcry.tests.app.{module}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as parent:

        def run(*arguments):
            parent.stdin.write(json.dumps([str(each) for each in arguments]) + "\n")
            parent.stdin.flush()
            return json.loads(parent.stdout.readline())

        yield run


if __name__ == "__main__":
    function = importlib.import_module(sys.argv[1]).main
    with tempfile.TemporaryDirectory() as folder, open_daily(Path(folder)):
        pass  # draws the demo market, and loads what opening and migrating the stores needs
    for line in sys.stdin:
        print(json.dumps(_run(function, json.loads(line))), flush=True)
