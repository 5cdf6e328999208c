"""Reading of experiment files: YAML with unique keys and without aliases, errors with file, key and remedy."""

from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

import yaml
from pydantic import ValidationError

from ..domain.errors import ConfigError
from ..graph.desk_yaml import StrictLoader
from .experiment import Experiment

BUILT_IN = Path(__file__).parent / "experiments"
SUFFIXES = (".yaml", ".yml")


@dataclass(frozen=True, slots=True)
class ExperimentFile:
    """An experiment, the text that it was read from, and the file; paths in it are relative to the file's folder."""

    path: Path
    text: str
    experiment: Experiment

    def located(self, written: str) -> Path:
        """Return a path of the file as an absolute path."""
        return (self.path.absolute().parent / Path(written).expanduser()).resolve()


def load_experiment(name_or_path: str) -> ExperimentFile:
    """Read a built-in experiment by name, or a YAML file by path.

    Raises ConfigError with the file, the key and the remedy.
    """
    path = Path(name_or_path)
    if path.suffix not in SUFFIXES:
        path = BUILT_IN / f"{name_or_path}.yaml"
        if not path.is_file():
            raise ConfigError(
                f"there is no experiment {name_or_path!r}; choose one of {', '.join(built_in_experiments())}, or give "
                "a YAML file"
            )
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise ConfigError(f"experiment file {path} cannot be read: {reason}") from error
    return ExperimentFile(path, text, parse_experiment(text, str(path)))


def parse_experiment(text: str, where: str) -> Experiment:
    """Return the experiment of a YAML text; `where` names the file in errors, which are ConfigError."""
    try:
        return Experiment.model_validate(yaml.load(text, Loader=StrictLoader))  # noqa: S506 -- a safe loader
    except yaml.YAMLError as error:
        raise ConfigError(f"experiment file {where} is not YAML: {' '.join(str(error).split())}") from error
    except ValidationError as error:
        raise ConfigError(f"experiment file {where}: {_first(error)}") from error
    except RecursionError as error:
        raise ConfigError(f"experiment file {where} is nested too deeply; write it flat") from error
    except ValueError as error:  # an impossible date, or an integer of thousands of digits
        raise ConfigError(f"experiment file {where} has an invalid value: {error}; correct it") from error


def built_in_experiments() -> tuple[str, ...]:
    """Return the names of the experiments that ship with the package, sorted."""
    return tuple(sorted(path.stem for path in BUILT_IN.glob("*.yaml")))


def _first(error: ValidationError) -> str:
    found = error.errors()  # a misspelt key is also a missing one; its spelling is the better message
    defect = next((each for each in found if each["type"] == "extra_forbidden"), found[0])
    where = ".".join(str(part) for part in defect["loc"])
    message = str(defect["msg"]).removeprefix("Value error, ")
    if defect["type"] == "missing":
        return f"{where} is missing; add it"
    if defect["type"] == "extra_forbidden":
        return f"unknown key {where}; {_hint(str(defect['loc'][-1]))}"
    return f"{where}: {message}" if where else message


def _hint(key: str) -> str:
    close = get_close_matches(key, list(Experiment.model_fields), n=1)
    return f"did you mean {close[0]}?" if close else "remove it or correct its spelling"
