"""The check of a desk file: all its defects, with line, key and remedy."""

from collections.abc import Iterator
from importlib.util import find_spec

from ..desk.rule_desk import order_policy
from ..domain.errors import ConfigError
from ..graph.desk_config import DeskConfig, desk_path, load_desk
from ..graph.desk_sections import LAST_DECISIONS
from ..graph.desk_yaml import DeskDefect, DeskFileError, Place, read_yaml
from ..graph.roles import RoleSpec
from ..graph.team_builder import role_faults
from ..memory.presets.catalog import find_preset
from ..prompts.library import PromptLibrary
from ..risk.limit_settings import Limits
from ..tools.charts.kinds import check_chart_library
from ..tools.registry import get_tools

NO_PRESET = "none"
LIBRARIES = {"hrp": "skfolio"}
"""Optional libraries by the kind of sizing that needs them; the extra `portfolio` installs them."""


def check_desk(name_or_path: str, prompts: PromptLibrary, limits: Limits) -> tuple[DeskDefect, ...]:
    """Return the defects of a desk; empty if it can decide.

    The keys and values of the file are checked first; tools, prompts, memory preset and libraries if those are valid.
    Raises ConfigError for an unknown name and for a file that cannot be read.
    """
    path = desk_path(name_or_path)
    try:
        desk = load_desk(str(path))
    except DeskFileError as error:
        return error.defects
    source = read_yaml(path, path.read_text(encoding="utf-8"))
    found = [
        *_unknown_tools(desk),
        *_role_faults(desk, prompts, limits),
        *_unknown_preset(desk),
        *_missing_library(desk),
        *_missing_chart_library(desk),
    ]
    defects = [DeskDefect(source.line_of(place), source.key_of(place), message) for place, message in found]
    return tuple(sorted(defects, key=lambda defect: defect.line or 0))


def _unknown_tools(desk: DeskConfig) -> Iterator[tuple[Place, str]]:
    for number, role in enumerate(desk.roles):
        for place, tool in enumerate(role.tools):
            try:
                get_tools((tool,))
            except ConfigError as error:
                yield ("roles", number, "tools", place), str(error)


def _role_faults(desk: DeskConfig, prompts: PromptLibrary, limits: Limits) -> Iterator[tuple[Place, str]]:
    """Yield the faults of prompts; those of tools are found before."""
    unknown = {desk.roles[place[1]].name for place, _ in _unknown_tools(desk) if isinstance(place[1], int)}
    for role, error in role_faults(desk, prompts, order_policy(limits)):
        if role.name not in unknown:
            yield _place_of(desk, role), str(error)


def _place_of(desk: DeskConfig, role: RoleSpec) -> Place:
    """Return the key of a role's prompt, or the section that a role follows from."""
    names = [each.name for each in desk.roles]
    if role.name in names:
        return ("roles", names.index(role.name), "prompt")
    return ("risk",) if role.name in {*desk.risk.committee, desk.risk.chair} else ("deliberation",)


def _unknown_preset(desk: DeskConfig) -> Iterator[tuple[Place, str]]:
    try:
        if desk.memory.preset not in (NO_PRESET, LAST_DECISIONS):
            find_preset(desk.memory.preset)
    except ConfigError as error:
        yield ("memory", "preset"), str(error)


def _missing_library(desk: DeskConfig) -> Iterator[tuple[Place, str]]:
    library = LIBRARIES.get(desk.sizing.kind)
    if library is not None and find_spec(library) is None:
        message = f"sizing {desk.sizing.kind} requires {library}: install it with `pip install 'openoutcry[portfolio]'`"
        yield ("sizing", "kind"), message


def _missing_chart_library(desk: DeskConfig) -> Iterator[tuple[Place, str]]:
    for number, role in enumerate(desk.roles):
        try:
            if role.charts:
                check_chart_library()
        except ConfigError as error:
            yield ("roles", number, "charts"), str(error)
