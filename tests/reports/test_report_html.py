"""The HTML report: complete, self-contained, and deaf to what it quotes."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from openoutcry.domain.decision import (
    Decision,
    MarketInfo,
    ModelInfo,
    Outcome,
    RiskOutcome,
    Usage,
)
from openoutcry.domain.market import Bar
from openoutcry.domain.text import strip_control
from openoutcry.reports.render import html
from openoutcry.reports.report_facts import ChartMarker, MarkerKind, ReportFacts

VOID = {"meta", "br"}
Poisoned = Callable[[str], Decision]


class Read(HTMLParser):
    """Reads a page: tags in order with the names of their attributes, ids, links, words, tags left open."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, tuple[str, ...]]] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: Sequence[tuple[str, str | None]]) -> None:
        self.tags.append((tag, tuple(name for name, _ in attrs)))
        named = dict(attrs)
        self.ids += [named["id"] or ""] if "id" in named else []
        self.links += [value or "" for name, value in attrs if name in ("href", "src", "action", "data")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_every_part_of_the_decision_is_shown(decision: Decision, bars: Sequence[Bar]) -> None:
    text = Read(html(decision, bars)).text
    thesis = decision.thesis
    assert thesis is not None
    assert decision.review is not None
    assert decision.plan is not None
    for said in (
        "CALDR",
        "2025-03-03 21:00 UTC",
        "SYNTHETIC MARKET",
        "overweight",
        "+0.46",
        "21 sessions",
        "quick-model, judged by deep-model",
        thesis.summary,
        thesis.bull_case,
        thesis.bear_case,
        thesis.invalidation,
        decision.plan.rationale,
        decision.review.reason,
        "0.0213 USD",
        *(filed.report.summary for filed in decision.reports),
        *(turn.argument.claim for turn in decision.debate),
        *(voice.opinion.reason for voice in decision.opinions),
        *(clamp.reason for clamp in decision.risk.clamps),
        *(fallen.reason for fallen in decision.risk.denied),
        *(order.client_order_id for order in decision.risk.allowed),
        *(fact.text for fact in decision.evidence),
        *(fact.id for fact in decision.evidence),
        *(memory.text for memory in decision.recalled),
        *decision.provenance.degraded,
        *decision.provenance.prompt_hashes.values(),
        decision.provenance.config_hash,
        decision.market.fingerprint,
        decision.run_id,
    ):
        assert said in text


def test_orders_show_what_the_limits_left_of_them(decision: Decision, bars: Sequence[Bar]) -> None:
    text = Read(html(decision, bars)).text
    assert "# Action Requested Allowed Type" in text
    assert "1 BUY 400 174 limit 103.20 day bracket 114.50 97.50" in text
    assert "2 BUY 150 9 stop 108.75 day simple" in text
    assert "2 max position 112.50 9.30 a position may be 20 %" in text
    assert "3 buy 50, limit 70.00 is more than 20 % away" in text


def test_the_page_is_well_formed_and_fetches_nothing(decision: Decision, bars: Sequence[Bar]) -> None:
    page = html(decision, bars)
    read = Read(page)
    assert read.open == []
    assert {tag for tag, _ in read.tags}.isdisjoint({"script", "link", "img", "iframe", "object", "base", "form"})
    assert all(link.startswith("#") for link in read.links)
    assert not any(name.startswith("on") for _, names in read.tags for name in names)
    assert "http" not in page.replace("http-equiv", "")
    assert "url(" not in page
    assert "@import" not in page


def test_every_citation_leads_to_its_row(decision: Decision, bars: Sequence[Bar]) -> None:
    read = Read(html(decision, bars))
    assert len(set(read.ids)) == len(read.ids) == len(decision.evidence)
    assert {link.removeprefix("#") for link in read.links} <= set(read.ids)
    assert len(read.links) >= len(decision.reports)


def test_both_colour_schemes_and_paper_are_provided_for(decision: Decision, bars: Sequence[Bar]) -> None:
    page = html(decision, bars)
    assert "prefers-color-scheme: dark" in page
    assert "@media print" in page


def test_words_from_outside_stay_words(poisoned: Poisoned, bars: Sequence[Bar], hostile: str) -> None:
    """The page with hostile words has tag for tag the structure that it has with a harmless one."""
    harmless, read = Read(html(poisoned("word"), bars)), Read(html(poisoned(hostile), bars))
    assert read.tags == harmless.tags
    assert read.ids == harmless.ids
    assert read.links == harmless.links
    assert " ".join(strip_control(hostile).split()) in read.text


def test_writing_direction_and_control_characters_are_taken_out(poisoned: Poisoned, bars: Sequence[Bar]) -> None:
    page = html(poisoned("a\u202eb\x1b[2Jc\x00d"), bars)
    assert not {"\u202e", "\x1b", "\x00"} & set(page)


def test_only_a_made_up_market_is_called_synthetic(decision: Decision, bars: Sequence[Bar]) -> None:
    real = replace(decision, market=MarketInfo("folder", "f00d", synthetic=False))
    assert "synthetic" not in html(real, bars).lower()


def test_rules_are_labelled_and_models_are_not(decision: Decision, bars: Sequence[Bar]) -> None:
    by_rules = replace(decision, model=ModelInfo("rules", "rules", "rules"))
    assert "no language model was called" in Read(html(by_rules, bars)).text
    assert "no language model was called" not in Read(html(decision, bars)).text


def test_an_abstention_says_why_and_shows_no_order(abstained: Decision, bars: Sequence[Bar]) -> None:
    text = Read(html(abstained, bars)).text
    assert "the endpoint did not answer within 60 s" in text
    assert "No orders" not in text
    assert "Conviction" not in text
    assert "No language model was called." in text


def test_a_hold_shows_the_plan_s_reason(decision: Decision, bars: Sequence[Bar]) -> None:
    hold = replace(decision, outcome=Outcome.HOLD, risk=RiskOutcome())
    text = Read(html(hold, bars)).text
    assert "No orders." in text
    assert "A dip to buy" in text
    assert "Limits that fired" not in text


def test_the_plan_s_reason_is_not_said_twice(decision: Decision, bars: Sequence[Bar]) -> None:
    assert decision.plan is not None
    same = decision.plan.model_copy(update={"rationale": decision.risk.allowed[0].rationale})
    assert "The trader's rationale" in Read(html(decision, bars)).text
    assert "The trader's rationale" not in Read(html(replace(decision, plan=same), bars)).text


def test_without_bars_there_is_no_chart_and_no_close(decision: Decision) -> None:
    page = html(decision, ())
    assert '<svg class="chart"' not in page
    assert "Last close" not in page


def test_an_unknown_price_of_the_model_is_not_a_cost_of_nothing(decision: Decision, bars: Sequence[Bar]) -> None:
    unpriced = replace(decision, usage=Usage(decision.usage.by_role, None, 1.0))
    text = Read(html(unpriced, bars)).text
    assert "price is unknown" in text
    assert "Cost 0" not in text
    assert "0.0213" not in text


def test_a_citation_without_its_fact_is_no_link(decision: Decision, bars: Sequence[Bar]) -> None:
    read = Read(html(replace(decision, evidence=()), bars))
    assert read.links == []
    assert "fund.sue" in read.text


@pytest.mark.parametrize("conviction", [-1.0, -0.3, 0.0, 1.0])
def test_the_meter_stays_within_its_tile(decision: Decision, bars: Sequence[Bar], conviction: float) -> None:
    assert decision.thesis is not None
    page = html(replace(decision, thesis=decision.thesis.model_copy(update={"conviction": conviction})), bars)
    left, width = (float(part.split(":")[1].rstrip("%")) for part in page.split('style="')[1].split('"')[0].split(";"))
    assert 0 <= left <= left + width <= 100
    assert width == pytest.approx(abs(conviction) * 50, abs=0.06)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_stand_out_from_what_is_behind_them(decision: Decision, bars: Sequence[Bar], scheme: str) -> None:
    """The contrast of WCAG 2.1 for text, at least 4.5."""
    light, dark = html(decision, bars).split("prefers-color-scheme: dark", 1)
    found = re.findall(r"--([a-z-]+): (#[0-9a-f]{6});", light if scheme == "light" else dark)
    colours = dict(reversed(found))  # the first value of each name; later ones are of paper
    pairs = [(text, ground) for text in ("ink", "soft", "up", "down", "amber", "blue") for ground in ("page", "card")]
    pairs += [(colour, f"{colour}-wash") for colour in ("up", "down", "amber", "blue")]
    assert {pair for pair in pairs if contrast(colours[pair[0]], colours[pair[1]]) < 4.5} == set()


def contrast(one: str, other: str) -> float:
    bright, dim = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_no_text_has_the_colour_of_lines(decision: Decision, bars: Sequence[Bar]) -> None:
    page = html(decision, bars)
    assert not re.search(r"[{ ]color: var\(--faint\)|\.axis \{ fill: var\(--faint\)", page)


def test_only_the_markers_of_the_chart_are_explained(decision: Decision, bars: Sequence[Bar]) -> None:
    day = bars[-1].session
    dividend, sale = (
        ChartMarker(MarkerKind.DIVIDEND, day, "paid"),
        ChartMarker(MarkerKind.SELL, day, "sold", bars[-1].close),
    )
    assert '<p class="note small">Volume is' in html(decision, bars)
    assert "D dividend. Volume is" in html(decision, bars, None, ReportFacts((dividend,)))
    assert "D dividend, triangles are fills. Volume is" in html(decision, bars, None, ReportFacts((sale, dividend)))
    assert "Triangles are fills. Volume is" in html(decision, bars, None, ReportFacts((sale,)))
