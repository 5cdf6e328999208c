"""The demo market's cache changes nothing but the time it takes to open."""

from datetime import date
from pathlib import Path

import pytest
from openoutcry.domain.ids import Symbol
from openoutcry.market.demo import cache as cache_module
from openoutcry.market.demo import demo_market
from openoutcry.market.demo.source import DemoSource
from openoutcry.storage.packed import open_pack, write_pack

from tests.market.demo.conftest import EVER, LAST, Ask

EARLY = date(2016, 8, 1)


def everything(ask: Ask, source: DemoSource) -> dict[Symbol, str]:
    return {symbol: repr(ask(source, symbol)) for symbol in source.symbols()}


@pytest.fixture
def no_drawing(monkeypatch):
    def draw(*_: object) -> None:
        raise AssertionError("the market was drawn")

    return lambda: monkeypatch.setattr(cache_module, "FreshMarket", draw)


def test_every_symbol_and_dataset_is_byte_equal_from_the_cache(market, ask, tmp_path, no_drawing):
    demo_market(last=LAST, cache=tmp_path)
    no_drawing()
    cached = demo_market(last=LAST, cache=tmp_path)
    assert everything(ask, cached) == everything(ask, market)
    assert cached.macro("NONE", until=EVER, count=1) == ()
    symbol = Symbol("CALDR")
    for fresh, kept in zip(market.filings(symbol, until=EVER), cached.filings(symbol, until=EVER), strict=True):
        assert fresh == kept


@pytest.mark.parametrize("other", [{"seed": 8}, {"last": date(2016, 8, 2)}])
def test_another_seed_or_session_is_another_market(tmp_path, ask, other):
    wanted = {"seed": 7, "last": EARLY}
    demo_market(**wanted, cache=tmp_path)
    cached = demo_market(**wanted | other, cache=tmp_path)
    assert everything(ask, cached) == everything(ask, demo_market(**wanted | other))


def test_another_version_or_another_generator_draws_anew(tmp_path, monkeypatch, no_drawing):
    demo_market(last=EARLY, cache=tmp_path)
    source = tmp_path / "source"
    source.mkdir()
    (source / "prices.py").write_text("CHANGED = True\n", encoding="utf-8")
    no_drawing()
    monkeypatch.setattr(cache_module, "__file__", str(source / "cache.py"))
    with pytest.raises(AssertionError, match="was drawn"):
        demo_market(last=EARLY, cache=tmp_path)
    monkeypatch.undo()
    no_drawing()
    demo_market(last=EARLY, cache=tmp_path)
    monkeypatch.setattr(cache_module, "__version__", "9.9.9")
    with pytest.raises(AssertionError, match="was drawn"):
        demo_market(last=EARLY, cache=tmp_path)


@pytest.fixture(scope="module")
def early(ask) -> dict[Symbol, str]:
    return everything(ask, demo_market(last=EARLY))


def damage(path: Path, how: str) -> None:
    whole = path.read_bytes()
    changed = {
        "torn": whole[: len(whole) // 2],
        "empty": b"",
        "foreign": b"PK\x03\x04 something else",
        "head": whole[:60] + bytes([whole[60] ^ 1]) + whole[61:],
        "block": whole[:-900] + bytes(byte ^ 1 for byte in whole[-900:]),
        "everywhere": b"".join(
            bytes([byte ^ 1]) if n > 20_000 and n % 997 == 0 else bytes([byte]) for n, byte in enumerate(whole)
        ),
    }
    path.write_bytes(changed[how])


@pytest.mark.parametrize("how", ["torn", "empty", "foreign", "head", "block", "everywhere"])
def test_a_damaged_cache_is_ignored_and_replaced(tmp_path, ask, early, how, no_drawing):
    demo_market(last=EARLY, cache=tmp_path)
    path = tmp_path / "demo-7.pack"
    damage(path, how)
    assert everything(ask, demo_market(last=EARLY, cache=tmp_path)) == early
    no_drawing()
    assert everything(ask, demo_market(last=EARLY, cache=tmp_path)) == early
    assert [each.name for each in tmp_path.iterdir()] == ["demo-7.pack"]


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path, ask, early):
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    assert everything(ask, demo_market(last=EARLY, cache=tmp_path / "file")) == early


def test_an_open_pack_outlives_its_replacement(tmp_path):
    path = tmp_path / "a.pack"
    assert write_pack(path, "one", {"x": b"first", "y": b""})
    pack = open_pack(path, "one")
    assert pack is not None
    assert write_pack(path, "two", {"x": b"second"})
    assert (pack.read("x"), pack.read("y")) == (b"first", b"")
    assert open_pack(path, "one") is None
