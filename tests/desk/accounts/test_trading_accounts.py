"""Both kinds of account keep the contract."""

from itertools import count

import pytest
from contracts.trading_account import TradingAccountContract
from openoutcry.tests.desk.account_pair import open_in_memory, open_stored


class TestInMemoryAccount(TradingAccountContract):
    @pytest.fixture
    def opened(self):
        return open_in_memory


class TestStoredAccount(TradingAccountContract):
    @pytest.fixture
    def opened(self, tmp_path):
        ledgers, number = [], count()

        def opening(source, rules, cash):
            account, ledger = open_stored(tmp_path / f"{next(number)}.db", source, rules, cash)
            ledgers.append(ledger)
            return account

        yield opening
        for ledger in ledgers:
            ledger.close()
