"""The files of docs/deploy: correct for their programs, and their commands exist."""

import re
import shlex
import shutil
import subprocess

import pytest
import typer.main
from conftest import ROOT
from openoutcry.cli.app import app

DEPLOY = ROOT / "docs" / "deploy"
UNITS = sorted(path for path in DEPLOY.iterdir() if path.suffix in {".service", ".timer"})
FIELD = re.compile(r"(\*|\d+(-\d+)?)")


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_systemd_accepts_the_unit(unit):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    ran = subprocess.run(["systemd-analyze", "verify", unit], check=False, capture_output=True, text=True)
    ours = [line for line in ran.stderr.splitlines() if unit.name in line and "Command" not in line]
    assert ours == []


def test_the_timer_names_a_time_that_systemd_knows():
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd-analyze is not installed")
    (line,) = [x for x in (DEPLOY / "openoutcry-run.timer").read_text().splitlines() if x.startswith("OnCalendar=")]
    ran = subprocess.run(["systemd-analyze", "calendar", line.partition("=")[2]], check=False, capture_output=True)
    assert ran.returncode == 0, ran.stderr


def test_the_crontab_has_five_fields_and_a_command():
    lines = [line for line in (DEPLOY / "crontab").read_text().splitlines() if line and line[0] not in "#C"]
    fields = lines[0].split(maxsplit=5)
    assert len(lines) == 1
    assert all(FIELD.fullmatch(field) for field in fields[:5])


def commands():
    for path in sorted(DEPLOY.iterdir()):
        text = path.read_text()
        for found in re.findall(r"(?:env |&& )openoutcry ([^\n]*)", text):
            yield path.name, found
        if container := re.search(r"^CMD \[(.*)\]", text, re.MULTILINE):
            yield path.name, container[1].replace('"', "").replace(",", "")


@pytest.mark.parametrize(("name", "line"), list(commands()))
def test_every_command_exists_with_its_flags(name, line):
    words, group = shlex.split(line), typer.main.get_command(app)
    while words and hasattr(group, "commands"):
        group = group.commands[words.pop(0)]
    known = {each for option in group.params for each in option.opts}
    assert {word for word in words if word.startswith("--")} <= known
