"""Desk files: the roles of a desk and their deliberation, as YAML."""

from collections import Counter
from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    field_validator,
    model_validator,
)

from ..agents.researcher import Side
from ..agents.risk_committee import RiskAppetite
from ..domain.errors import ConfigError
from ..llm.port import Tier
from .call_policy import CallSpec
from .quorum import DebateQuorum, Quorum
from .renamed_terms import RENAMED_DESKS, translate_desk

BUILT_IN = Path(__file__).parent / "desks"
MOST_ROUNDS = 10
ROUND, MANAGER, TRADER, REFLECTOR = "debate", "research_manager", "trader", "reflector"
"""Nodes of every desk with a debate (a round, the research manager, the trader), and the role of a desk with memory."""


def ignore_notice(_: str) -> None:
    """Ignore a notice about an old name."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RoleKind(StrEnum):
    """The kinds of roles that a desk file lists; researchers, manager, trader and committee follow from other keys."""

    ANALYST = "analyst"
    SINGLE_AGENT = "single_agent"


class RoleSpec(_Part):
    """One role. `prompt` is the id of its prompt; None for the prompt with the role's name."""

    role: RoleKind
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    tools: Annotated[tuple[str, ...], Field(min_length=1)]
    model: Tier = Tier.QUICK
    prompt: str | None = None
    call_tools: bool = True


class Deliberation(_Part):
    """The deliberation: a debate of two sides before a judge, or none for a single agent.

    `quorum` is the part of the debate that must exist before the judge is asked: `openings` (the opening of every
    side), `any` (at least one turn), `none`, or a number of turns. Without it the desk abstains.
    """

    kind: Literal["debate", "single_agent"]
    sides: tuple[Side, ...] = ()
    rounds: Annotated[int, Field(ge=0, le=MOST_ROUNDS)] = 1
    openings: Literal["parallel"] = "parallel"
    judge: Literal["research_manager"] | None = None
    stop: Literal["rounds"] = "rounds"
    quorum: Quorum | Annotated[int, Field(strict=True, ge=1)] = Quorum.OPENINGS

    @property
    def debate_quorum(self) -> DebateQuorum:
        """Return the quorum with the sides and rounds that it is applied to."""
        return DebateQuorum(self.quorum, tuple(str(side) for side in self.sides), self.rounds)

    @model_validator(mode="after")
    def _quorum_can_be_met(self) -> Self:
        most = self.debate_quorum.turns
        if not isinstance(self.quorum, Quorum) and self.quorum > most:
            raise ValueError(f"a quorum of {self.quorum!s:.20} turns cannot be met; the debate has {most}")
        return self

    @field_validator("quorum", mode="wrap")
    @classmethod
    def _named_or_counted(cls, value: object, validate: ValidatorFunctionWrapHandler) -> object:
        try:
            return validate(value)
        except ValidationError:
            raise ValueError(f"expected {', '.join(Quorum)} or a number of turns, not {value!r:.40}") from None


class DecisionSpec(_Part):
    """The kind of decision that the desk emits."""

    kind: Literal["orders"] = "orders"


class RiskSpec(_Part):
    """The risk committee. Without committee and chair, only the risk limits are applied to the trader's plan."""

    committee: tuple[RiskAppetite, ...] = ()
    chair: Literal["risk_manager"] | None = None
    limits: Literal["default"] = "default"


class PosturePolicy(StrEnum):
    """How the desk's risk posture is set; `adaptive` is averse after three sessions with a loss."""

    NONE = "none"
    SEEKING = "seeking"
    AVERSE = "averse"
    ADAPTIVE = "adaptive"


class MemorySpec(_Part):
    """The memory: its preset (`none` for no memory), the token budget of each role, and the risk posture."""

    preset: Annotated[str, Field(pattern=r"^[a-z][a-z-]{0,31}$")] = "none"
    tokens: Annotated[int, Field(ge=0, le=8_000)] = 300
    risk_posture: PosturePolicy = PosturePolicy.NONE

    @property
    def enabled(self) -> bool:
        """Return whether the desk has a memory."""
        return self.preset != "none"


class LearningSpec(_Part):
    """How the desk learns between decisions: weights of its analysts, or nothing."""

    kind: Literal["none", "analyst_weights"] = "none"


class DeskConfig(_Part):
    """The configuration of a desk. `calls` sets the number of calls for an answer by role; by default one call."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]
    roles: Annotated[tuple[RoleSpec, ...], Field(min_length=1)]
    deliberation: Deliberation
    decision: DecisionSpec = DecisionSpec()
    risk: RiskSpec = RiskSpec()
    memory: MemorySpec = MemorySpec()
    learning: LearningSpec = LearningSpec()
    calls: Mapping[str, CallSpec] = {}

    @property
    def analysts(self) -> tuple[RoleSpec, ...]:
        """Return the analysts, in the order of the file."""
        return tuple(role for role in self.roles if role.role is RoleKind.ANALYST)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all roles, including those that follow from the deliberation."""
        talking = (*self.deliberation.sides, ROUND, MANAGER, TRADER) if self.deliberation.kind == "debate" else ()
        chair = (self.risk.chair,) if self.risk.chair else ()
        return (*(role.name for role in self.roles), *talking, *self.risk.committee, *chair)

    @property
    def single_agent(self) -> RoleSpec | None:
        """Return the agent of a single-agent desk; None for every other desk."""
        return next((role for role in self.roles if role.role is RoleKind.SINGLE_AGENT), None)

    @model_validator(mode="after")
    def _validate(self) -> Self:
        if twice := sorted(name for name, count in Counter(self.names).items() if count > 1):
            raise ValueError(f"two roles have the same name: {', '.join(twice)}")
        if unknown := sorted(set(self.calls) - {*self.names, REFLECTOR}):
            raise ValueError(f"calls names roles that the desk does not have: {', '.join(unknown)}")
        if self.learning.kind != "none" and not self.memory.enabled:
            raise ValueError("a desk that learns needs a memory: give memory a preset")
        if bool(self.risk.committee) != (self.risk.chair is not None):
            raise ValueError("a risk committee needs a chair, and a chair a committee")
        if self.single_agent is not None:
            if len(self.roles) != 1 or self.deliberation.kind != "single_agent":
                raise ValueError(
                    "a single agent has no other roles beside it, and its deliberation is {kind: single_agent}"
                )
        elif self.deliberation.kind != "debate" or self.deliberation.judge is None or not self.deliberation.sides:
            raise ValueError("analysts need a deliberation {kind: debate} with sides and a judge")
        return self


def load_desk(name_or_path: str, notify: Callable[[str], None] = ignore_notice) -> DeskConfig:
    """Read a built-in desk by name, or a YAML file by path.

    `notify` receives a sentence for every outdated name in the file. Raises ConfigError with the key and the defect.
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
    return _read_desk(path, notify)


@cache
def _built_in_desk(path: Path) -> DeskConfig:
    """Return a desk that ships with the package; its file is read once."""
    return _read_desk(path, ignore_notice)


def _read_desk(path: Path, notify: Callable[[str], None]) -> DeskConfig:
    try:
        written = yaml.load(path.read_text(encoding="utf-8"), Loader=_UniqueKeyLoader)  # noqa: S506 -- a safe loader
        return DeskConfig.model_validate(translate_desk(written, notify))
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


def _first(error: ValidationError) -> str:
    defect = error.errors()[0]
    where = ".".join(str(part) for part in defect["loc"])
    return f"{where}: {defect['msg']}" if where else str(defect["msg"])
