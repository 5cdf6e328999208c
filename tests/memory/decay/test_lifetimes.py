"""How long memories live under each preset, and that the page says so."""

import pytest
from openoutcry.memory.decay.lifetimes import lifetime, table
from openoutcry.memory.presets.catalog import PRESETS, find_preset
from openoutcry.memory.record import Layer, Source

from ..random_memories import ROOT


def days(preset, source):
    return lifetime(PRESETS[preset], source).days


def test_the_constants_of_finmem_collapse_as_its_own_code_does():
    assert [days("finmem", s) for s in (Source.ANNUAL, Source.QUARTERLY, Source.NEWS)] == [11, 9, 10]
    assert days("investor-bench", Source.ANNUAL) < 20


def test_the_default_does_not():
    assert days("default", Source.ANNUAL) >= 250
    assert days("default", Source.QUARTERLY) >= 60
    assert days("default", Source.BELIEF) is None


def test_layers_hold_for_a_half_life_at_least():
    stays = dict(lifetime(find_preset("default"), Source.ANNUAL).stays)
    assert stays == {Layer.LONG: 0, Layer.MID: 365, Layer.SHORT: 730}


def test_the_page_holds_the_table_as_it_is():
    page = (ROOT / "docs" / "memory.md").read_text(encoding="utf-8")
    assert page.split("<!-- lifetimes -->\n")[1].split("\n<!-- /lifetimes -->")[0] == table()


@pytest.mark.parametrize("name", PRESETS)
def test_the_weights_of_a_preset_are_shares(name):
    weights = PRESETS[name].weights
    assert weights.relevance + weights.recency + weights.strength + weights.outcome == pytest.approx(1)
