"""A demo market that ends with 2023: long enough for a listing, a split and a bankruptcy, short enough to be quick."""

import asyncio
from datetime import date

import pytest
from openoutcry.domain.ids import Symbol
from openoutcry.evals.demo_experiment import (
    ExperimentConfig,
    ExperimentUnit,
    run_unit,
    world,
)

LAST = date(2023, 12, 29)
SEED = 7


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
