"""Prompt files: Markdown with YAML front matter, strict placeholders and a content hash.

A file holds one role's words:

    ---
    id: technical            # the name it is asked for by; the file name without its ending
    version: 1               # raised by who edits it
    role: analyst            # the role that supplies the inputs
    inputs: [ticker, ...]    # every placeholder in the text, and nothing else
    ---
    ## system
    the role's instructions: no placeholders
    ## user
    the case, with {{placeholders}}; its last line is the task, unless it closes a tag or has no words of its own

The prompt `shared_rules` has a system part only; it opens the system part of every other prompt. A request has the
shared rules as its system message; then the case, the instructions, and the task: roles that read the same evidence
share the beginning of their prompts, which endpoints cache. Without a task the instructions are last, so that they
never stand inside of the evidence.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from ..domain.errors import ConfigError

SHARED_RULES = "shared_rules"
RENAMED = {"house": "shared_rules", "solo": "single_agent", "risk_voice": "risk_analyst"}
"""Prompt ids and roles that were renamed; files with the old names are read for one release."""
BUILT_IN = Path(__file__).parent
_FILE = re.compile(
    r"\A---\n(?P<front>.*?)\n---\n+## system\n(?P<system>.*?)(?:(?<=\n)## user\n(?P<user>.*))?\Z", re.DOTALL
)
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same safe subset, ten times as fast where libyaml is
_CLOSING_TAG = re.compile(r"</\w+>")
_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_PLACEHOLDER_OR_TAG = re.compile(rf"{_PLACEHOLDER.pattern}|</?\w+>")


@dataclass(frozen=True, slots=True)
class RenderedPrompt:
    """A prompt with its placeholders filled, as it is sent: the shared rules, and everything else."""

    system: str
    user: str


@dataclass(frozen=True, slots=True)
class Prompt:
    """One role's words. `hash` is the first 16 hex digits of a SHA-256 over everything the model would see.

    Attributes:
        system: the shared rules and the role's instructions.
        opening: the part of `system` that is not the role's own: the shared rules with the blank line after them.
        user: the case, with placeholders.
    """

    id: str
    version: int
    role: str
    inputs: frozenset[str]
    system: str
    user: str
    hash: str
    path: Path
    opening: str = ""

    @property
    def instructions(self) -> str:
        """Return the system part that the prompt's file holds, without the shared rules before it."""
        return self.system.removeprefix(self.opening)

    def render(self, values: Mapping[str, str]) -> RenderedPrompt:
        """Fill the placeholders; raises ConfigError unless `values` has exactly the declared inputs."""
        if self.inputs != set(values):
            raise ConfigError(f"prompt {self.id!r}: {_difference(self.inputs, set(values))}")
        case, task = _case_and_task(self.user)
        parts = (_filled(case.strip(), values), self.instructions, _filled(task, values))
        return RenderedPrompt(self.opening.strip(), "\n\n".join(part for part in parts if part))


@dataclass(frozen=True, slots=True)
class PromptLibrary:
    """All prompts by id: the built-in ones, and a user's where the ids are the same."""

    prompts: Mapping[str, Prompt]

    def get(self, prompt_id: str) -> Prompt:
        """Return the prompt called `prompt_id`; raises ConfigError naming those there are."""
        prompt_id = RENAMED.get(prompt_id, prompt_id)
        if prompt_id not in self.prompts:
            close = get_close_matches(prompt_id, self.prompts, n=3)
            hint = f"did you mean {' or '.join(close)}?" if close else f"there are: {', '.join(sorted(self.prompts))}"
            raise ConfigError(f"there is no prompt {prompt_id!r}; {hint}")
        return self.prompts[prompt_id]


