"""`openoutcry desks`: the desks, their roles, their graphs and the defects of their files."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from ...app.desk_check import check_desk
from ...app.desk_sheet import DeskDescriber, DeskSheet, RoleSheet
from ...app.factories import cache_folder
from ...app.settings import load_settings
from ...graph.call_policy import CallSpec
from ...graph.desk_config import built_in_desks, desk_path
from ...graph.drawing import mermaid, text_drawing
from ...prompts.library import load_prompts
from ..console.exit_codes import ExitCode
from ..console.tables import print_line, print_pairs, print_rows, print_table, write_json, write_text

ROLE_COLUMNS = ("role", "kind", "model", "prompt", "turns", "tokens", "calls", "tools", "blind_to", "persona", "rule")
SECTIONS = ("deliberation", "intake", "decision", "sizing", "exits", "execution", "risk", "memory", "learning")


@dataclass(frozen=True, slots=True)
class DeskLine:
    """One desk in the list. `calls` and `slots` are those of one decision; `source` the first words of its file."""

    name: str
    topology: str
    decision: str
    scope: str
    roles: int
    calls: str
    slots: int
    prompt_tokens: int
    source: str


def list_desks(*, as_json: bool) -> None:
    """Print every built-in desk."""
    describer = _describer(None)
    lines = [_line(describer.describe(name)) for name in built_in_desks()]
    print_rows(lines, as_json=as_json, nothing="no desks", title="Desks, with the calls of one decision by rules")


def show_desk(name_or_path: str, prompts: Path | None, *, as_json: bool) -> None:
    """Print all of a desk."""
    sheet = _describer(prompts).describe(name_or_path)
    if as_json:
        write_json(_document(sheet, name_or_path))
        return
    print_pairs(_pairs(sheet, name_or_path))
    rows = [_role_row(role, sheet) for role in sheet.roles]
    columns = (*ROLE_COLUMNS, "charts") if any(row["charts"] for row in rows) else ROLE_COLUMNS
    print_table(columns, [[row[name] for name in columns] for row in rows], title="Roles")


def check(name_or_path: str, prompts: Path | None, *, as_json: bool) -> ExitCode:
    """Print the defects of a desk file and return the exit code."""
    settings = load_settings({"prompts": prompts})
    defects = check_desk(name_or_path, load_prompts(settings.prompts), settings.limits)
    if as_json:
        write_json([asdict(defect) for defect in defects])
    elif defects:
        print_table(
            ("line", "key", "message", "remedy"),
            [(each.line, each.key, each.message, each.remedy) for each in defects],
            title=str(desk_path(name_or_path)),
        )
    else:
        print_line(f"{desk_path(name_or_path)}: no defects")
    return ExitCode.USAGE if defects else ExitCode.DONE


def draw(name_or_path: str, *, mermaid_text: bool) -> None:
    """Print the graph of a desk."""
    sheet = _describer(None).describe(name_or_path)
    drawn = mermaid if mermaid_text else text_drawing
    write_text(drawn(sheet.shape, sheet.scoped) + "\n")


def _describer(prompts: Path | None) -> DeskDescriber:
    settings = load_settings({"prompts": prompts})
    return DeskDescriber(
        load_prompts(settings.prompts), settings.limits, seed=settings.demo_seed, cache=cache_folder(settings)
    )


def _line(sheet: DeskSheet) -> DeskLine:
    desk = sheet.config
    return DeskLine(
        name=desk.name,
        topology=desk.deliberation.kind,
        decision=str(desk.decision.kind),
        scope=desk.intake.scope,
        roles=len(sheet.roles),
        calls=calls_text(sheet),
        slots=sheet.count.slots,
        prompt_tokens=sheet.prompt_tokens,
        source=sheet.source,
    )


def calls_text(sheet: DeskSheet) -> str:
    """Return the calls of one decision; those of a book as `2 per symbol + 1`."""
    count = sheet.count
    if not sheet.config.over_book:
        return str(count.calls)
    return f"{count.per_symbol} per symbol + {count.calls - count.per_symbol * sheet.symbols}"


def _pairs(sheet: DeskSheet, name_or_path: str) -> Iterator[tuple[str, object]]:
    yield "name", sheet.config.name
    yield "file", desk_path(name_or_path)
    for number, paragraph in enumerate(sheet.header):
        yield "source" if number == 0 else "", paragraph
    written = sheet.config.model_dump(mode="json", by_alias=True)
    for section in SECTIONS:
        yield section, _flat(written[section])
    yield "decider", sheet.config.decider
    yield "calls", f"{calls_text(sheet)}, in {sheet.count.slots} serial slots"
    of_book = f" for {sheet.symbols} symbols" if sheet.config.over_book else ""
    yield "prompt_tokens", f"{sheet.prompt_tokens:,} estimated{of_book}, with answers by rules"


def _flat(section: object) -> str:
    """Return a section as one line: `kind debate, rounds 1, sides bull bear`."""
    if isinstance(section, dict):
        parts = (f"{key} {_flat(value)}" for key, value in section.items() if value not in ([], {}, None, ""))
        return ", ".join(parts)
    if isinstance(section, list):
        return " ".join(_flat(each) for each in section)
    if isinstance(section, bool):
        return "yes" if section else "no"
    return str(section)


def _role_row(role: RoleSheet, sheet: DeskSheet) -> dict[str, object]:
    return {
        "role": role.spec.name,
        "kind": str(role.spec.role),
        "model": str(role.spec.model),
        "prompt": role.prompt,
        "turns": role.turns,
        "tokens": role.prompt_tokens,
        "calls": _policy_text(role.policy),
        "tools": ", ".join(role.spec.tools),
        "blind_to": ", ".join(map(str, role.spec.blind_to)),
        "persona": role.spec.persona,
        "rule": role.rule,
        "charts": ", ".join(map(str, role.spec.charts)),
        "for_every_symbol": role.spec.name in sheet.scoped,
    }


def _policy_text(policy: CallSpec) -> str:
    """Return the calls of one turn in words; empty for a single call."""
    cascade = ", quick then deep" if policy.cascade else ""
    judges = f", {policy.grades} grades by judges" if policy.judged else f", {policy.choose}"
    return f"{policy.samples} answers{judges}{cascade}" if policy.samples > 1 else cascade.removeprefix(", ")


def _document(sheet: DeskSheet, name_or_path: str) -> dict[str, object]:
    return {
        "name": sheet.config.name,
        "file": str(desk_path(name_or_path)),
        "header": list(sheet.header),
        "config": sheet.config.model_dump(mode="json", by_alias=True),
        "decider": sheet.config.decider,
        "roles": [_role_row(role, sheet) for role in sheet.roles],
        "graph": asdict(sheet.shape),
        "calls": sheet.count.calls,
        "calls_per_symbol": sheet.count.per_symbol,
        "symbols": sheet.symbols,
        "slots": sheet.count.slots,
        "prompt_tokens": sheet.prompt_tokens,
    }
