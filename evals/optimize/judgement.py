"""The judgement of an optimization on a window that was not used for tuning, once."""

from datetime import datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from ...domain.errors import ConfigError
from ..experiment import Period
from ..run_folder import write_whole
from ..trials import market_name
from .request import OptimizeMethod, OptimizeRequest

FILE_NAME = "judgement.json"


class StoredJudgement(BaseModel):
    """A judgement that was begun; the file is written before the window is used.

    Attributes:
        proposals: the number of texts that were proposed before it.
        prompt_hash: content hash of the prompt that is judged.
        run_id: the run of the experiment that compares it with the original; None until the run has begun.
        ended: whether the run has ended, whatever its result.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", serialize_by_alias=True)

    format: Literal["openoutcry.judgement/1"] = "openoutcry.judgement/1"
    optimization: str
    method: OptimizeMethod
    market: str
    window: Period
    proposals: int
    prompt_hash: str
    begun_at: datetime
    run_id: str | None = None
    ended: bool = False


def find_judgement(folder: Path) -> StoredJudgement | None:
    """Return the judgement in the folder of an optimization, or None."""
    path = folder / FILE_NAME
    if not path.is_file():
        return None
    try:
        return StoredJudgement.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise ConfigError(
            f"{path} cannot be read: {error}; restore it or delete the folder of the optimization"
        ) from error


def save_judgement(folder: Path, judgement: StoredJudgement) -> None:
    """Write a judgement."""
    write_whole(folder / FILE_NAME, judgement.model_dump_json(indent=1) + "\n")


def check_untouched(request: OptimizeRequest, folder: Path) -> None:
    """Raise ConfigError if the window was used to judge another optimization with the same method.

    `folder` is the folder of this optimization, beside which the others are. Windows that share a day are one window.
    """
    window = Period(first=request.file.experiment.window.first, last=request.file.experiment.window.last)
    market = market_name(request.file.experiment)
    for path in sorted(folder.parent.glob(f"*/{FILE_NAME}")):
        found = find_judgement(path.parent)
        if path.parent == folder or found is None or found.market != market:
            continue
        if found.method is request.options.method and found.window.overlaps(window):
            raise ConfigError(
                f"the window {window.first} to {window.last} is not untouched: {found.optimization} was judged on "
                f"{found.window.first} to {found.window.last}; choose a later window"
            )


def check_continuable(judgement: StoredJudgement | None, proposals: int) -> None:
    """Raise ConfigError if more texts are asked for than were proposed before the judgement."""
    if judgement is not None and proposals > judgement.proposals:
        raise ConfigError(
            f"{judgement.optimization} was judged on {judgement.window.first} to {judgement.window.last}; further "
            f"proposals would be chosen with knowledge of it; use --proposals {judgement.proposals}, or a later window"
        )
