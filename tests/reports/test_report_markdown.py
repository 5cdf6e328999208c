"""The Markdown report, read back with a Markdown parser."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from openoutcry.domain.decision import Decision, MarketInfo, ModelInfo
from openoutcry.domain.market import Bar
from openoutcry.domain.text import strip_control
from openoutcry.reports.escape import Safe, escape_markdown
from openoutcry.reports.render import markdown

Poisoned = Callable[[str], Decision]


def parse(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)


def flat(tokens: Sequence[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from flat(token.children or ())


def structure(text: str) -> list[tuple[str, str]]:
    """Return the tokens of `text` but for its words; what is cut into several pieces of text counts as one."""
    kinds = [(token.type, str(token.attrGet("href") or "")) for token in flat(parse(text)) if token.type != "text"]
    return [kind for kind in kinds if kind[0] != "inline"]


def words(text: str) -> str:
    return "".join(token.content for token in flat(parse(text)) if token.type == "text")


def test_every_part_of_the_decision_is_shown(decision: Decision, bars: Sequence[Bar]) -> None:
    text = words(markdown(decision, bars))
    thesis = decision.thesis
    assert thesis is not None
    for said in (
        "CALDR: ORDERS, OVERWEIGHT at a conviction of +0.46",
        "SYNTHETIC MARKET",
        thesis.summary,
        thesis.bull_case,
        thesis.bear_case,
        thesis.invalidation,
        *(filed.report.summary for filed in decision.reports),
        *(turn.argument.claim for turn in decision.debate),
        *(voice.opinion.reason for voice in decision.opinions),
        *(clamp.reason for clamp in decision.risk.clamps),
        *(fallen.reason for fallen in decision.risk.denied),
        *(fact.text for fact in decision.evidence),
        *(memory.text for memory in decision.recalled),
        *decision.provenance.degraded,
        decision.market.fingerprint,
    ):
        assert said in text


def test_orders_show_requested_and_allowed_quantities_side_by_side(decision: Decision, bars: Sequence[Bar]) -> None:
    page = markdown(decision, bars)
    assert "| # | Action | Requested | Allowed | Type |" in page
    assert "| 1 | **BUY** | 400 | 174 | limit |" in page
    assert "| 2 | **BUY** | 150 | 9 | stop |" in page


def test_levels_are_measured_from_the_last_close(decision: Decision, bars: Sequence[Bar]) -> None:
    # the last close is 104.50: 114.50 / 104.50 - 1 = 9.57 %
    page = markdown(decision, bars)
    assert "| Take profit | 114.50 | +9.6 % |" in page
    assert "| Stop loss | 97.50 | -6.7 % |" in page


def test_every_table_has_as_many_cells_in_every_row(decision: Decision, bars: Sequence[Bar]) -> None:
    for block in markdown(decision, bars).split("\n\n"):
        if block.startswith("|"):
            assert len({row.count("|") for row in block.strip().splitlines()}) == 1


def test_every_citation_leads_to_its_row(decision: Decision, bars: Sequence[Bar]) -> None:
    page = markdown(decision, bars)
    links = {str(token.attrGet("href")) for token in flat(parse(page)) if token.type == "link_open"}
    assert links
    assert all(f'<a id="{link.removeprefix("#")}"></a>' in page for link in links)


def test_words_from_outside_stay_words(poisoned: Poisoned, bars: Sequence[Bar], hostile: str) -> None:
    page = markdown(poisoned(hostile), bars)
    assert structure(page) == structure(markdown(poisoned("word"), bars))
    assert " ".join(strip_control(hostile).split()) in words(page)


def test_bare_addresses_are_not_turned_into_links(poisoned: Poisoned, bars: Sequence[Bar]) -> None:
    page = markdown(poisoned("https://evil.example www.evil.example HTTP://evil.example"), bars).lower()
    assert "http://" not in page
    assert "https://" not in page
    assert "www." not in page


def test_labels_follow_the_market_and_the_model(decision: Decision, bars: Sequence[Bar]) -> None:
    plain_page = replace(
        decision, market=MarketInfo("folder", "f00d", synthetic=False), model=ModelInfo("rules", "rules", "rules")
    )
    page = markdown(plain_page, bars)
    assert "synthetic" not in page.lower()
    assert "**rules**; no language model was called" in page
    assert "| Answered by | quick-model, judged by deep-model |" in markdown(decision, bars)


def test_an_abstention_says_why(abstained: Decision) -> None:
    page = markdown(abstained, ())
    assert page.startswith("# CALDR: ABSTAIN\n")
    assert "the endpoint did not answer within 60 s" in page
    assert "## Orders" not in page
    assert "Last close" not in page


def test_no_blank_runs_and_a_final_newline(decision: Decision, bars: Sequence[Bar]) -> None:
    page = markdown(decision, bars)
    assert "\n\n\n\n" not in page
    assert page.endswith("*\n")


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=40))
def test_inert_text_renders_as_its_own_words_anywhere(text: str) -> None:
    line = " ".join(strip_control(text).split())
    row = f"| a | b |\n|---|---|\n| {escape_markdown(text)} | end |\n"
    assert structure(row) == structure("| a | b |\n|---|---|\n| x | end |\n")
    assert words(row) == f"ab{line}end"
    if line:
        assert structure(escape_markdown(text)) == structure("x")
        assert words(escape_markdown(text)) == line


@given(st.text("|\\`*_[]()<>#+-=.:!~&1 w@/\n", min_size=1, max_size=30))
def test_inert_holds_against_dense_punctuation(text: str) -> None:
    line = " ".join(text.split())
    if line:
        assert structure(f"- **Bull case.** {escape_markdown(text)}\n") == structure("- **Bull case.** x\n")
        assert structure(escape_markdown(text)) == structure("x")
        assert words(escape_markdown(text)) == line


def test_a_leading_colon_does_not_start_a_definition_where_a_dialect_knows_them() -> None:
    assert escape_markdown(": a") == "\\: a"


def test_what_needs_no_escape_has_none() -> None:
    assert escape_markdown("2025-03-03, 70.00 (19 %)") == "2025-03-03, 70.00 (19 %)"


def test_our_own_markdown_is_left_alone() -> None:
    assert escape_markdown(Safe("[a](#b)")) == "[a](#b)"
