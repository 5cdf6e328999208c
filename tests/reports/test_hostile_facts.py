"""Injected texts in what a report shows beside the decision: they are text, in the page and in its chart."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from openoutcry.domain.abstention import Abstention, AbstentionCause
from openoutcry.domain.account import Account, Holding
from openoutcry.domain.decision import Decision, Outcome, PositionSnapshot, RiskOutcome
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import Bar
from openoutcry.domain.text import strip_control
from openoutcry.reports.render import html, markdown
from openoutcry.reports.report_facts import ChartMarker, MarkerKind, ReportFacts
from openoutcry.tests.injected_texts import corpus

from .conftest import HOSTILE
from .test_report_html import Read
from .test_report_markdown import structure, words

Poisoned = Callable[[str], Decision]
TEXTS = [str(row["text"]) for row in corpus()]


def facts_of(previous: Decision, bars: Sequence[Bar], text: str) -> ReportFacts:
    """Return facts with `text` wherever a source, a person or an earlier answer of a model could choose it."""
    markers = [
        ChartMarker(kind, bars[-3 * place].session, text, bars[-3 * place].close)
        for place, kind in enumerate(MarkerKind, start=1)
    ]
    holding = Holding(Symbol(text), Decimal(10), Decimal(90), Decimal(100))
    account = Account(text, Decimal(1000), holdings={holding.symbol: holding})
    return ReportFacts(markers, account, previous=replace(previous, as_of=previous.as_of - timedelta(days=7)))


def rendered(decision: Decision, poisoned: Poisoned, bars: Sequence[Bar], text: str) -> tuple[str, str]:
    """Return the HTML and the Markdown of the decision with hostile facts, its account named by `text` too."""
    facts, named = facts_of(poisoned(text), bars, text), replace(decision, account=text)
    return html(named, bars, None, facts), markdown(named, bars, None, facts)


@pytest.mark.parametrize("text", [*TEXTS, *HOSTILE], ids=lambda text: ascii(text[:40]))
def test_texts_beside_the_decision_stay_texts(
    decision: Decision, poisoned: Poisoned, bars: Sequence[Bar], text: str
) -> None:
    """Both reports have token for token the structure that they have with a harmless word."""
    (page, lines), (plain_page, plain_lines) = (rendered(decision, poisoned, bars, each) for each in (text, "word"))
    read, harmless = Read(page), Read(plain_page)
    assert read.tags == harmless.tags
    assert (read.ids, read.links, read.open) == (harmless.ids, harmless.links, [])
    assert structure(lines) == structure(plain_lines)
    shown = " ".join(strip_control(text).split())
    assert read.text.count(shown) > len(MarkerKind)
    assert "".join(shown.split()) in "".join(words(lines).split())


@pytest.mark.parametrize("text", [*TEXTS, *HOSTILE], ids=lambda text: ascii(text[:40]))
def test_reasons_in_the_strip_stay_texts(abstained: Decision, bars: Sequence[Bar], text: str) -> None:
    position = PositionSnapshot(Decimal(60), Decimal("103.10"), Decimal("104.50"), Decimal(84))

    def pages(said: str) -> tuple[str, str]:
        why = Abstention(said, AbstentionCause.MODEL, said)
        made = replace(abstained, abstention=why, position=position, outcome=Outcome.ABSTAIN, risk=RiskOutcome())
        return html(made, bars), markdown(made, bars)

    (page, lines), (plain_page, plain_lines) = pages(text), pages("word")
    assert Read(page).tags == Read(plain_page).tags
    assert structure(lines) == structure(plain_lines)
