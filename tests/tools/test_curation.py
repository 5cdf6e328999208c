from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openoutcry.domain.ids import Symbol
from openoutcry.domain.market import NewsItem
from openoutcry.market.company_names import legal_name, names
from openoutcry.tools.evidence.news import news_evidence
from openoutcry.tools.evidence.sentiment import sentiment_evidence
from openoutcry.tools.news.deduplication import Story, deduplicate, strip_publisher
from openoutcry.tools.news.language import is_english
from openoutcry.tools.news.relevance import Relevance, relevance
from openoutcry.tools.news.selection import rank_news, select_news
from openoutcry.tools.news.vader import vader_score

START = datetime(2025, 3, 3, 12, tzinfo=UTC)
FRIDAY = date(2025, 3, 7)
LONG = "Acme raises its outlook for the year after strong orders"


def told(title: str, source: str = "Reuters", *, hours: float = 0, ticker: str = "ACME", summary: str = "") -> NewsItem:
    known_at = START + timedelta(hours=hours)
    return NewsItem(Symbol(ticker), known_at, title, summary, source, "", known_at)


def firsts(found: Sequence[Story]) -> list[tuple[str, int]]:
    return [(story.first.title, story.sources) for story in found]


def test_what_several_sources_tell_is_one_story_as_it_was_first_told() -> None:
    copies = [
        told("ACME raises its outlook for the year, after strong orders - Yahoo", "Yahoo Finance", hours=5),
        told(LONG),
        told("Acme raises outlook for the year after strong orders", "Wire", hours=40),
        told(LONG, hours=41),
    ]
    (story,) = deduplicate(copies)
    assert (story.first, story.sources, story.known_at) == (copies[1], 3, copies[2].known_at)


@pytest.mark.parametrize(
    ("title", "source", "hours"),
    [
        ("Acme raises outlook for the year after strong orders", "Reuters", 1),  # the source tells another story
        ("Acme raises outlook for the year after strong orders", "Wire", 49),  # two days later
        ("Acme cuts its outlook for the month after weak orders", "Wire", 1),
    ],
)
def test_what_is_not_near_enough_is_another_story(title: str, source: str, hours: float) -> None:
    assert len(deduplicate([told(LONG), told(title, source, hours=hours)])) == 2


def test_other_numbers_and_short_titles_are_other_stories() -> None:
    eps = "Acme reports first quarter earnings of 1.20 dollars a share"
    assert len(deduplicate([told(eps), told(eps.replace("1.20", "1.30"), "Wire")])) == 2
    assert len(deduplicate([told("Acme wins big contract"), told("Acme wins contract", "Wire")])) == 2


@pytest.mark.parametrize(
    ("title", "source", "expected"),
    [
        ("Markets underestimate cuts By Investing.com - Investing.com UK", "Investing", "Markets underestimate cuts"),
        ("Acme wins a large contract | Reuters", "Reuters", "Acme wins a large contract"),
        ("Acme wins a large contract - analysts cheer", "Reuters", "Acme wins a large contract - analysts cheer"),
        ("Acme has been sued by Amazon.com", "Reuters", "Acme has been sued by Amazon.com"),
        ("", "", ""),
    ],
)
def test_the_publisher_is_no_part_of_the_title(title: str, source: str, expected: str) -> None:
    assert strip_publisher(title, source) == expected


WORDS = st.lists(
    st.sampled_from(["acme", "wins", "loses", "orders", "big", "small", "5", "7", "the", "in"]), min_size=0, max_size=9
)
ITEMS = st.lists(
    st.builds(
        lambda words, source, hours: told(" ".join(words), source, hours=hours),
        WORDS,
        st.sampled_from(["Reuters", "Wire", ""]),
        st.integers(0, 120),
    ),
    max_size=14,
)


@settings(deadline=None)
@given(ITEMS, st.integers(0, 120))
def test_a_later_item_never_changes_what_was_a_story_before_it(items: list[NewsItem], hours: int) -> None:
    moment = START + timedelta(hours=hours)
    then = select_news([item for item in items if item.known_at <= moment])
    now = select_news(items)
    assert [story.first for story in then] == [story.first for story in now if story.first.known_at <= moment]
    assert all(story.first.known_at <= story.known_at <= moment for story in then)


def test_the_number_of_sources_is_told_once_it_was_known(made: Any) -> None:
    close = made.exchange().close(FRIDAY)
    first = replace(made.news(close - timedelta(days=2), LONG), source="Reuters")
    second = replace(made.news(close - timedelta(days=1), LONG), source="Wire")
    (fact,) = news_evidence(made.view(made.source(items=[first, second]), FRIDAY), made.acme)
    assert fact.text == f'2025-03-05 (told by 2 sources) "{LONG}"'
    assert fact.known_at == second.known_at
    (alone,) = news_evidence(made.view(made.source(items=[first]), FRIDAY), made.acme)
    assert (alone.id, alone.known_at) == (fact.id, first.known_at)


