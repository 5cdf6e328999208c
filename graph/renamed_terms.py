"""Renamed desks and keys of desk files. The old names work for one release, with a notice."""

from collections.abc import Callable, Mapping
from typing import Any

RENAMED_DESKS: Mapping[str, str] = {"floor": "debate", "single": "single_agent"}
"""Built-in desks by their old name."""

STORED_NAMES: Mapping[str, str] = {new: old for old, new in RENAMED_DESKS.items()}
"""The names under which the memories of these desks are stored; unchanged, so that a desk keeps its memory."""

RENAMED_VALUES: Mapping[tuple[str, str], Mapping[str, str]] = {
    ("deliberation", "kind"): {"none": "single_agent"},
    ("learning", "kind"): {"beliefs": "analyst_weights"},
}
RENAMED_KEYS: Mapping[tuple[str, str], str] = {("memory", "character"): "risk_posture"}
RENAMED_ROLES: Mapping[str, str] = {"solo": "single_agent"}


def stored_name(desk: str) -> str:
    """Return the name under which the memories of a desk are stored."""
    return STORED_NAMES.get(desk, desk)


def translate_desk(written: object, notify: Callable[[str], None]) -> object:
    """Return the content of a desk file with outdated terms replaced; `notify` receives a sentence for each of them.

    Content that is not a mapping is returned unchanged and fails the validation that follows.
    """
    if not isinstance(written, dict):
        return written
    desk: dict[Any, Any] = {key: dict(part) if isinstance(part, dict) else part for key, part in written.items()}
    for (section, key), new in RENAMED_KEYS.items():
        if isinstance(part := desk.get(section), dict) and key in part and new not in part:
            part[new] = part.pop(key)
            notify(f"{section}.{key} is called {section}.{new} now; the old name works for one more release")
    for (section, key), values in RENAMED_VALUES.items():
        if isinstance(part := desk.get(section), dict) and part.get(key) in values:
            old, part[key] = part[key], values[part[key]]
            notify(f"{section}.{key}: {old} is called {part[key]} now; the old name works for one more release")
    if isinstance(roles := desk.get("roles"), list):
        desk["roles"] = [_translate_role(role, notify) for role in roles]
    return desk


def _translate_role(role: object, notify: Callable[[str], None]) -> object:
    if not isinstance(role, dict) or role.get("role") not in RENAMED_ROLES:
        return role
    old, new = role["role"], RENAMED_ROLES[role["role"]]
    notify(f"the role {old} is called {new} now; the old name works for one more release")
    return (
        {**role, "role": new, "prompt": role.get("prompt") or new} if role.get("name") == old else {**role, "role": new}
    )
