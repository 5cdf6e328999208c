"""Figures of what each topology did: the facts they state, their sizes, hostile texts, and their layout."""

import re
from dataclasses import replace
from html import unescape

import pytest
from desk_factory import rules, taken
from openoutcry.domain.decision import DebateTurn, RecordedContribution, RoleReport
from openoutcry.domain.outputs import Argument, Report, Stance
from openoutcry.reports.deliberation_figures import deliberation_figures
from openoutcry.reports.render import html, markdown

from .browser import chromium, measure

HOSTILE = '"><script>alert(1)</script>\u202e & <b>'
BARS = re.compile(r'<rect class="bar (\w+)" x="([\d.]+)" [^>]*width="([\d.]+)"')


@pytest.fixture(scope="module")
def plain(demo):
    """A decision without anything to draw."""
    return replace(taken(rules(demo), "GRUND"), contributions=(), debate=(), reports=())


def made(author, kind, number=0, **content):
    return RecordedContribution(author, number, kind, content)


def experts(**scores):
    return [{"expert": name, "score": score} for name, score in scores.items()]


def figure(decision, *contributions):
    (found,) = deliberation_figures(replace(decision, contributions=contributions))
    return found


def label(figure):
    return unescape(re.search(r'role="img" aria-label="([^"]*)"', figure.svg)[1])


def bars(figure):
    return [(tone, float(x), float(width)) for tone, x, width in BARS.findall(figure.svg)]


def test_nothing_is_drawn_without_a_deliberation(plain):
    assert deliberation_figures(plain) == ()
    assert "<h2>Deliberation</h2>" not in html(plain, ())


def test_weights_of_a_router_are_bars_in_proportion(plain):
    drawn = figure(plain, made("routing", "ExpertWeights", weights=experts(trend=0.6, reversal=0.3), fallback=""))
    assert label(drawn) == "Weights of the router: trend 0.60; reversal 0.30"
    (_, _, trend), (_, _, reversal) = bars(drawn)
    assert trend == pytest.approx(2 * reversal, abs=0.2)
    static = figure(plain, made("routing", "ExpertWeights", weights=experts(trend=1.0), fallback="no answer"))
    assert static.title.endswith("(static)")


def test_prices_of_a_market_are_drawn_below_the_probabilities_of_those_who_bet(plain):
    drawn = figure(
        plain,
        made("news", "Forecast", down=0.2, flat=0.3, up=0.5),
        made("silent", "Forecast", down=1.0, flat=0.0, up=0.0),
        made("macro", "Forecast", down=0.6, flat=0.2, up=0.2),
        made("prices", "MarketPrices", down=0.3, flat=0.275, up=0.425, budgets=experts(news=3.0, macro=1.0)),
    )
    assert label(drawn).split(": ", 1)[1].split("; ") == [
        "news down 0.20, flat 0.30, up 0.50, budget 75%",
        "macro down 0.60, flat 0.20, up 0.20, budget 25%",
        "price down 0.30, flat 0.28, up 0.42",
    ]
    tones = [tone for tone, _, _ in bars(drawn)]
    assert tones == ["neg", "none", "pos"] * 3
    first = bars(drawn)[:3]
    assert first[1][1] == pytest.approx(first[0][1] + first[0][2], abs=0.2)
    assert first[2][2] == pytest.approx(2.5 * first[0][2], abs=0.3)


def test_a_ranking_is_sorted_and_weights_need_a_positive_sharpe_ratio(plain):
    signals = [
        {"contestant": "a", "symbol": "AAA", "action": "buy", "score": 40.0, "predicted": 0.3},
        {"contestant": "b", "symbol": "BBB", "action": "sell", "score": 80.0, "predicted": 0.1},
    ]
    symbols = [{"symbol": s, "predicted": p} for s, p in (("AAA", 0.3), ("BBB", 0.1), ("CCC", -0.4))]
    ranking, weights = deliberation_figures(
        replace(plain, contributions=(made("ranking", "ContestRanking", signals=signals, symbols=symbols),))
    )
    assert label(ranking).endswith(": b sell BBB 80.0; a buy AAA 40.0")
    assert [tone for tone, _, _ in bars(ranking)] == ["neg", "pos"]
    assert label(weights).endswith(": AAA 75%; BBB 25%; CCC 0%")


def test_ballots_are_the_last_choice_of_each_voter_without_their_count(plain):
    votes = [("a", 0, "long"), ("b", 0, "long"), ("c", 0, "short"), ("a", 1, "short"), ("b", 1, "long")]
    cast = [made(who, "DirectionDecision", turn, direction=said) for who, turn, said in votes]
    drawn = figure(plain, *cast, made("vote", "DirectionDecision", direction="short"))
    assert label(drawn) == "Ballots: short 2 by a, c; long 1 by b"
    assert [tone for tone, _, _ in bars(drawn)] == ["neg", "pos"]
    assert (
        deliberation_figures(replace(plain, contributions=(made("one", "DirectionDecision", direction="long"),))) == ()
    )


