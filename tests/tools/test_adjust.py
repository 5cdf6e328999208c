from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openoutcry.domain.errors import InvalidData
from openoutcry.market.adjustment import adjust_bars

MON, TUE, WED, THU, FRI = (date(2025, 3, day) for day in range(3, 8))


def test_without_actions_the_series_is_raw(made: Any) -> None:
    series = adjust_bars(made.bars(FRI, [10, 11, 12]), (), ())
    assert series.sessions == (WED, THU, FRI)
    assert series.close.tolist() == [10, 11, 12]
    assert series.volume.tolist() == [1000] * 3


def test_split_divides_prices_and_multiplies_volume_before_its_ex_date(made: Any) -> None:
    series = adjust_bars(made.bars(FRI, [100, 104, 26.5]), [made.split(FRI, 4)], ())
    assert series.close.tolist() == [25, 26, 26.5]
    assert series.high[:2] == pytest.approx([25.25, 26.26])
    assert series.volume.tolist() == [4000, 4000, 1000]


def test_dividend_makes_the_change_over_the_ex_date_the_total_return(made: Any) -> None:
    # 100 pays 2 and opens at 99: who held made 1 / 98 on the price that went ex.
    series = adjust_bars(made.bars(FRI, [90, 100, 99]), (), [made.dividend(FRI, 2)])
    assert series.close == pytest.approx([90 * 0.98, 98, 99])
    assert series.volume.tolist() == [1000] * 3


def test_split_and_dividend_on_different_days_compound(made: Any) -> None:
    series = adjust_bars(made.bars(FRI, [100, 50, 49]), [made.split(THU, 2)], [made.dividend(FRI, 1)])
    assert series.close == pytest.approx([100 / 2 * 0.98, 50 * 0.98, 49])


def test_dividend_before_a_split_is_in_old_shares(made: Any) -> None:
    series = adjust_bars(made.bars(FRI, [100, 98, 49]), [made.split(FRI, 2)], [made.dividend(THU, 2)])
    assert series.close == pytest.approx([49, 49, 49])


def test_dividend_on_the_day_of_a_split_is_in_new_shares(made: Any) -> None:
    # 100 becomes two shares of 50, each pays 1: the factor is 1 - 1/50, not 1 - 1/100.
    series = adjust_bars(made.bars(FRI, [100, 49]), [made.split(FRI, 2)], [made.dividend(FRI, 1)])
    assert series.close == pytest.approx([49, 49])


def test_two_dividends_of_one_day_count_together(made: Any) -> None:
    series = adjust_bars(made.bars(FRI, [100, 94]), (), [made.dividend(FRI, 2), made.dividend(FRI, 4)])
    assert series.close == pytest.approx([94, 94])


def test_spin_off_ratio_works_like_a_split(made: Any) -> None:
    series = adjust_bars(made.bars(FRI, [104.6, 100]), [made.split(FRI, "1.046")], ())
    assert series.close == pytest.approx([100, 100])


def test_actions_after_the_last_bar_change_nothing(made: Any) -> None:
    bars = made.bars(THU, [10, 11])
    series = adjust_bars(bars, [made.split(FRI, 10)], [made.dividend(FRI, 50)])
    assert series.close.tolist() == [10, 11]


def test_dividend_without_an_earlier_bar_is_ignored(made: Any) -> None:
    bars = made.bars(FRI, [10, 11])
    assert adjust_bars(bars, (), [made.dividend(THU, 50), made.dividend(MON, 50)]).close.tolist() == [10, 11]


@pytest.mark.parametrize("amount", [100, 250, -1])
def test_dividend_that_cannot_be_true_is_bad_data(made: Any, amount: int) -> None:
    with pytest.raises(InvalidData, match="ACME pays"):
        adjust_bars(made.bars(FRI, [100, 99]), (), [made.dividend(FRI, amount)])


def test_ratio_that_is_not_positive_is_bad_data(made: Any) -> None:
    with pytest.raises(InvalidData, match="ratio of 0"):
        adjust_bars(made.bars(FRI, [100, 99]), [made.split(FRI, 0)], ())


def test_series_cannot_be_written(made: Any) -> None:
    with pytest.raises(ValueError, match="read-only"):
        adjust_bars(made.bars(FRI, [100, 99]), (), ()).close[0] = 1


@given(
    closes=st.lists(st.integers(20, 500), min_size=2, max_size=8),
    places=st.lists(st.integers(1, 7), max_size=3, unique=True),
    ratio=st.sampled_from(["2", "0.1", "1.5", "20"]),
    amount=st.integers(1, 19),
)
def test_every_daily_return_is_the_return_of_a_holder(
    made: Any, closes: Any, places: Any, ratio: str, amount: int
) -> None:
    """One share bought at each close, with its splits and cash, earns what the adjusted series says."""
    bars = made.bars(FRI, closes)
    places = [place for place in places if place < len(bars)]
    splits = [made.split(bars[place].session, ratio) for place in places[:1]]
    dividends = [made.dividend(bars[place].session, amount) for place in places[1:]]
    series = adjust_bars(bars, splits, dividends)
    for day in range(1, len(bars)):
        shares = float(ratio) if places[:1] == [day] else 1
        cash = amount if day in places[1:] else 0
        paid = closes[day - 1]
        # the reinvestment of CRSP: cash buys at the price that went ex, the last close less the cash
        held = closes[day] * shares * paid / (paid - cash)
        assert np.isclose(series.close[day] / series.close[day - 1], held / paid)
