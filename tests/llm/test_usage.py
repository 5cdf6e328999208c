"""Tokens by role, and money where prices are known."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.domain.decision import RoleUsage
from openoutcry.domain.errors import ConfigError
from openoutcry.llm.call_log import InMemoryCallLog
from openoutcry.llm.port import ModelCall
from openoutcry.llm.pricing import Price, load_prices
from openoutcry.llm.usage import (
    cost_usd,
    usage_by_role,
)

TOKENS = st.integers(0, 10**6)
CALLS = st.lists(
    st.builds(
        ModelCall, st.text("abc", min_size=1), st.sampled_from(["bull", "bear"]), st.just("m"), st.just("{}"),
        TOKENS, TOKENS, TOKENS, st.just(0.5), st.booleans(),
    ),
    max_size=8,
)  # fmt: skip
PRICE = Price(Decimal("2.00"), Decimal("0.50"), Decimal("8.00"), date(2025, 3, 3))


def call(
    role: str = "bull", model: str = "m", key: str = "k", tokens: tuple[int, int, int] = (100, 40, 10)
) -> ModelCall:
    prompt, cached, completion = tokens
    return ModelCall(key, role, model, "{}", prompt, cached, completion, 0.25, False)


def test_usage_is_summed_by_role_in_order_of_appearance():
    usage = usage_by_role([call("bull"), call("bear"), call("bull")])
    assert list(usage) == ["bull", "bear"]
    assert usage["bull"] == RoleUsage(2, 200, 80, 20, 0.5)


@given(CALLS)
def test_no_token_is_lost_between_roles(calls):
    usage = usage_by_role(calls).values()
    assert sum(role.model_calls for role in usage) == len(calls)
    assert sum(role.prompt_tokens for role in usage) == sum(one.prompt_tokens for one in calls)
    assert sum(role.completion_tokens for role in usage) == sum(one.completion_tokens for one in calls)


def test_cached_tokens_are_paid_at_their_own_price():
    million = call(tokens=(1_000_000, 400_000, 100_000))
    assert cost_usd([million], {"m": PRICE}) == Decimal("1.20") + Decimal("0.20") + Decimal("0.80")


def test_a_model_without_a_price_leaves_the_cost_unknown():
    assert cost_usd([call(), call(model="local")], {"m": PRICE}) is None


def test_no_calls_cost_nothing():
    assert cost_usd([], {}) == 0


@given(CALLS, CALLS)
def test_costs_add_up_and_are_never_negative(some, others):
    prices = {"m": PRICE}
    total = cost_usd([*some, *others], prices)
    assert total == cost_usd(some, prices) + cost_usd(others, prices)
    assert total >= 0


def test_a_price_table_is_read(tmp_path):
    file = tmp_path / "prices.csv"
    file.write_text("model,input,cached,output,as_of,note\nm,2.00,0.50,8.00,2025-03-03,list\n")
    assert load_prices(file) == {"m": PRICE}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "lacks the columns"),
        ("model,input,output,as_of\n", "lacks the columns cached"),
        ("model,input,cached,output,as_of\nm,1,1,cheap,2025-03-03\n", "row 2"),
        ("model,input,cached,output,as_of\nm,1,1,-1,2025-03-03\n", "at least zero"),
        ("model,input,cached,output,as_of\nm,1,1,NaN,2025-03-03\n", "at least zero"),
        ("model,input,cached,output,as_of\nm,1,1,1,yesterday\n", "a date such as"),
        ("model,input,cached,output,as_of\nm,1\n", "row 2"),
        ("model,input,cached,output,as_of\nm,1,1,1,2025-03-03\nm,1,1,1,2025-03-03\n", "duplicate model 'm' in row 3"),
    ],
)
def test_a_bad_price_table_is_refused_with_the_place(tmp_path, text, complaint):
    file = tmp_path / "prices.csv"
    file.write_text(text)
    with pytest.raises(ConfigError, match=complaint):
        load_prices(file)


def test_a_price_table_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load_prices(tmp_path / "none.csv")


def test_the_memory_log_keeps_the_first_call_of_a_key_and_the_order():
    log = InMemoryCallLog()
    first, second, again = call(key="a"), call(key="b"), call(role="other", key="a")
    for one in (first, second, again):
        log.save(one)
    assert log.calls() == (first, second)
    assert log.find("a") is first
    assert log.find("c") is None
