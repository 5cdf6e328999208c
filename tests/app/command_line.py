"""The command line in a process whose parent has imported what the commands import."""

import json
import os
import sys

from openoutcry.app import decision_service  # noqa: F401 -- imported once, and not by each process
from openoutcry.cli import app
from openoutcry.cli.commands import data_check, data_fetch, decide, doctor  # noqa: F401 -- as above
from openoutcry.graph import build  # noqa: F401 -- as above


def main(environment, folder, arguments):
    """Run a command; `environment` is a JSON object that replaces the environment, `arguments` a JSON list."""
    os.environ.clear()
    os.environ.update(json.loads(environment))
    os.chdir(folder)
    sys.argv = ["openoutcry", *json.loads(arguments)]
    app.main()