def test_answers_of_one_role_are_drawn_by_side(plain):
    counts = [{"option": "buy", "count": 3}, {"option": "sell", "count": 1}, {"option": "", "count": 1}]
    drawn = figure(plain, made("single_agent", "AnswerBallots", ballots=counts))
    assert label(drawn) == "Answers of single_agent: buy 3 of 5; sell 1 of 5; no side 1 of 5"
    (_, _, buy), (_, _, sell), _ = bars(drawn)
    assert [tone for tone, _, _ in bars(drawn)] == ["pos", "neg", "none"]
    assert buy == pytest.approx(3 * sell, abs=0.3)


def test_a_hierarchy_states_the_weight_of_each_head_and_the_mixture(plain):
    drawn = figure(
        plain,
        made("trend_expert", "PositionView", position=0.4),
        made("data_head", "PositionView", position=0.5),
        made("news_head", "PositionView", position=-0.2),
        made("chief", "MixWeight", weight=0.75),
    )
    assert label(drawn).split(": ", 1)[1].split("; ") == [
        "trend_expert +0.40",
        "data_head +0.50 with weight 0.75",
        "news_head -0.20 with weight 0.25",
        "mixture +0.33",
    ]
    assert "x 0.75" in drawn.svg


def test_a_filter_names_who_was_let_through_first_and_why(plain):
    entries = [
        {"symbol": "AAA", "needed": False, "reason": "nothing unusual"},
        {"symbol": "BBB", "needed": True, "reason": "there is news"},
    ]
    drawn = figure(plain, made("filter", "NeedsDecision", entries=entries))
    assert label(drawn).endswith(": BBB let through, there is news; AAA not let through, nothing unusual")
    assert [part in drawn.svg for part in ('class="bar pos"', 'class="open"')] == [True, True]


def fact(side, strength, text):
    return {"text": text, "side": side, "strength": strength, "source": "px.close"}


def test_a_table_of_facts_draws_favourable_ones_right_and_the_strongest_of_each_side_first(plain):
    facts = [fact("adverse", 1, "debt"), fact("favourable", 2, "orders"), fact("favourable", 3, "margin")]
    drawn = figure(plain, made("facts", "FactTable", facts=facts))
    assert label(drawn) == "Facts by side and strength: favourable 3, margin; favourable 2, orders; adverse 1, debt"
    assert [tone for tone, _, _ in bars(drawn)] == ["pos", "pos", "neg"]
    (strong, weak, adverse), middle = bars(drawn), float(re.search(r'class="base" d="M([\d.]+)', drawn.svg)[1])
    assert strong[1] == weak[1] == pytest.approx(middle, abs=0.1)
    assert adverse[1] + adverse[2] == pytest.approx(middle, abs=0.2)
    assert [weak[2] / strong[2], adverse[2] / strong[2]] == pytest.approx([2 / 3, 1 / 3], rel=0.02)
    assert [f">{shown}<" in drawn.svg for shown in ("+3", "+2", "-1")] == [True] * 3
    assert deliberation_figures(replace(plain, contributions=(made("facts", "FactTable", facts=[]),))) == ()


def test_picked_analysts_are_drawn_with_their_stances(plain):
    picked = made("planner", "AnalystPick", analysts=["news", "macro", "silent"], justification="They moved.")
    filed = (report("news", Stance.BULLISH, 0.8), report("macro", Stance.BEARISH, 0.6))
    drawn, panel = deliberation_figures(replace(plain, reports=filed, contributions=(picked,)))
    assert label(drawn) == "Analysts picked by the planner: news bullish, 80%; macro bearish, 60%; silent no report"
    assert re.findall(r'<circle class="([\w ]+)"', drawn.svg) == ["bar pos", "bar neg", "open"]
    assert panel.title.startswith("Stances")


def report(role, stance, confidence):
    return RoleReport(role, Report(summary="s", stance=stance, confidence=confidence, evidence=()))


