"""Desk files: the roles of a desk and their deliberation, as YAML."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import Field, SerializeAsAny, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from ..agents.decisions.book_forms import BOOK_FORMS
from ..domain.errors import ConfigError
from ..domain.proposal import DecisionKind
from ..risk.proposals.combinations import check_combination
from ..risk.proposals.order_specs import (
    AsOrderedExits,
    ExecutionSpec,
    ExitSpec,
    NextOpenExecution,
    ProposalRules,
)
from ..risk.proposals.sizing_specs import AsDecidedSizing, SizingSpec
from .call_policy import CallSpec
from .committee import committee_roles
from .desk_sections import DecisionSpec, IntakeSpec, LearningSpec, MemorySpec, RiskSpec
from .renamed_terms import RENAMED_DESKS, translate_desk
from .roles import FILE_KINDS, Part, RoleSpec, Roster
from .topologies.registry import TOPOLOGIES
from .topologies.topology import Topology

BUILT_IN = Path(__file__).parent / "desks"
REFLECTOR = "reflector"
"""The role of a desk with memory that writes lessons."""

BOOK_KINDS = frozenset(BOOK_FORMS)
"""Kinds of decisions that are made over a whole book."""
SYMBOL_KINDS = frozenset({DecisionKind.ORDERS, DecisionKind.REPORT})
"""Kinds of decisions that are made about one symbol only; the others can be made about each symbol of a book."""

Topologies = Sequence[type[Topology]]


def ignore_notice(_: str) -> None:
    """Ignore a notice about an old name."""


class DeskConfig(Part):
    """The configuration of a desk.

    Attributes:
        roles: the roles that the file lists, in its order.
        deliberation: the topology of the desk.
        calls: the number of calls for an answer by role; one call for the others.
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
    learning: LearningSpec = LearningSpec()
    calls: Mapping[str, CallSpec] = {}

    @property
    def roster(self) -> Roster:
        """Return all roles: those of the file, of its topology and of its risk committee."""
        return self.listed.plus(self.deliberation.roles(self.listed)).plus(committee_roles(self.risk))

    @cached_property
    def listed(self) -> Roster:
        """Return the roles of the file."""
        return Roster(self.roles, self.decision.kind, self.over_book)

    @property
    def over_book(self) -> bool:
        """Return whether the desk decides on all symbols of a book at once."""
        return self.intake.scope == "book"

    @cached_property
    def decider(self) -> str:
        """Return the name of the role or computation whose decision is that of the desk."""
        return self.deliberation.decider(self.listed)

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
        return (*self.roster.names(), *self.deliberation.computations())

    @model_validator(mode="after")
    def _validate(self) -> Self:
        if derived := sorted({str(role.role) for role in self.roles} - FILE_KINDS):
            raise ValueError(f"roles of kind {', '.join(derived)} follow from other sections and are not listed")
        if twice := sorted(name for name, count in Counter(self.names).items() if count > 1):
            raise ValueError(f"two roles have the same name: {', '.join(twice)}")
        if unknown := sorted(set(self.calls) - {*self.names, REFLECTOR}):
            raise ValueError(f"calls names roles that the desk does not have: {', '.join(unknown)}")
        if self.learning.kind != "none" and not self.memory.enabled:
            raise ValueError("a desk that learns needs a memory: give memory a preset")
        if bool(self.risk.committee) != (self.risk.chair is not None):
            raise ValueError("a risk committee needs a chair, and a chair a committee")
        if self.decision.kind in (SYMBOL_KINDS if self.over_book else BOOK_KINDS):
            scope = "symbol" if self.over_book else "book"
            raise ValueError(f"a decision of kind {self.decision.kind} needs intake {{scope: {scope}}}")
        if self.over_book and self.risk.committee:
            raise ValueError("a risk committee reviews the orders of one symbol; remove it, or use scope symbol")
        try:
            check_combination(self.decision.kind, self.proposal_rules)
        except ConfigError as error:
            raise ValueError(str(error)) from error
        self.deliberation.check(self.listed)
        return self


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
    path = Path(name_or_path)
    if path.suffix not in {".yaml", ".yml"}:
        path = BUILT_IN / f"{name_or_path}.yaml"
        if not path.is_file():
            raise ConfigError(
                f"there is no desk {name_or_path!r}; choose one of {', '.join(built_in_desks())}, or give a YAML file"
            )
        return _built_in_desk(path)
    return _read_desk(path, notify, topologies)


@cache
def _built_in_desk(path: Path) -> DeskConfig:
    """Return a desk that ships with the package; its file is read once."""
    return _read_desk(path, ignore_notice, TOPOLOGIES)


def _read_desk(path: Path, notify: Callable[[str], None], topologies: Topologies) -> DeskConfig:
    try:
        written = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506 -- a safe loader
        return desk_from(translate_desk(written, notify), topologies)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"desk file {path} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"desk file {path} is not YAML: {error}") from error
    except ValidationError as error:
        raise ConfigError(f"desk file {path}: {_first(error)}") from error
    except RecursionError as error:
        raise ConfigError(f"desk file {path} is nested too deeply") from error
    except ValueError as error:  # an impossible date, or an integer of thousands of digits
        raise ConfigError(f"desk file {path} has an invalid value: {error}") from error


class _UniqueKeyLoader(yaml.SafeLoader):
    """A safe loader that rejects duplicate keys, of which plain YAML keeps the last one silently, and aliases.

    Aliases could multiply a small file to any size.
    """

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            mark = parent.start_mark if parent is not None else None
            raise yaml.composer.ComposerError(None, None, "aliases (*name) are not allowed", mark)
        return super().compose_node(parent, index)

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[object, object]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if twice := [key for key, count in Counter(map(str, keys)).items() if count > 1]:
            raise yaml.constructor.ConstructorError(None, None, f"the key {twice[0]} occurs twice", node.start_mark)
        return super().construct_mapping(node, deep)


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
        raise _invalid(("deliberation", "kind"), f"{kind!r:.40} is no topology; choose one of {', '.join(kinds)}")
    try:
        deliberation = kinds[kind].model_validate(section)
    except ValidationError as error:
        defect = error.errors()[0]
        raise _invalid(("deliberation", *defect["loc"]), str(defect["msg"])) from None
    return DeskConfig.model_validate({**written, "deliberation": deliberation})


def _invalid(place: tuple[int | str, ...], message: str) -> ValidationError:
    """Return the error of one key of a desk file."""
    error = PydanticCustomError("desk", "{message}", {"message": message})
    return ValidationError.from_exception_data("DeskConfig", [{"type": error, "loc": place, "input": None}])


def _first(error: ValidationError) -> str:
    defect = error.errors()[0]
    where = ".".join(str(part) for part in defect["loc"])
    return f"{where}: {defect['msg']}" if where else str(defect["msg"])
