"""The baselines: each trades by its rule, inside its account, with what was known at the decision."""

import importlib.util
from datetime import date

import numpy as np
import pytest
from openoutcry.desk.accounts.in_memory_account import InMemoryAccount
from openoutcry.desk.backtest import Every, run_backtest
from openoutcry.desk.strategies.catalog import BASELINES, PORTFOLIO_BASELINES, BaselineSetting, open_baseline
from openoutcry.desk.strategies.portfolio_weights import PortfolioMethod, check_skfolio, portfolio_weights
from openoutcry.desk.strategies.price_rules import RandomPosition, VolatilityTarget
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.ids import Symbol
from openoutcry.ledger.model.account_rules import AccountRules, SplitPolicy
from openoutcry.market.adjustment import AdjustedSeries

SYMBOLS = (Symbol("CALDR"), Symbol("GRUND"), Symbol("QUORB"))
CASH = 10_000_000
HAS_SKFOLIO = importlib.util.find_spec("skfolio") is not None
RULES = AccountRules(split_orders=SplitPolicy.ADJUST)


async def walked(name, demo, symbols=SYMBOLS, seed=7):
    opened = open_baseline(name, BaselineSetting(demo, symbols, RULES.cushion_bps, seed))
    account = InMemoryAccount.open(name, RULES, CASH, demo, amounts=opened.amounts)
    return await run_backtest(account, opened.strategy, symbols, date(2025, 2, 3), date(2025, 5, 30), every=Every.DAY)


@pytest.mark.parametrize("name", sorted(set(BASELINES) - PORTFOLIO_BASELINES - {"cash"}))
async def test_a_baseline_trades_within_its_cash_and_hardly_anything_is_rejected(name, demo):
    found = await walked(name, demo)
    assert found.fills > 0
    assert found.rejected <= max(2, found.fills // 10), "purchases of one session may exceed the settled cash"
    assert min(found.exposure) >= 0
    assert all(held <= equity for held, equity in zip(found.exposure, found.equity, strict=True))


async def test_equal_weight_stays_near_a_third_each(demo):
    found = await walked("equal_weight", demo)
    shares = [held / equity for held, equity in zip(found.exposure[1:], found.equity[1:], strict=True)]
    assert min(shares) > 0.94
    assert found.fills < 3 * 40, "small differences are not traded"


async def test_the_random_baseline_repeats_for_a_seed_and_differs_between_seeds(demo):
    one, again, other = [await walked("random", demo, seed=seed) for seed in (7, 7, 8)]
    assert one.equity == again.equity
    assert one.equity != other.equity


def series(close):
    close = np.asarray(close, dtype=np.float64)
    days = tuple(date.fromordinal(735_000 + place) for place in range(len(close)))
    return AdjustedSeries(days, close, close, close, close, close)


def test_the_random_position_changes_at_the_given_rate():
    rule, closes = RandomPosition(seed=3, rate=0.2), np.linspace(10, 20, 2_000)
    drawn = [rule(series(closes[: place + 1][-1:])) for place in range(2_000)]
    assert 0.17 < sum(each is not None for each in drawn) / len(drawn) < 0.23
    assert {each for each in drawn if each is not None} == {0.0, 1.0}


def test_the_volatility_target_divides_by_the_volatility_of_sixty_sessions():
    step = 0.02
    closes = 100 * np.exp(step * np.arange(90) % (2 * step))
    sigma = np.diff(np.log(closes))[-60:].std(ddof=1) * 252**0.5
    assert VolatilityTarget(0.1)(series(closes)) == pytest.approx(0.1 / sigma)
    assert VolatilityTarget(9.0)(series(closes)) == 1.0
    assert VolatilityTarget()(series(np.full(90, 5.0))) is None
    assert VolatilityTarget()(series(closes[:30])) is None


def test_an_unknown_baseline_is_refused_with_those_there_are(demo):
    with pytest.raises(ConfigError, match=r"no baseline 'gold'; choose one of .*momentum"):
        open_baseline("gold", BaselineSetting(demo, SYMBOLS))


@pytest.mark.skipif(HAS_SKFOLIO, reason="skfolio is installed")
def test_without_skfolio_the_installation_is_named(demo):
    with pytest.raises(ConfigError, match=r"pip install 'openoutcry\[portfolio\]'"):
        open_baseline("minimum_variance", BaselineSetting(demo, SYMBOLS))
    with pytest.raises(ConfigError, match="minimum_variance"):
        check_skfolio()


@pytest.mark.skipif(not HAS_SKFOLIO, reason="skfolio is not installed")
@pytest.mark.filterwarnings("ignore")
def test_the_minimum_variance_of_uncorrelated_returns_is_the_inverse_of_their_variance():
    chance = np.random.default_rng(0)
    returns = chance.normal(0, [0.01, 0.02], (20_000, 2))
    found = portfolio_weights(PortfolioMethod.MINIMUM_VARIANCE, returns)
    assert found == pytest.approx([0.8, 0.2], abs=0.02)
    for method in PortfolioMethod:
        weights = portfolio_weights(method, returns)
        assert weights.sum() == pytest.approx(1.0, abs=1e-6)
        assert (weights >= 0).all()


@pytest.mark.skipif(not HAS_SKFOLIO, reason="skfolio is not installed")
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("name", sorted(PORTFOLIO_BASELINES))
async def test_a_weighted_portfolio_is_invested(name, demo):
    found = await walked(name, demo)
    assert found.rejected < found.fills
    assert found.exposure[-1] > 0.9 * found.equity[-1]
