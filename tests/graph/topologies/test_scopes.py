"""Topologies over a book: each symbol gets its own decision, or the desk file says why it cannot have a book."""

from collections import Counter

import pytest
from desk_transcript import BOOK, decided, first_citable
from openoutcry.domain.decision_outputs import ExposureDecision
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.outputs import Report
from openoutcry.domain.remarks import NewsScore
from openoutcry.graph.desk_config import BUILT_IN, load_desk

SAID = r"about one symbol; with intake \{scope: symbol\}"
VALUES = dict(zip(BOOK, (0.8, 0.4, -0.6), strict=True))
ALONE = "  - {role: single_agent, name: alone, tools: [bars]}"
TWO = f"{ALONE}\n  - {{role: single_agent, name: other, tools: [bars]}}"
ANALYST = "  - {role: analyst, name: technical, tools: [bars]}"


def desk(folder, roles, deliberation, decision="exposure"):
    path = folder / "desk.yaml"
    sizing = "sizing: {kind: equal}\n" if decision == "rating" else ""
    text = f"name: own\nintake: {{scope: book}}\nroles:\n{roles}\ndeliberation: {deliberation}\n"
    path.write_text(f"{text}decision: {{kind: {decision}}}\n{sizing}", encoding="utf-8")
    return str(path)


def exposure(request):
    """Return the value of the symbol; the agent `other` says half of it."""
    cited = ("px.close",) if "[px.close]" in request.user else ()
    value = VALUES[next(symbol for symbol in BOOK if symbol in request.user)]
    return ExposureDecision(
        exposure=value / 2 if request.role == "other" else value, horizon_sessions=21, invalidation="Below.",
        summary=f"said by {request.role}", evidence=cited,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("roles", "deliberation", "asked", "share"),
    [
        (ALONE, "{kind: single_agent}", {"alone": 3}, 1),
        (TWO, "{kind: vote}", {"alone": 3, "other": 3}, 0.75),
        (TWO, "{kind: vote, rounds: 1}", {"alone": 6, "other": 6}, 0.75),
    ],
    ids=["single agent", "vote", "vote in two rounds"],
)
def test_agents_decide_on_every_symbol(demo, tmp_path, roles, deliberation, asked, share):
    decisions, model = decided(demo, desk(tmp_path, roles, deliberation), {"ExposureDecision": exposure})
    assert Counter(request.role for request in model.asked) == asked
    stated = {each.ticker: float(each.proposal.exposure) for each in decisions}
    assert stated == pytest.approx({symbol: share * value for symbol, value in VALUES.items()})
    assert load_desk(desk(tmp_path, roles, deliberation)).turns_for(len(BOOK)) == sum(asked.values())


def test_a_scorer_scores_the_news_on_every_symbol(demo):
    scores = dict(zip(BOOK, (5, 3, 1), strict=True))

    def score(request):
        symbol = next(symbol for symbol in BOOK if symbol in request.user)
        return NewsScore(score=scores[symbol], risk=3, reason="s", evidence=first_citable(request))

    script = {
        "ExposureDecision": exposure,
        "Report": lambda r: Report(stance="bullish", confidence=0.5, summary="s", evidence=first_citable(r)),
        "NewsScore": score,
    }
    decisions, model = decided(demo, "finrl_deepseek", script)
    asked = Counter(request.role for request in model.asked)
    assert asked == {"technical": 3, "scorer": 3, "trader": 3}
    said = [only(each, "NewsScore") for each in decisions]
    assert [each["score"] for each in said] == [5, 3, 1]


def only(decision, kind):
    (made,) = [each.content for each in decision.contributions if each.kind == kind]
    return made


@pytest.mark.parametrize(
    ("roles", "deliberation"),
    [
        (ANALYST, "{kind: debate, sides: [bull, bear], judge: research_manager}"),
        ("  - {role: facts, name: facts, tools: [filings]}", "{kind: table}"),
        (
            "  - {role: forecaster, name: one, tools: [bars]}\n  - {role: forecaster, name: two, tools: [news]}",
            "{kind: market}",
        ),
        (f"{ANALYST}\n  - {{role: style, name: style, tools: [bars]}}", "{kind: panel}"),
    ],
    ids=["debate", "table", "market", "panel with a style"],
)
def test_a_deliberation_about_one_symbol_says_so(tmp_path, roles, deliberation):
    with pytest.raises(ConfigError, match=SAID):
        load_desk(desk(tmp_path, roles, deliberation, "rating" if "debate" in deliberation else "exposure"))


def test_a_route_about_one_symbol_says_so(tmp_path):
    text = (BUILT_IN / "mmdrex.yaml").read_text(encoding="utf-8").replace("roles:", "intake: {scope: book}\nroles:", 1)
    path = tmp_path / "desk.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=SAID):
        load_desk(str(path))
