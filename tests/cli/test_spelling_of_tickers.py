"""Every input that takes a ticker reads BRK-B, brk/b and BRK.B as one listing."""

import pytest
from openoutcry.app.as_of import read_symbol
from openoutcry.app.factories import open_ledger
from openoutcry.app.settings import load_settings
from openoutcry.cli.commands.memory import MemoryFilter


@pytest.mark.parametrize("text", ["BRK-B", "brk/b", " BRK.B "])
def test_one_listing_has_one_spelling(text):
    assert read_symbol(text) == "BRK.B"
    assert MemoryFilter(None, None, text, None).ticker == "BRK.B"


def test_locate_and_borrow_rates_of_an_account_are_read_so(openoutcry, tmp_path):
    (tmp_path / "rules.toml").write_text('[borrow]\n"BF-B" = 30\n', encoding="utf-8")
    ran = openoutcry(
        "paper", "init", "--margin", "--locate", "brk-b,9992.HK,09988.hk", "--rules", str(tmp_path / "rules.toml")
    )
    assert ran.code == 0, ran.err
    with_rules = open_ledger(load_settings({}), reading=True)
    try:
        rules = with_rules.broker("paper").book.rules
    finally:
        with_rules.close()
    assert rules.locate == ("BRK.B", "9992.HK", "9988.HK")
    assert (rules.can_locate("BRK.B"), rules.borrow_rate("BF.B")) == (True, 30)


def test_delisting_names_the_listing_in_one_spelling(openoutcry):
    assert openoutcry("paper", "init").code == 0
    ran = openoutcry("paper", "delist", "brk-b", "--price", "1")
    assert "does not hold BRK.B" in ran.err
