"""Desk files: the roles of a desk and their deliberation, as YAML."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from difflib import get_close_matches
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, SerializeAsAny, ValidationError, model_validator

from ..domain.errors import ConfigError
from ..domain.orders import TimeInForce
from ..domain.proposal import DecisionKind
from ..risk.limit_settings import Limits
from ..risk.proposals.order_specs import (
    AsOrderedExits,
    ExecutionSpec,
    ExitSpec,
    NextOpenExecution,
    ProposalRules,
)
from ..risk.proposals.sizing_specs import AsDecidedSizing, GuideOverlay, SizingSpec
from ..tools.registry import SIGNALS
from ..tools.signals.spec import SignalSpec
from .call_policy import CallSpec
from .call_rules import check_calls
from .committee import PORTFOLIO_MANAGER, RISK_MANAGER, committee_computations, committee_roles
from .desk_checks import (
    check_charts,
    check_committee,
    check_deliberation,
    check_proposal,
    check_scope,
    check_selection,
)
from .desk_sections import DecisionSpec, IntakeSpec, MemorySpec, RiskSpec
from .desk_yaml import DeskFileError, KeyDefect, choice, defect_at, defect_in, defects_of, read_yaml
from .learning_rules import check_learning
from .learning_section import NOTHING_LEARNED, LearningSpec
from .renamed_terms import RENAMED_DESKS, translate_desk
from .roles import CONTRIBUTING_KINDS, FILE_KINDS, Cadence, Part, RoleKind, RoleSpec, Roster, paced
from .topologies.registry import TOPOLOGIES
from .topologies.topology import Topology

BUILT_IN = Path(__file__).parent / "desks"
REFLECTOR = "reflector"
"""The role of a desk with memory that writes lessons."""

NEWS_TOOLS = frozenset({"news", "headlines_2d", "headlines_3d"})
Topologies = Sequence[type[Topology]]


def ignore_notice(_: str) -> None:
    """Ignore a notice about an old name."""


class DeskConfig(Part):
    """The configuration of a desk.

    Attributes:
        roles: the roles that the file lists, in its order.
        deliberation: the topology of the desk.
        calls: the number of calls for an answer by role; one call for the others.
        signals: the signals of the tool `signals` and of topologies that route over them; empty for the usual ones.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
    roles: Annotated[tuple[RoleSpec, ...], Field(min_length=1)]
    deliberation: SerializeAsAny[Topology]
    intake: IntakeSpec = IntakeSpec()
    decision: DecisionSpec = DecisionSpec()
    sizing: SizingSpec = AsDecidedSizing()
    exits: ExitSpec = AsOrderedExits()
    execution: ExecutionSpec = NextOpenExecution()
    risk: RiskSpec = RiskSpec()
    memory: MemorySpec = MemorySpec()
    learning: LearningSpec = NOTHING_LEARNED
    calls: Mapping[str, CallSpec] = {}
    signals: tuple[SignalSpec, ...] = ()

    @property
    def roster(self) -> Roster:
        """Return all roles: those of the file, of its topology and of its risk committee."""
        return self.listed.plus(self.deliberation.roles(self.listed)).plus(committee_roles(self.risk))

    @cached_property
    def listed(self) -> Roster:
        """Return the roles of the file."""
        chair = PORTFOLIO_MANAGER if self.risk.chair == PORTFOLIO_MANAGER else None
        form = self.decision.form_settings
        return Roster(self.roles, self.decision.kind, self.over_book, self.signals, form, chair)

    @property
    def over_book(self) -> bool:
        """Return whether the desk decides on all symbols of a book at once."""
        return self.intake.scope == "book"

    @property
    def has_slow_roles(self) -> bool:
        """Return whether some role does not act at every decision."""
        return any(role.cadence is not Cadence.SESSION for role in self.roster.roles)

    @property
    def reviews_orders(self) -> bool:
        """Return whether a risk manager reviews the orders of the desk."""
        return self.risk.chair == RISK_MANAGER

    @property
    def query_writer(self) -> str | None:
        """Return the name of the analyst that writes queries of the memory; None if none does."""
        readers = [role.name for role in self.listed.of(RoleKind.ANALYST) if NEWS_TOOLS & {*role.tools}]
        return readers[0] if readers and self.memory.queries else None

    @cached_property
    def decider(self) -> str:
        """Return the name of the role or computation whose decision is that of the desk."""
        return self.listed.chair or self.deliberation.decider(self.listed)

    @cached_property
    def proposal_rules(self) -> ProposalRules:
        """Return the rules by which the desk's proposal becomes orders."""
        return ProposalRules(
            sizing=self.sizing,
            exits=self.exits,
            execution=self.execution,
            hold=self.decision.hold,
            allocation=self.decision.allocation,
            ratio=self.decision.ratio,
        )

    @cached_property
    def contents(self) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        """Return the desk as JSON values: with all keys, and with those that are not at their default."""
        return self.model_dump(mode="json"), self.model_dump(mode="json", exclude_defaults=True)

    @property
    def _voting(self) -> tuple[RoleSpec, ...]:
        """Return the roles whose samples are put to a vote; a strategist counts its samples itself."""
        return tuple(role for role in self.roles if role.samples > 1 and role.role is not RoleKind.STRATEGIST)

    @property
    def all_calls(self) -> Mapping[str, CallSpec]:
        """Return the calls of every role with several, also of those that state `samples` themselves."""
        sampled = {role.name: CallSpec(samples=role.samples) for role in self._voting}
        return {**sampled, **self.calls}

    @property
    def only_tif(self) -> TimeInForce | None:
        """Return the only time in force that typed orders may have; None if the file states none."""
        return self.execution.tif if self.decision.kind is DecisionKind.ORDERS else None

    def limits_within(self, limits: Limits) -> Limits:
        """Return the limits of the settings with the tighter ones of the desk; raises ConfigError for a wider one."""
        return limits if self.risk.limits == "default" else self.risk.limits.within(limits)

    @property
    def turns(self) -> int:
        """Return how many turns of agents a complete decision on one symbol has."""
        return self.turns_for(1)

    def turns_for(self, symbols: int) -> int:
        """Return how many turns of agents a complete decision over `symbols` symbols has."""
        turns = self.deliberation.turns(self.listed) + len(committee_roles(self.risk))
        return turns if symbols == 1 else turns + (symbols - 1) * self.deliberation.turns_per_symbol(self.listed)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all roles and computations, which are the nodes of the graph."""
        return (*self.roster.names(), *self.deliberation.computations(), *committee_computations(self.risk))

    _paced = model_validator(mode="before")(paced)

    @model_validator(mode="after")
    def _signals_and_roles_are_used(self) -> Self:
        if twice := sorted(name for name, count in Counter(each.name for each in self.signals).items() if count > 1):
            raise ValueError(f"two signals have the same name: {', '.join(twice)}")
        if (
            self.signals
            and not self.deliberation.uses_signals
            and not any(SIGNALS in role.tools for role in self.roles)
        ):
            raise ValueError(f"signals are listed, and no role has the tool {SIGNALS}")
        if any(isinstance(overlay, GuideOverlay) for overlay in self.sizing.overlays):
            if not self.listed.of(RoleKind.STRATEGIST):
                raise ValueError("the overlay guide needs a role of kind strategist")
            if self.deliberation.applies_guidance:
                raise ValueError("the exposure is that of the strategist already; remove the overlay guide")
        if unread := [role for role in self.listed.of(*CONTRIBUTING_KINDS) if role.role not in self.deliberation.reads]:
            kind = self.deliberation.kind
            raise ValueError(f"a deliberation of kind {kind} does not use roles of kind {unread[0].role}")
        return self

    @model_validator(mode="after")
    def _validate(self) -> Self:
        if derived := [number for number, role in enumerate(self.roles) if role.role not in FILE_KINDS]:
            kinds = ", ".join(sorted({str(self.roles[number].role) for number in derived}))
            message = f"roles of kind {kinds} follow from other sections and are not listed"
            raise KeyDefect(message, "roles", derived[0], "role")
        if twice := sorted(name for name, count in Counter(self.names).items() if count > 1):
            raise KeyDefect(f"two roles have the same name: {', '.join(twice)}", *self._second(twice[0]))
        if unknown := sorted(set(self.calls) - {*self.names, REFLECTOR}):
            message = f"calls names roles that the desk does not have: {', '.join(unknown)}"
            raise KeyDefect(f"{message}; its roles: {', '.join(self.names)}", "calls", unknown[0])
        if twice := sorted(role.name for role in self._voting if role.name in self.calls):
            message = f"the samples of {', '.join(twice)} are stated in roles too; remove one of them"
            raise KeyDefect(message, "calls", twice[0])
        if self.memory.queries and self.query_writer is None:
            raise KeyDefect("queries are written by an analyst that reads news, and there is none", "memory", "queries")
        check_learning(
            self.learning, self.memory, self.roster, self.deliberation.kind, over_book=self.over_book,
            decider=self.decider,
        )  # fmt: skip
        check_calls(self.calls, self.roster)
        check_scope(self.decision.kind, self.risk, self.sizing, over_book=self.over_book)
        check_committee(self.risk, self.decision.kind, self.deliberation)
        check_selection(self.intake, self.listed)
        check_charts(self.listed, over_book=self.over_book)
        check_proposal(self.decision.kind, self.proposal_rules)
        check_deliberation(self.deliberation, self.listed.without(RoleKind.PLANNER))
        return self

    def _second(self, name: str) -> tuple[int | str, ...]:
        """Return the place of the last role of the file with a name that occurs twice."""
        places = [number for number, role in enumerate(self.roles) if role.name == name]
        return ("roles", places[-1], "name") if places else ("deliberation",)


def load_desk(
    name_or_path: str, notify: Callable[[str], None] = ignore_notice, topologies: Topologies = TOPOLOGIES
) -> DeskConfig:
    """Read a built-in desk by name, or a YAML file by path.

    `notify` receives a sentence for every outdated name in the file. `topologies` are those that the file can name.
    Raises ConfigError with the key and the defect.
    """
    if name_or_path in RENAMED_DESKS:
        old, name_or_path = name_or_path, RENAMED_DESKS[name_or_path]
        notify(f"the desk {old} is called {name_or_path} now; the old name works for one more release")
    path = desk_path(name_or_path)
    return _built_in_desk(path) if path.parent == BUILT_IN else _read_desk(path, notify, topologies)


def desk_path(name_or_path: str) -> Path:
    """Return the file of a built-in desk or of a path; raises ConfigError for an unknown name, with near names."""
    path = Path(name_or_path)
    if path.suffix in {".yaml", ".yml"}:
        return path
    path = BUILT_IN / f"{RENAMED_DESKS.get(name_or_path, name_or_path)}.yaml"
    if not path.is_file() or path.parent != BUILT_IN:
        close = get_close_matches(name_or_path, (*built_in_desks(), *RENAMED_DESKS), n=3)
        near = f"did you mean {' or '.join(close)}? " if close else ""
        raise ConfigError(
            f"there is no desk {name_or_path!r:.80}; {near}`openoutcry desks list` shows all names, or give a YAML file"
        )
    return path


@cache
def _built_in_desk(path: Path) -> DeskConfig:
    """Return a desk that ships with the package; its file is read once."""
    return _read_desk(path, ignore_notice, TOPOLOGIES)


def _read_desk(path: Path, notify: Callable[[str], None], topologies: Topologies) -> DeskConfig:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"desk file {path} cannot be read: {error}") from error
    source = read_yaml(path, text)
    try:
        return desk_from(translate_desk(source.content, notify), topologies)
    except ValidationError as error:
        raise DeskFileError(path, tuple(defects_of(error, source, DeskConfig))) from error


def built_in_desks() -> tuple[str, ...]:
    """Return the names of the desks that ship with the package, sorted."""
    return tuple(sorted(path.stem for path in BUILT_IN.glob("*.yaml")))


def desk_from(written: object, topologies: Topologies = TOPOLOGIES) -> DeskConfig:
    """Return the desk of the content of a desk file; raises ValidationError."""
    if not isinstance(written, dict) or not isinstance(section := written.get("deliberation"), dict):
        return DeskConfig.model_validate(written)
    kinds = {kind.model_fields["kind"].default: kind for kind in topologies}
    kind = section.get("kind")
    if not isinstance(kind, str) or kind not in kinds:
        message = f"{kind!r:.40} is no topology" if "kind" in section else "is missing"
        raise defect_at(("deliberation", "kind"), message, choice(str(kind), kinds), DeskConfig.__name__)
    try:
        deliberation = kinds[kind].model_validate(section)
    except ValidationError as error:
        raise defect_in("deliberation", error, kinds[kind], DeskConfig.__name__) from None
    return DeskConfig.model_validate({**written, "deliberation": deliberation})