@pytest.mark.parametrize(
    ("ticker", "text", "expected"),
    [
        ("AAPL", "Apple unveils a phone", Relevance.NAMED),
        ("AAPL", "APPLE UNVEILS A PHONE", Relevance.NAMED),
        ("AAPL", "Three stocks to watch: AAPL, X and Y", Relevance.NAMED),
        ("AAPL", "An apple a day", Relevance.UNCLEAR),
        ("AAPL", "Phone sales surge in China", Relevance.UNCLEAR),
        ("AAPL", "Tesla opens a plant", Relevance.ELSEWHERE),
        ("AAPL", "Tesla sues Apple", Relevance.NAMED),
        ("JPM", "J.P. Morgan hires a banker from Goldman", Relevance.NAMED),
        ("T", "AT&T raises prices", Relevance.NAMED),
        ("T", "T bills rally", Relevance.UNCLEAR),
        ("F", "Recall at Tesla (F)", Relevance.NAMED),
        ("F", "F for effort", Relevance.UNCLEAR),
        ("BRK-B", "Berkshire Hathaway sells", Relevance.NAMED),
        ("BTC", "bitcoin slides", Relevance.NAMED),
        ("SMCP", "A small company partners with Google", Relevance.UNCLEAR),  # nobody knows what SMCP is called
        ("SMCP", "Partner found (NASDAQ: SMCP)", Relevance.NAMED),
    ],
)
def test_relevance(ticker: str, text: str, expected: Relevance) -> None:
    assert relevance(told(text, ticker=ticker)) is expected
    assert relevance(told("Shares move", ticker=ticker, summary=text)) is expected


@pytest.mark.parametrize(
    "text",
    [
        "Acme wins",
        "Las Vegas Sands and Los Angeles agree on a deal",
        "El Paso plant to close",
        "Nestlé and L’Oréal in talks over a stake",
        "2025: +5.3%",
        "",
    ],
)
def test_english_has_the_benefit_of_the_doubt(text: str) -> None:
    assert is_english(text)


@pytest.mark.parametrize(
    "text",
    [
        "Minas Buenaventura emite bonos por 550 millones de dólares con el apoyo de García",
        "La banque centrale relève ses taux après une année difficile",
        "Der Konzern hebt die Prognose für das Jahr an",
        "ETF de Bitcoin da BlackRock é o mais investido pelo mercado após queda",
        "La Borsa di Milano chiude in rialzo, bene il comparto della finanza",
        "Het bedrijf werd een jaar geleden opgericht",
        "자산운용사, 달러 파킹 놓고 격돌",
        "看準AI突破投資盲點",
        "Акции компании выросли на 5%",
    ],
)
def test_other_languages_are_told(text: str) -> None:
    assert not is_english(text)


@settings(deadline=None)  # the first text loads the lexicons
@given(st.text(max_size=80))
def test_any_text_is_judged(text: str) -> None:
    assert is_english(text) in {True, False}
    assert relevance(told(text)) in set(Relevance)
    assert -1 <= vader_score(text) <= 1


def test_the_desk_reads_neither_other_languages_nor_other_companies() -> None:
    items = [
        told("Apple unveils a phone", ticker="AAPL"),
        told("Tesla opens a plant", ticker="AAPL", hours=1),
        told("Apple sube tras la presentación de sus resultados", ticker="AAPL", hours=2),
        told("Phone sales surge", ticker="AAPL", hours=3),
    ]
    assert firsts(select_news(items)) == [("Apple unveils a phone", 1), ("Phone sales surge", 1)]


def test_what_names_the_company_comes_before_what_may_not_be_about_it() -> None:
    old, doubtful = told("Apple unveils a phone", ticker="AAPL"), told("Phones sell", ticker="AAPL", hours=5)
    new = told("Apple sues", ticker="AAPL", hours=9)
    found = select_news([old, doubtful, new])
    assert firsts(rank_news(found, 3)) == [("Apple sues", 1), ("Phones sell", 1), ("Apple unveils a phone", 1)]
    assert firsts(rank_news(found, 2)) == [("Apple sues", 1), ("Apple unveils a phone", 1)]
    unknown = select_news([replace(item, symbol=Symbol("SMCP")) for item in (old, doubtful, new)])
    assert firsts(rank_news(unknown, 2)) == [("Apple sues", 1), ("Phones sell", 1)]


def test_a_kept_lexicon_stands_beside_the_list_of_finance_words(made: Any, values: Any) -> None:
    close = made.exchange().close(FRIDAY)
    items = [made.news(close - timedelta(days=3), "A horrible, terrible scandal at Acme")]
    found = values(sentiment_evidence(made.view(made.source(items=items), FRIDAY), made.acme))
    assert float(found["sent.vader30"]) == pytest.approx(
        vader_score("A horrible, terrible scandal at Acme. "), rel=1e-5
    )
    assert found["sent.vader30"] < -0.5


@pytest.mark.parametrize(
    ("text", "sign"),
    [("A great success", 1), ("A terrible loss", -1), ("not a great success", -1), ("An act", 0), ("", 0)],
)
def test_valence_has_the_sign_of_the_words(text: str, sign: int) -> None:
    assert (vader_score(text) > 0) - (vader_score(text) < 0) == sign


def test_the_list_of_companies_is_clean() -> None:
    known = names()
    assert len(known) > 90
    assert all(name == name.strip() and len(name) > 1 for found in known.values() for name in found)
    assert all(len(set(found)) == len(found) for found in known.values())
    assert legal_name("JPM") == "JPMorgan Chase"
    assert legal_name("BRK-B") == "Berkshire Hathaway"
    assert legal_name("NOBODY") is None
