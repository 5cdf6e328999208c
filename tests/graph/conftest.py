"""A desk on the demo market, answered by a script or by rules."""

from decimal import Decimal

import pytest
from openoutcry.desk.rule_desk import order_policy
from openoutcry.domain.account import Account
from openoutcry.domain.brief import Brief
from openoutcry.graph.desk_config import load_desk
from openoutcry.graph.runtime import RunContext
from openoutcry.graph.team_builder import build_team
from openoutcry.llm.scripted import ScriptedModel
from openoutcry.market.view import MarketView
from openoutcry.prompts.library import load_prompts
from openoutcry.risk.limit_settings import Limits
from openoutcry.tools.quote import build_quote
from scripted_answers import AS_OF, SCRIPT, TICKER


@pytest.fixture
def brief(demo):
    view = MarketView(demo, AS_OF)
    facts = build_quote(view, TICKER)
    account = Account("test", Decimal(100_000))
    return Brief(TICKER, AS_OF, facts.session, view.calendar(TICKER).next(facts.session), facts, account, True)


@pytest.fixture
def bench_of(demo, brief):
    """Return a function that seats a desk with a script laid over the one that agrees on everything."""

    def seat(desk="debate", observer=lambda _: None, rules=False, **lines):
        model = None if rules else ScriptedModel(SCRIPT | lines)
        file = load_desk(desk) if isinstance(desk, str) else desk
        members = build_team(file, load_prompts(), model, order_policy(Limits()), seed=1)
        return RunContext(brief, MarketView(demo, AS_OF), members, observer), model

    return seat