def test_a_panel_draws_bulls_right_and_bears_left_of_the_middle(plain):
    filed = (
        report("news", Stance.BULLISH, 0.8),
        report("macro", Stance.BEARISH, 0.6),
        report("flat", Stance.NEUTRAL, 0.5),
    )
    (drawn,) = deliberation_figures(replace(plain, reports=filed))
    assert label(drawn).endswith(
        ": news bullish, confidence 80%; macro bearish, confidence 60%; flat neutral, confidence 50%"
    )
    (up, down, _), middle = bars(drawn), float(re.search(r'class="base" d="M([\d.]+)', drawn.svg)[1])
    assert up[1] == pytest.approx(middle, abs=0.1)
    assert down[1] + down[2] == pytest.approx(middle, abs=0.2)
    assert up[2] / down[2] == pytest.approx(0.8 / 0.6, rel=0.02)


def turn(speaker, number, cited):
    return DebateTurn(speaker, number, Argument(claim="c", evidence=tuple(f"px.{n}" for n in range(cited))))


def test_a_debate_states_turns_by_side_and_the_conviction(plain):
    said = (turn("bull", 0, 3), turn("bear", 0, 2), turn("bull", 1, 1))
    thesis = plain.thesis.model_copy(update={"conviction": -0.25})
    (drawn,) = deliberation_figures(replace(plain, debate=said, thesis=thesis))
    assert label(drawn).split(": ", 1)[1].split("; ") == [
        "bull, opening, cites 3 facts",
        "bull, round 1, cites 1 fact",
        "bear, opening, cites 2 facts",
        "conviction -0.25",
    ]
    assert deliberation_figures(replace(plain, debate=said[:1])) == ()


def everything(plain, name):
    return replace(
        plain,
        debate=(turn(name, 0, 12), turn("bear", 0, 2)),
        reports=(report(name, Stance.BULLISH, 0.8), report("macro", Stance.BEARISH, 0.6)),
        contributions=(
            made("routing", "ExpertWeights", weights=experts(**{name: 0.6}), fallback=""),
            made(name, "Forecast", down=0.2, flat=0.3, up=0.5),
            made("prices", "MarketPrices", down=0.3, flat=0.3, up=0.4, budgets=experts(**{name: 1.0})),
            made("ranking", "ContestRanking", symbols=[{"symbol": name, "predicted": 1.0}],
                 signals=[{"contestant": name, "symbol": name, "action": "buy", "score": 40.0, "predicted": 0.3}]),
            made("f", "NeedsDecision", entries=[{"symbol": name, "needed": True, "reason": name * 9}]),
            made(name, "PositionView", position=0.4), made("data_head", "PositionView", position=0.5),
            made("news_head", "PositionView", position=-0.2), made("chief", "MixWeight", weight=0.75),
            made("facts", "FactTable", facts=[fact("favourable", 3, name * 3)]),
            made("planner", "AnalystPick", analysts=[name], justification=name),
            made(name, "AnswerBallots", ballots=[{"option": name, "count": 2}]),
        ),
    )  # fmt: skip


def test_texts_of_models_are_escaped_in_every_figure(plain):
    drawn = deliberation_figures(everything(plain, HOSTILE))
    assert len(drawn) == 11
    for each in drawn:
        assert "<script" not in each.svg
        assert "<b>" not in each.svg
        assert "\u202e" not in each.svg
        assert "&lt;script&gt;" in each.svg


def test_records_with_values_missing_or_of_another_kind_are_drawn_without_failing(plain):
    odd = [
        made("a", "ExpertWeights", weights="none"), made("b", "MarketPrices", budgets=[{"expert": "x"}]),
        made("c", "ContestRanking", signals=[{}]), made("d", "NeedsDecision"), made("e", "MixWeight", weight=None),
        made("f", "FactTable", facts=[{"side": "up"}, {}]), made("g", "AnalystPick", analysts="all"),
        made("h", "AnswerBallots", ballots=[{"option": "buy"}]),
    ]  # fmt: skip
    assert len(deliberation_figures(replace(plain, contributions=tuple(odd)))) == 1


@pytest.mark.skipif(chromium() is None, reason="there is no Chromium")
def test_every_figure_fits_a_narrow_and_a_wide_screen(plain, tmp_path):
    pages = [html(everything(plain, name), ()) for name in ("fundamentals", "an_analyst_with_a_very_long_name")]
    for laid in measure(chromium(), pages, (1280, 400), tmp_path):
        assert laid.overflow == 0
        assert list(laid.spilled) == []


def test_facts_and_picks_are_tables_in_markdown(plain):
    facts = made("facts", "FactTable", facts=[fact("favourable", 3, f"orders {HOSTILE}")])
    picked = made("planner", "AnalystPick", analysts=["news", "macro"], justification="They moved, the others did not.")
    page = markdown(replace(plain, contributions=(facts, picked)), ())
    assert "| favourable | 3 | px.close | Text: orders " in page
    assert "Analysts: news; macro" in page
    assert not re.search(r"(?<!\\)<script", page)
