"""The windows that a folder of prompts was tuned on, stored beside the prompts."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ..domain.errors import ConfigError
from .arms import ExperimentArm
from .experiment import ExperimentWindow, Period
from .experiment_file import ExperimentFile

FILE_NAME = "tuned.json"


class TunedPrompts(BaseModel):
    """The content of `tuned.json`.

    Attributes:
        optimization: id of the optimization that wrote the folder.
        market: the market of the windows, as in the trial log.
        windows: the periods that the prompts were chosen on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)

    format: Literal["openoutcry.tuned/1"] = "openoutcry.tuned/1"
    optimization: str
    market: str
    windows: tuple[Period, ...]


def tuned_prompts(folder: Path | None) -> TunedPrompts | None:
    """Return what a folder of prompts was tuned on; None if it was not, or without a folder."""
    path = None if folder is None else folder / FILE_NAME
    if path is None or not path.is_file():
        return None
    try:
        return TunedPrompts.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise ConfigError(f"{path} cannot be read: {error}; restore it or delete the folder") from error


def check_tuning(file: ExperimentFile, arms: Sequence[ExperimentArm]) -> None:
    """Raise ConfigError if the prompts of an arm were tuned on a period that shares a day with the window."""
    window: ExperimentWindow = file.experiment.window
    for arm in arms:
        found = tuned_prompts(arm.settings.prompts)
        for period in found.windows if found is not None else ():
            if period.overlaps(window):
                raise ConfigError(
                    f"experiment file {file.path}: arms.{arm.name}: its prompts were tuned on {period.first} to "
                    f"{period.last}, which overlaps the window {window.first} to {window.last}; choose a window after "
                    "it, because results on the tuning window say nothing about other days"
                )
