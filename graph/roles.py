"""The roles of a desk: what a desk file writes about each, and what a topology adds."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_serializer, field_validator, model_validator

from ..agents.decisions.book_forms import BOOK_FORMS
from ..agents.decisions.forms import FormSettings
from ..domain.proposal import DecisionKind
from ..llm.port import Tier
from ..tools.charts.kinds import ChartKind
from ..tools.signals.spec import SignalSpec


class Part(BaseModel):
    """A part of a desk file: immutable, and without unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    def __copy__(self) -> Self:
        """Return a copy without cached properties, because `model_copy` can change what they were computed from."""
        copied = super().__copy__()
        for name in copied.__dict__.keys() - type(self).model_fields.keys():
            del copied.__dict__[name]
        return copied


class RoleKind(StrEnum):
    """The kinds of roles."""

    ANALYST = "analyst"
    SINGLE_AGENT = "single_agent"
    RESEARCHER = "researcher"
    RESEARCH_MANAGER = "research_manager"
    TRADER = "trader"
    DECIDER = "decider"
    FILTER = "filter"
    PLANNER = "planner"
    DATA_AGENT = "data_agent"
    CONTESTANT = "contestant"
    JUDGE = "judge"
    PORTFOLIO_MANAGER = "portfolio_manager"
    RISK_ANALYST = "risk_analyst"
    RISK_MANAGER = "risk_manager"
    TRADE_PROPOSER = "trade_proposer"
    RISK_DEBATER = "risk_debater"
    ROUTER = "router"
    EXPERT = "expert"
    STRATEGIST = "strategist"
    MASKED_NEWS = "masked_news"
    FACTS = "facts"
    FORECASTER = "forecaster"
    HEAD = "head"
    CHIEF = "chief"
    STYLE = "style"
    SCORER = "scorer"
    REVIEWER = "reviewer"


CONTRIBUTING_KINDS = frozenset(
    {RoleKind.ROUTER, RoleKind.EXPERT, RoleKind.STRATEGIST, RoleKind.MASKED_NEWS, RoleKind.FACTS, RoleKind.FORECASTER}
) | {RoleKind.STYLE, RoleKind.SCORER, RoleKind.REVIEWER}
"""The kinds of a desk file whose answers a topology reads."""
CONTEST_KINDS = frozenset({RoleKind.DATA_AGENT, RoleKind.CONTESTANT, RoleKind.JUDGE})
"""The kinds that take part in a contest."""


FILE_KINDS = (
    frozenset({RoleKind.ANALYST, RoleKind.SINGLE_AGENT, RoleKind.FILTER, RoleKind.PLANNER})
    | CONTRIBUTING_KINDS
    | CONTEST_KINDS
)
"""The kinds that a desk file lists; the others follow from its deliberation and its risk section."""
PACED_KINDS = CONTRIBUTING_KINDS | {RoleKind.ANALYST}
"""The kinds to which the cadence of the intake applies."""
READING_KINDS = FILE_KINDS - {RoleKind.REVIEWER, RoleKind.PLANNER, RoleKind.CONTESTANT, RoleKind.JUDGE}
"""The kinds that gather evidence themselves and therefore need tools."""


CHARTED_KINDS = frozenset(
    {RoleKind.ANALYST, RoleKind.SINGLE_AGENT, RoleKind.EXPERT, RoleKind.STRATEGIST, RoleKind.STYLE, RoleKind.FORECASTER}
)
"""The kinds that can be sent charts."""


class Topic(StrEnum):
    """What a role can be blind to."""

    REPORTS = "reports"
    DEBATE = "debate"
    THESIS = "thesis"
    OPINIONS = "opinions"
    EVIDENCE = "evidence"
    MEMORIES = "memories"
    SCORES = "scores"


class PromptPair(Part):
    """Two prompts of one role.

    Attributes:
        first: id of the prompt until the account has traded the symbol or holds it.
        follow_up: id of the prompt from then on.
    """

    first: str
    follow_up: str


class Cadence(StrEnum):
    """How often a role acts: at every decision, at the first of each calendar week or month, or after an event.

    The event is a financial statement (`earnings`), or a statement or any other filing (`filing`).
    """

    SESSION = "session"
    WEEK = "week"
    MONTH = "month"
    EARNINGS = "earnings"
    FILING = "filing"

    def outlasts(self, other: "Cadence") -> bool:
        """Return whether an answer of this cadence stays the same for as long as one of the `other` does."""
        return self in OUTLASTING[other]


OUTLASTING: dict[Cadence, frozenset[Cadence]] = {
    Cadence.SESSION: frozenset(Cadence),
    Cadence.WEEK: frozenset({Cadence.WEEK, Cadence.MONTH}),
    Cadence.MONTH: frozenset({Cadence.MONTH}),
    Cadence.EARNINGS: frozenset({Cadence.EARNINGS}),
    Cadence.FILING: frozenset({Cadence.FILING, Cadence.EARNINGS}),
}
"""The cadences whose answers stay the same during a period of a cadence."""


