"""Protocols: published experiments as YAML files, run on a market folder that has their names and days."""

from collections.abc import Iterator, Mapping
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self

import yaml
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, ValidationError, model_validator

from ..desk.backtest import Every
from ..domain.errors import ConfigError
from .experiment import ArmSpec, CompareSpec, ExperimentAccount, ExperimentWindow, Name
from .experiment_file import ExperimentFile, parse_experiment

PROTOCOLS = Path(__file__).parent / "protocols"
Year = Annotated[StrictInt, Field(ge=1900, le=2200)]


class ProtocolMeasure(StrEnum):
    """What a protocol measures: arms of an experiment, or the planted signals of the demo market."""

    EXPERIMENT = "experiment"
    SIGNALS = "signals"


class Convention(StrEnum):
    """Figures as a publication computes them."""

    STOCKBENCH = "stockbench"
    INVESTORBENCH = "investorbench"


class _ProtocolPart(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RollingWindows(_ProtocolPart):
    """Windows of `years` whole calendar years, each begun `step` years after the one before."""

    first: Year
    last: Year
    years: Annotated[StrictInt, Field(ge=1)]
    step: Annotated[StrictInt, Field(ge=1)]
    every: Every = Every.DAY

    def windows(self) -> Iterator[ExperimentWindow]:
        """Yield the windows in order."""
        for year in range(self.first, self.last - self.years + 2, self.step):
            end = date(year + self.years - 1, 12, 31)
            yield ExperimentWindow.model_validate({"from": date(year, 1, 1), "to": end, "every": self.every})


class ProtocolSpec(_ProtocolPart):
    """A protocol.

    Attributes:
        window, rolling: one window, or several; each is an experiment of its own.
        delisted: whether a name may end inside the window.
        conventions: further figures, computed as published.
        conditions: what differs from the publication, one sentence each; shown with every comparison.
    """

    name: Name
    description: str
    measure: ProtocolMeasure = ProtocolMeasure.EXPERIMENT
    universe: Annotated[tuple[str, ...], Field(min_length=1)]
    window: ExperimentWindow | None = None
    rolling: RollingWindows | None = None
    delisted: StrictBool = False
    seeds: Annotated[tuple[StrictInt, ...], Field(min_length=1)]
    account: ExperimentAccount = ExperimentAccount()
    arms: Annotated[Mapping[Name, ArmSpec], Field(min_length=1)]
    baselines: tuple[str, ...] = ()
    compare: CompareSpec = CompareSpec()
    conventions: tuple[Convention, ...] = ()
    conditions: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _one_kind_of_window(self) -> Self:
        if (self.window is None) == (self.rolling is None):
            raise ValueError("give window or rolling, and not both")
        return self

    @property
    def windows(self) -> tuple[ExperimentWindow, ...]:
        """Return the windows in order."""
        return (self.window,) if self.window is not None else tuple(self.rolling.windows() if self.rolling else ())


def protocol_names() -> tuple[str, ...]:
    """Return the names of the protocols that ship with the package, sorted."""
    return tuple(sorted(path.stem for path in PROTOCOLS.glob("*.yaml")))


def load_protocol(name: str) -> ProtocolSpec:
    """Return a protocol by its name; raises ConfigError that names those there are."""
    if name not in protocol_names():
        raise ConfigError(f"there is no protocol {name!r}; choose one of {', '.join(protocol_names())}")
    try:
        return ProtocolSpec.model_validate(yaml.safe_load((PROTOCOLS / f"{name}.yaml").read_text(encoding="utf-8")))
    except ValidationError as error:
        defect = error.errors()[0]
        where = ".".join(map(str, defect["loc"]))
        raise ConfigError(f"protocol {name}: {where}: {defect['msg']}") from error


def protocol_experiments(name: str, market: str, *, restrict: bool = False) -> tuple[ExperimentFile, ...]:
    """Return the experiments of a protocol on a market, one for each window.

    With `restrict`, each has only the names whose data the market has. Raises ConfigError for an unknown protocol.
    """
    spec = load_protocol(name)
    several = len(spec.windows) > 1
    return tuple(
        _experiment(spec, window, f"{name}-{window.first.year}" if several else name, market, restrict=restrict)
        for window in spec.windows
    )


def _experiment(
    spec: ProtocolSpec, window: ExperimentWindow, name: str, market: str, *, restrict: bool
) -> ExperimentFile:
    whole = spec.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    kept: dict[str, Any] = {
        key: whole[key] for key in ("description", "seeds", "account", "baselines", "compare") if key in whole
    }
    document: dict[str, Any] = {
        "name": name,
        "market": market,
        "universe": {"protocol": spec.name, "restrict": restrict},
        "window": window.model_dump(mode="json", by_alias=True),
        "arms": {arm: each.model_dump(mode="json", exclude_defaults=True) for arm, each in spec.arms.items()},
        **kept,
    }
    path = PROTOCOLS / f"{spec.name}.yaml"
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    return ExperimentFile(path, text, parse_experiment(text, str(path)))
