"""Rendering of a decision as a report: Markdown, or one self-contained HTML page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ..desk.execution_text import execution_lines
from ..domain.decision import Decision, RecalledMemory, RoleUsage
from ..domain.evidence import Evidence
from ..domain.ids import ClientOrderId, EvidenceId
from ..domain.market import Bar
from ..domain.text import strip_control
from .changes import Changes, changes_since
from .chart_frame import NARROW
from .chart_levels import Level, LevelRole, levels, position_levels
from .chart_overlays import marker_key
from .citations import cited_by
from .contribution_tables import ContributionTable, contribution_tables, proposal_tables
from .deliberation_figures import deliberation_figures
from .escape import Safe, escape_markdown
from .evidence_labels import evidence_label
from .exposure import Portfolio, portfolio_of
from .formats import moment, money, number, percent, price, share, signed, strip_bidi, words
from .memory_chart import layers_chart, life_chart, parts_chart
from .memory_section import MemoryOutcome, MemorySection
from .price_chart import chart
from .report_facts import NO_FACTS, ReportFacts
from .resting_lines import RestingLine, resting_lines
from .shown_charts_view import ChartFigure, chart_figures
from .template_cache import compiled_templates
from .verdict import VerdictStrip, verdict_of

TEMPLATES = Path(__file__).parent / "templates"
BLOCKS = "▁▂▃▄▅▆▇█"


@dataclass(frozen=True, slots=True)
class ReportContext:
    """The data of a template: the decision and values derived from it.

    Attributes:
        verdict: the figures of the strip.
        drawing: the price chart as SVG; empty without bars.
        narrow: the chart for narrow screens.
        marker_key: a sentence on the markers of the chart; empty without any.
        sparkline: the last closes as one line of block characters; empty without bars.
        last: the last bar, or None.
        levels: price levels of the allowed and of the resting orders, highest first.
        changes: differences from the earlier decision; None if there is none.
        portfolio: the account's positions and exposure; None if the account is unknown.
        anchors: HTML anchor of each evidence id's row.
        cited_by: names of the roles and sections that cite each evidence id.
        total: usage of all roles together.
        proposal: the tables of a proposal in another form than orders.
        contributions: the tables of what agents contributed beside reports, debate, thesis, plan and committee.
        resting: the open orders of the position.
        charts: the charts that roles saw.
        memory: the memory section; None if no memory store was read or it has none of the recalled memories.
    """

    decision: Decision
    verdict: VerdictStrip
    drawing: str
    narrow: str
    marker_key: str
    sparkline: str
    last: Bar | None
    levels: tuple[Level, ...]
    changes: Changes | None
    portfolio: Portfolio | None
    anchors: Mapping[EvidenceId, str]
    cited_by: Mapping[EvidenceId, tuple[str, ...]]
    total: RoleUsage
    proposal: tuple[ContributionTable, ...]
    contributions: tuple[ContributionTable, ...]
    resting: tuple[RestingLine, ...]
    charts: tuple[ChartFigure, ...]
    memory: MemorySection | None = None

    @property
    def rules(self) -> bool:
        """Return whether rules answered for all roles, without a language model."""
        return self.decision.model.provider == "rules"

    @property
    def execution(self) -> tuple[str, ...]:
        """Return the schedule of the orders as sentences; empty for orders that are sent as they are."""
        return execution_lines(self.decision)

    @property
    def cited(self) -> tuple[Evidence, ...]:
        """Return the evidence that a role cites, in the order of the decision."""
        return tuple(fact for fact in self.decision.evidence if fact.id in self.cited_by)

    @property
    def uncited(self) -> tuple[Evidence, ...]:
        """Return the evidence that no role cites, in the order of the decision."""
        return tuple(fact for fact in self.decision.evidence if fact.id not in self.cited_by)

    @property
    def layers(self) -> str:
        """Return the memory layers over time as SVG; empty without a memory section."""
        return Markup(layers_chart(self.memory.filled)) if self.memory else ""  # noqa: S704 -- numbers and our own words

    @property
    def figures(self) -> tuple[tuple[str, str], ...]:
        """Return the figures of the deliberation, each as its title and SVG."""
        found = deliberation_figures(self.decision)
        return tuple((each.title, Markup(each.svg)) for each in found)  # noqa: S704 -- its texts are escaped

    def parts(self, recalled: RecalledMemory) -> str:
        """Return the parts of a memory's score as SVG."""
        return Markup(parts_chart(recalled.parts))  # noqa: S704 -- numbers and our own words

    def life(self, recalled: RecalledMemory) -> str:
        """Return the strength of a memory up to the decision as SVG; empty if the store does not contain it."""
        worth = self.worth(recalled)
        return Markup(life_chart(worth.curve)) if worth else ""  # noqa: S704 -- numbers and our own words

    def worth(self, recalled: RecalledMemory) -> MemoryOutcome | None:
        """Return a memory's feedback from outcomes; None if the store does not contain it."""
        return self.memory.worth.get(recalled.memory_id) if self.memory else None

    def distance_from_last(self, price: Decimal) -> Decimal | None:
        """Return the distance of `price` from the last close as a fraction of it; None without bars."""
        return price / self.last.close - 1 if self.last else None

    def place(self, order_id: ClientOrderId) -> int:
        """Return the number, from 1, of a requested order in the report."""
        return [order.client_order_id for order in self.decision.risk.asked].index(order_id) + 1

    def requested(self, order_id: ClientOrderId) -> Decimal:
        """Return the requested quantity of an order, in shares."""
        return self.decision.risk.asked[self.place(order_id) - 1].quantity


