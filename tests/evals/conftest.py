"""A demo market that ends with 2023: long enough for a listing, a split and a bankruptcy, short enough to be quick."""

import asyncio
from datetime import date

import pytest
from openoutcry.app.settings import load_settings
from openoutcry.domain.ids import Symbol
from openoutcry.evals.demo_experiment import (
    ExperimentConfig,
    ExperimentUnit,
    run_unit,
    world,
)
from stub.server import StubServer

LAST = date(2023, 12, 29)
SEED = 7


@pytest.fixture
def stub():
    """Serve a model over HTTP."""
    with StubServer() as server:
        yield server


@pytest.fixture
def settings(tmp_path, monkeypatch):
    """Return the settings of an empty state folder."""
    monkeypatch.setenv("OPENOUTCRY_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return load_settings({})


@pytest.fixture
def model_settings(tmp_path, monkeypatch, stub):
    """Return settings of an empty state folder, with the stub as the endpoint of models."""
    monkeypatch.setenv("OPENOUTCRY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test")
    monkeypatch.chdir(tmp_path)
    return load_settings({"base_url": stub.url})


@pytest.fixture(scope="session")
def drawn():
    return world(SEED, LAST)


@pytest.fixture(scope="session")
def walked():
    """Walk a unit of the market between two days; every answer is kept for the rest of the tests."""
    kept = {}

    def unit(ticker, first, last, desk="debate"):
        key = (ticker, first, last, desk)
        if key not in kept:
            setting = ExperimentConfig(date.fromisoformat(first), date.fromisoformat(last), desk=desk)
            kept[key] = asyncio.run(run_unit(ExperimentUnit(SEED, Symbol(ticker)), setting))
        return kept[key]

    return unit