class RoleSpec(Part):
    """One role.

    Attributes:
        tools: the sources of evidence that the role reads.
        prompt: id of its prompt; None for the prompt with the role's name.
        call_tools: whether a model may call the tools as functions.
        blind_to: what the role does not see.
        persona: a sentence of character for prompts that have the input `persona`.
        template: a first and a follow-up prompt, in place of `prompt`.
        samples: number of answers, of which a vote decides; short for `calls: {NAME: {samples: N}}`. The agreement of
            those of a strategist is its certainty.
        charts: the charts that a model is sent as pictures; `off` for none, `on` for `price`. Rules ignore them.
        cadence: how often the role acts; within a week or month, its answer is that as of the first session, and after
            an event that as of the event.
        modality: what kind of information an expert of a hierarchy reads.
        sees: the roles whose work the role sees; None for all. A topology sets it.
        granted: the sources that an agent that decides over a book reads only for symbols that the filter has named.
    """

    role: RoleKind
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    tools: Annotated[tuple[str, ...], Field(validate_default=True)] = ()
    model: Tier = Tier.QUICK
    prompt: str | None = None
    call_tools: bool = True
    blind_to: tuple[Topic, ...] = ()
    persona: Annotated[str, Field(max_length=500)] = ""
    granted: tuple[str, ...] = ()
    cadence: Cadence = Cadence.SESSION
    samples: Annotated[int, Field(ge=1, le=15)] = 1
    modality: Annotated[str, Field(pattern=r"^([a-z][a-z0-9_]{0,31})?$")] = ""
    sees: tuple[str, ...] | None = None

    @model_validator(mode="after")
    def _keys_fit_the_kind(self) -> Self:
        fitting = {
            "modality": {RoleKind.EXPERT},
            "cadence": CONTRIBUTING_KINDS | {RoleKind.ANALYST, RoleKind.HEAD, RoleKind.CHIEF},
            "sees": CONTRIBUTING_KINDS | {RoleKind.HEAD, RoleKind.CHIEF},
        }
        for key in sorted(self.model_fields_set & fitting.keys()):
            if self.role not in fitting[key]:
                raise ValueError(f"{key} belongs to roles of kind {', '.join(sorted(fitting[key]))}, not {self.role}")
        return self

    template: PromptPair | None = None
    charts: tuple[ChartKind, ...] = ()

    @field_validator("charts", mode="before")
    @classmethod
    def _chart_list(cls, charts: object) -> object:
        if isinstance(charts, list | tuple):
            return charts
        if charts in ("off", False):  # a plain `off` in YAML is the boolean false
            return ()
        return (ChartKind.PRICE if charts in ("on", True) else charts,)

    @field_serializer("charts")
    def _written_charts(self, charts: tuple[ChartKind, ...]) -> str | list[str]:
        """Write no charts as `off`, as desk files and the hashes of earlier versions do."""
        return [str(each) for each in charts] or "off"

    @field_validator("charts")
    @classmethod
    def _each_chart_once(cls, charts: tuple[ChartKind, ...], info: ValidationInfo) -> tuple[ChartKind, ...]:
        if len(set(charts)) < len(charts):
            raise ValueError("a chart is listed twice")
        if charts and info.data.get("role") not in CHARTED_KINDS:
            raise ValueError(f"charts belong to roles of kind {', '.join(sorted(CHARTED_KINDS))}")
        return charts

    @model_validator(mode="after")
    def _one_prompt(self) -> Self:
        if self.template is not None and self.prompt is not None:
            raise ValueError(f"role {self.name} has both prompt and template; remove one of them")
        return self

    @field_validator("tools")
    @classmethod
    def _reads_something(cls, tools: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        kind = info.data.get("role")
        if kind in READING_KINDS and not tools:
            raise ValueError(f"a role of kind {kind} needs at least one tool")
        return tools


def paced(desk: Any) -> Any:
    """Return the content of a desk file with the cadence of its intake at every role of PACED_KINDS that states none.

    Content of another shape is returned as it is.
    """
    match desk:
        case {"intake": {"cadence": cadence}, "roles": [*roles]} if cadence in list(Cadence):
            return {**desk, "roles": [_paced(role, cadence) for role in roles]}
    return desk


def _paced(role: Any, cadence: object) -> Any:
    if isinstance(role, dict) and str(role.get("role")) in PACED_KINDS:
        return {"cadence": cadence, **role}
    return role


@dataclass(frozen=True, slots=True)
class Roster:
    """The roles of a desk in the order of their first turn, and what they decide.

    Attributes:
        decision: the kind of decision.
        over_book: whether they decide on all symbols of a book at once.
        signals: the signals of the desk file.
        form: what the desk file says about the form of the decision.
        chair: name of the role that decides after a risk debate, in place of the deliberation; None without one.
    """

    roles: tuple[RoleSpec, ...]
    decision: DecisionKind = DecisionKind.ORDERS
    over_book: bool = False
    signals: tuple[SignalSpec, ...] = ()
    form: FormSettings = FormSettings()  # noqa: RUF009 -- frozen
    chair: str | None = None

    @property
    def decides_over_book(self) -> bool:
        """Return whether one decision is about all symbols, instead of one decision about each symbol."""
        return self.decision in BOOK_FORMS

    def of(self, *kinds: RoleKind) -> tuple[RoleSpec, ...]:
        """Return the roles of these kinds."""
        return tuple(role for role in self.roles if role.role in kinds)

    def names(self, *kinds: RoleKind) -> tuple[str, ...]:
        """Return the names of the roles of these kinds; without a kind, of all roles."""
        return tuple(role.name for role in (self.of(*kinds) if kinds else self.roles))

    def without(self, kind: RoleKind) -> "Roster":
        """Return the roster without the roles of a kind."""
        return replace(self, roles=tuple(role for role in self.roles if role.role is not kind))

    def plus(self, more: Iterable[RoleSpec]) -> "Roster":
        """Return the roster with further roles."""
        return replace(self, roles=(*self.roles, *more))