def markdown(
    decision: Decision, chart: Sequence[Bar], memory: MemorySection | None = None, facts: ReportFacts = NO_FACTS
) -> str:
    """Render the report as Markdown. `chart` holds daily bars, oldest first, in the units of the last close.

    All text from models and external sources is escaped: it cannot contain links, HTML or cell borders.
    """
    page = page_of(decision, chart, memory, facts)
    environment = report_environment("markdown")
    environment.finalize = escape_markdown
    environment.filters["cites"] = lambda ids: Safe(" ".join(_markdown_citation(page, one) for one in ids))
    return environment.get_template("report.md.j2").render(page=page, decision=decision)


def html(
    decision: Decision, chart: Sequence[Bar], memory: MemorySection | None = None, facts: ReportFacts = NO_FACTS
) -> str:
    """Render the report as one HTML page without scripts and external resources.

    `chart` holds daily bars, oldest first, in the units of the last close.
    """
    page = page_of(decision, chart, memory, facts)
    environment = report_environment("html")
    environment.finalize = strip_bidi
    environment.filters["cites"] = lambda ids: Markup(" ").join(_html_citation(page, one) for one in ids)
    return environment.get_template("report.html.j2").render(page=page, decision=decision)


def page_of(
    decision: Decision, bars: Sequence[Bar], memory: MemorySection | None = None, facts: ReportFacts = NO_FACTS
) -> ReportContext:
    """Return the template data of a decision; `bars` are daily bars, oldest first."""
    last = bars[-1] if bars else None
    drawn = (bars, decision.risk.allowed, decision.position, facts.markers)
    account = facts.account
    return ReportContext(
        decision=decision,
        verdict=verdict_of(decision, last.close if last else None, account.equity if account else None),
        drawing=Markup(chart(*drawn)),  # noqa: S704 -- our own drawing, its texts are escaped
        narrow=Markup(chart(*drawn, NARROW)),  # noqa: S704 -- as above
        marker_key=marker_key(facts.markers),
        sparkline=sparkline([bar.close for bar in bars[-60:]]),
        last=last,
        levels=_order_levels(decision, last),
        changes=changes_since(facts.previous, decision) if facts.previous else None,
        portfolio=portfolio_of(account, hypothetical=facts.hypothetical) if account else None,
        anchors={fact.id: f"e{place}" for place, fact in enumerate(decision.evidence, start=1)},
        cited_by=cited_by(decision),
        total=_total(decision.usage.by_role.values()),
        proposal=proposal_tables(decision),
        contributions=contribution_tables(decision),
        resting=resting_lines(decision),
        charts=chart_figures(decision, facts.pictures),
        memory=memory,
    )


def _order_levels(decision: Decision, last: Bar | None) -> tuple[Level, ...]:
    close = last.close if last else None
    found = (*levels(decision.risk.allowed, close), *position_levels(decision.position, close))
    return tuple(sorted((each for each in found if each.role is not LevelRole.LAST), key=lambda level: -level.price))


def sparkline(closes: Sequence[Decimal]) -> str:
    """Return `closes` as block characters, scaled from the lowest to the highest; a flat line if all are equal."""
    if not closes:
        return ""
    low, reach = min(closes), (max(closes) - min(closes)) or Decimal(1)
    return "".join(BLOCKS[int((close - low) / reach * (len(BLOCKS) - 1))] for close in closes)


def report_environment(kind: str) -> Environment:
    """Return the environment of the templates: of `html`, with escaping, or of `markdown`."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=kind == "html",  # noqa: S701 -- Markdown is escaped by `escape_markdown`, set as `finalize`
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        bytecode_cache=compiled_templates(kind),
    )
    environment.filters |= {
        "number": number,
        "signed": signed,
        "percent": percent,
        "moment": moment,
        "words": words,
        "share": share,
        "price": price,
        "money": money,
        "label": evidence_label,
    }
    return environment


def _markdown_citation(page: ReportContext, one: EvidenceId) -> str:
    anchor = page.anchors.get(one)
    return f"[{escape_markdown(one)}](#{anchor})" if anchor else escape_markdown(one)


def _html_citation(page: ReportContext, one: EvidenceId) -> Markup:
    anchor = page.anchors.get(one)
    if anchor is None:
        return Markup('<span class="cite">{}</span>').format(strip_control(one))
    fact = next(fact for fact in page.decision.evidence if fact.id == one)
    return Markup('<a class="cite" href="#{}" title="{}">{} <small>{}</small></a>').format(
        anchor, strip_control(fact.text), strip_control(evidence_label(fact)), strip_control(one)
    )


def _total(by_role: Iterable[RoleUsage]) -> RoleUsage:
    spent = tuple(by_role)
    return RoleUsage(
        model_calls=sum(role.model_calls for role in spent),
        prompt_tokens=sum(role.prompt_tokens for role in spent),
        cached_tokens=sum(role.cached_tokens for role in spent),
        completion_tokens=sum(role.completion_tokens for role in spent),
        wall_s=sum(role.wall_s for role in spent),
    )
