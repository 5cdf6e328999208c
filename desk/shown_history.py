"""The past decisions that a desk is shown: as many as its file asks for, with the price return since each."""

from dataclasses import replace
from datetime import timedelta

from ..domain.account import Account
from ..domain.ids import Symbol
from ..graph.desk_config import DeskConfig
from ..graph.learning_section import LabelsLearning
from ..market.view import MarketView
from .learning.decision_labels import with_labels
from .learning.returns import price_return


def shown_account(account: Account, file: DeskConfig, view: MarketView, symbol: Symbol) -> Account:
    """Return the account with those past decisions that the desk is shown, and the price return since each.

    A desk that learns by labels is shown the label of each.

    Raises NoData if the symbol has no current bars.
    """
    if not account.past_decisions:
        return account
    spec = file.memory
    first = None if spec.within_days is None else view.as_of - timedelta(days=spec.within_days)
    shown = [each for each in account.past_decisions if each.as_of < view.as_of and (not first or each.as_of >= first)]
    priced = [replace(each, price_return=price_return(view, symbol, each.as_of)) for each in shown]
    if isinstance(file.learning, LabelsLearning):
        priced = with_labels(priced, account.equity)
    return replace(account, past_decisions=tuple(priced[max(0, len(priced) - spec.last) :]))