def load_prompts(override: Path | None = None) -> PromptLibrary:
    """Read the built-in prompts and lay those of the folder `override` over them, by id.

    Raises ConfigError for a folder that is not there, a file that cannot be read, a front matter that is not as
    described above, or placeholders that differ from the declared inputs.
    """
    paths = _files(BUILT_IN)
    if override is not None:
        if not override.is_dir():
            raise ConfigError(f"there is no folder of prompts at {override}")
        paths |= _files(override)
    if SHARED_RULES not in paths:
        raise ConfigError("the prompt 'shared_rules' is missing from the installation")
    shared = _parse(paths.pop(SHARED_RULES), "")
    roles = {name: _parse(path, shared.system + "\n\n") for name, path in sorted(paths.items())}
    return PromptLibrary({SHARED_RULES: shared} | roles)


def _files(folder: Path) -> dict[str, Path]:
    return {RENAMED.get(path.stem, path.stem): path for path in folder.glob("*.md")}


def _parse(path: Path, opening: str) -> Prompt:
    try:
        text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"prompt file {path} cannot be read: {error}") from error
    return parse_prompt(text, path, opening)


@lru_cache(maxsize=512)
def parse_prompt(text: str, path: Path, opening: str) -> Prompt:
    """Return the prompt of a file's text; `opening` comes before its system part. A text is parsed once in a process.

    Raises ConfigError for a text that is not as described above; `path` names the file in messages.
    """
    match = _FILE.match(text)
    if match is None:
        raise ConfigError(f"prompt file {path} needs front matter between --- lines, then '## system' and '## user'")
    front = _front(path, match["front"])
    system, user = opening + match["system"].strip(), (match["user"] or "").strip()
    inputs = frozenset(front.inputs)
    if _PLACEHOLDER.search(system):
        raise ConfigError(f"prompt file {path}: the system part must not have placeholders, so that it can be cached")
    if inputs != (used := set(_PLACEHOLDER.findall(user))):
        raise ConfigError(f"prompt file {path}: {_difference(inputs, used)}")
    digest = hashlib.sha256(f"{system}\0{user}".encode()).hexdigest()[:16]
    return Prompt(
        RENAMED.get(path.stem, path.stem),
        front.version,
        RENAMED.get(front.role, front.role),
        inputs,
        system,
        user,
        digest,
        path,
        opening,
    )


class _Front(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    id: str
    version: int
    role: str
    inputs: list[str]


def _front(path: Path, text: str) -> _Front:
    """Return the front matter of a prompt file."""
    try:
        front = _Front.model_validate(yaml.load(text, Loader=_LOADER))  # noqa: S506 -- one of the two safe loaders
    except yaml.YAMLError as error:
        raise ConfigError(f"prompt file {path}: the front matter is not YAML: {error}") from error
    except ValidationError as error:
        defect = error.errors()[0]
        where = ".".join(str(part) for part in defect["loc"])
        raise ConfigError(f"prompt file {path}: front matter {where}: {defect['msg']}") from error
    except RecursionError as error:
        raise ConfigError(f"prompt file {path}: the front matter is nested too deeply") from error
    except ValueError as error:  # an impossible date, or an integer of thousands of digits
        raise ConfigError(f"prompt file {path}: the front matter has an invalid value: {error}") from error
    if front.id != path.stem:
        raise ConfigError(f"prompt file {path}: its id {front.id!r} must be its file name without the ending")
    return front


def _case_and_task(user: str) -> tuple[str, str]:
    """Return the case and the task, which is the last line, unless that closes a tag or has no words of its own.

    The instructions between them are therefore never inside a tag of the case.
    """
    case, _, task = user.rpartition("\n")
    is_task = re.search(r"\w", _PLACEHOLDER_OR_TAG.sub("", task)) and not _CLOSING_TAG.search(task)
    return (case, task) if is_task else (user, "")


def _filled(template: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: values[match[1]], template)


def _difference(declared: frozenset[str], given: set[str]) -> str:
    missing, unknown = sorted(declared - given), sorted(given - declared)
    parts = [f"missing placeholders: {', '.join(missing)}"] if missing else []
    parts += [f"unknown placeholders: {', '.join(unknown)}"] if unknown else []
    return "; ".join(parts)
