"""Checks of sections of a desk file against each other. Each raises KeyDefect with the key that must be changed."""

from ..agents.decisions.book_forms import BOOK_FORMS
from ..domain.errors import ConfigError
from ..domain.proposal import DecisionKind
from ..risk.proposals.combinations import check_combination
from ..risk.proposals.order_specs import ProposalRules
from ..risk.proposals.sizing_specs import SizingSpec
from .committee import PORTFOLIO_MANAGER
from .desk_sections import IntakeSpec, RiskSpec
from .desk_yaml import KeyDefect
from .roles import RoleKind, Roster
from .topologies.topology import Topology

BOOK_KINDS = frozenset(BOOK_FORMS)
"""Kinds of decisions that are made over a whole book."""
SYMBOL_KINDS = frozenset({DecisionKind.ORDERS, DecisionKind.REPORT})
"""Kinds of decisions that are made about one symbol only; the others can be made about each symbol of a book."""
BOOK_SIZINGS = frozenset({"mean_variance", "black_litterman", "hrp"})
"""Kinds of sizing that weigh several symbols against each other."""


def check_committee(risk: RiskSpec, kind: DecisionKind, deliberation: Topology) -> None:
    """Check that the risk committee fits the decision and the deliberation of the desk."""
    if bool(risk.committee) != (risk.chair is not None):
        raise KeyDefect("a risk committee needs a chair, and a chair a committee", "risk")
    if risk.chair is None:
        return
    if defect := _chair_defect(risk.chair, kind, deliberation):
        raise KeyDefect(defect, "risk", "chair")


def _chair_defect(chair: str, kind: DecisionKind, deliberation: Topology) -> str:
    """Return why the desk cannot have this chair; empty if it can."""
    orders = kind is DecisionKind.ORDERS
    if chair != PORTFOLIO_MANAGER:
        if orders:
            return ""
        return (
            f"{chair} reviews typed orders, and this desk decides on a {kind}; use the chair {PORTFOLIO_MANAGER}, or "
            "remove the committee"
        )
    if orders or kind is DecisionKind.REPORT:
        return (
            f"{chair} decides on a rating, direction, exposure or ratio, not on {kind}; change decision.kind, or use "
            "the chair risk_manager"
        )
    if not deliberation.proposes_trades:
        return (
            f"{chair} decides on the trade that a debate proposes, and a {deliberation.kind} proposes none; use "
            "deliberation {kind: debate}"
        )
    return ""


def check_scope(kind: DecisionKind, risk: RiskSpec, sizing: SizingSpec, *, over_book: bool) -> None:
    """Check that the scope of the desk can have its kind of decision, its committee and its sizing."""
    if kind in (SYMBOL_KINDS if over_book else BOOK_KINDS):
        scope = "symbol" if over_book else "book"
        raise KeyDefect(f"a decision of kind {kind} needs intake {{scope: {scope}}}", "decision", "kind")
    if over_book and risk.committee:
        message = "a risk committee reviews the orders of one symbol; remove it, or use scope symbol"
        raise KeyDefect(message, "risk", "committee")
    if not over_book and sizing.kind in BOOK_SIZINGS:
        message = f"sizing {sizing.kind} weighs several symbols; it needs intake {{scope: book}}"
        raise KeyDefect(message, "sizing", "kind")


def check_selection(intake: IntakeSpec, listed: Roster) -> None:
    """Check that the intake names the roles that select, and that they have something to select."""
    for kind in (RoleKind.PLANNER, RoleKind.FILTER):
        found, selects = len(listed.of(kind)), intake.select == kind.value
        if selects != bool(found) or found > 1:
            message = f"intake {{select: {kind}}} needs one role of kind {kind}, and such a role this intake"
            raise KeyDefect(message, "intake")
    if intake.select == "planner" and not listed.of(RoleKind.ANALYST):
        raise KeyDefect("a planner needs analysts to pick from", "intake", "select")
    if intake.select == "planner" and intake.order == "serial":
        message = "the analysts that a planner picks work in parallel; remove order: serial"
        raise KeyDefect(message, "intake", "order")


def check_charts(listed: Roster, *, over_book: bool) -> None:
    """Check that charts are of one symbol: at a desk over a book, only analysts work on one symbol each."""
    for number, role in enumerate(listed.roles):
        if over_book and role.charts and role.role is not RoleKind.ANALYST:
            message = f"a {role.role} of a desk over a book has no charts; give them to analysts"
            raise KeyDefect(message, "roles", number, "charts")


def check_proposal(kind: DecisionKind, rules: ProposalRules) -> None:
    """Check that sizing, exits and execution fit the kind of decision."""
    try:
        check_combination(kind, rules)
    except ConfigError as error:
        raise KeyDefect(str(error), "sizing" if "sizing" in str(error) else "exits") from error


def check_deliberation(deliberation: Topology, listed: Roster) -> None:
    """Check that the listed roles fit the topology."""
    try:
        deliberation.check(listed)
    except KeyDefect:
        raise
    except ValueError as error:
        raise KeyDefect(str(error), "deliberation") from error
