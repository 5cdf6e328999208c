"""What is installed is what is here."""

import tomllib

import openoutcry
from conftest import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
NOT_PACKAGED = {"tests", "docs", "build", "dist"}


def test_every_package_is_listed():
    found = {"openoutcry"}
    for init in ROOT.rglob("__init__.py"):
        parts = init.parent.relative_to(ROOT).parts
        if parts and parts[0] not in NOT_PACKAGED and not any(part.startswith(".") for part in parts):
            found.add(".".join(("openoutcry", *parts)))
    assert set(PROJECT["tool"]["setuptools"]["packages"]) == found


def test_every_data_file_is_listed():
    packages = PROJECT["tool"]["setuptools"]["package-data"]
    listed = {
        path
        for package, patterns in packages.items()
        for pattern in patterns
        for path in _folder(package).glob(pattern)
    }
    for pattern in ("prompts/*.md", "graph/desks/*.yaml", "desk/*.json", "tools/*.csv", "reports/templates/*"):
        assert set(ROOT.glob(pattern)) <= listed


def test_the_version_is_said_once():
    assert PROJECT["project"]["version"] == openoutcry.__version__


def _folder(package):
    return ROOT.joinpath(*package.split(".")[1:])
