"""The `signals:` section of a desk file."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

if TYPE_CHECKING:
    from .factors import FactorName
    from .rule_signal import PositionSignal
    from .scores import DatedScore

MOST_TRACKED = 500
LIBRARY_OPTIONS = ("hold", "long_only")
"""Parameters of a library signal that are not settings of its function."""


class SignalKind(StrEnum):
    """Where a signal's position comes from."""

    RULE = "rule"
    LIBRARY = "library"
    FACTOR = "factor"
    LLM_SCORE = "llm_score"


class SignalSpec(BaseModel):
    """One signal of a desk.

    Attributes:
        name: part of the evidence ids `sig.NAME` and `sig.NAME.record`; unique within a desk.
        kind: rule (see RULE_SIGNALS), library (a function of TA-Lib), factor (see FactorName), or llm_score (scores
            from 1 to 5 that a role of the desk gives).
        uses: the rule, function or factor; by default `name`, for a function in capital letters.
        track_record: sessions of the track record; 0 for none.
        parameters: parameters of the rule, function or factor; the others have their defaults.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, defer_build=True)

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,31}$")]
    kind: SignalKind = SignalKind.RULE
    uses: str | None = None
    track_record: Annotated[int, Field(ge=0, le=MOST_TRACKED)] = 252
    parameters: Mapping[str, bool | int | float] = {}

    @model_validator(mode="after")
    def _can_be_built(self) -> Self:
        try:
            build_signal(self)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise ValueError(f"signal {self.name}: {f'{where}: ' if where else ''}{first['msg']}") from None
        return self


def build_signal(spec: SignalSpec, scores: Sequence["DatedScore"] = ()) -> "PositionSignal":
    """Return the signal of `spec`. `scores` are the past scores of an `llm_score`; without them it has no position.

    Raises ValueError for an unknown rule, function, factor or parameter, and ConfigError if TA-Lib is missing.
    """
    from .factors import FactorSignal
    from .library import LibrarySignal
    from .scores import ScoreSignal

    given = dict(spec.parameters)
    if spec.kind is SignalKind.RULE:
        return _rule(spec, given)
    if spec.kind is SignalKind.FACTOR:
        return FactorSignal.model_validate({**given, "factor": _factor(spec)})
    if spec.kind is SignalKind.LIBRARY:
        options = {name: given.pop(name) for name in LIBRARY_OPTIONS if name in given}
        function = spec.uses or spec.name.upper()
        return LibrarySignal.model_validate({"function": function, "settings": given, **options})
    long_only = given.pop("long_only", False)
    if given:
        raise ValueError(f"signal {spec.name}: an llm_score has no parameter {sorted(given)[0]!r}")
    return ScoreSignal(tuple(scores), bool(long_only))


def _rule(spec: SignalSpec, given: Mapping[str, object]) -> "PositionSignal":
    from .rules import RULE_SIGNALS

    name = spec.uses or spec.name
    if name not in RULE_SIGNALS:
        raise ValueError(f"there is no rule {name!r}; the rules are {', '.join(RULE_SIGNALS)}")
    return RULE_SIGNALS[name].model_validate(given)


def _factor(spec: SignalSpec) -> "FactorName":
    from .factors import FactorName

    name = spec.uses or spec.name
    if name not in {str(each) for each in FactorName}:
        raise ValueError(f"there is no factor {name!r}; the factors are {', '.join(FactorName)}")
    return FactorName(name)


DEFAULT_RULES = (
    "trend", "reversal", "breakout", "position", "macd_cross", "kdj_cross", "stochastic_bands", "zscore", "momentum",
    "low_volatility",
)  # fmt: skip
DEFAULT_SIGNALS = tuple(SignalSpec.model_construct(name=name) for name in DEFAULT_RULES)
"""All rule experts with their usual parameters. They are not validated, which would import the libraries they use."""
