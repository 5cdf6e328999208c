"""A shell whose commands read the live market from local servers."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from vendors.vendor_servers import everything_at

Run = Callable[..., Mapping[str, Any]]


class Shell:
    """Runs commands in processes of their own, with a home of their own."""

    def __init__(self, forked: Run, home: Path, url: str, **environment: str) -> None:
        self.forked = forked
        kept = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
        self.home = home
        self.environment = kept | everything_at(url) | {"OPENOUTCRY_HOME": str(home), "COLUMNS": "250"} | environment

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", "from openoutcry.cli.app import main; main()", *map(str, arguments)]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return subprocess.Popen(command, env=self.environment, cwd=self.home, **pipes)

    def run(self, *arguments: object) -> tuple[int, str, str]:
        ended = self.forked(json.dumps(self.environment), self.home, json.dumps([*map(str, arguments)]))
        return ended["code"], ended["out"], ended["err"]
