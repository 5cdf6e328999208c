"""Which roles can be asked several times, by the form of their answers."""

from collections.abc import Mapping

from .call_policy import CallSpec
from .desk_yaml import KeyDefect
from .roles import RoleKind, Roster

COUNTED_KINDS = frozenset(
    {
        RoleKind.ANALYST,
        RoleKind.SINGLE_AGENT,
        RoleKind.RESEARCHER,
        RoleKind.RESEARCH_MANAGER,
        RoleKind.TRADER,
        RoleKind.DECIDER,
        RoleKind.RISK_ANALYST,
        RoleKind.RISK_MANAGER,
    }
)
"""Kinds of roles whose answers have a direction, or of whose answers the first is as good as any."""
DECIDING_KINDS = frozenset({RoleKind.SINGLE_AGENT, RoleKind.DECIDER})


def check_calls(calls: Mapping[str, CallSpec], roster: Roster) -> None:
    """Raise ValueError for a vote or cascade of a role whose answers have no direction or conviction."""
    for name, spec in calls.items():
        role = next((each for each in roster.roles if each.name == name), None)
        if role is None:
            continue
        of_book = roster.decides_over_book and role.role in DECIDING_KINDS
        if of_book or role.role not in COUNTED_KINDS:
            if spec.samples > 1 and spec.choose == "vote":
                raise KeyDefect(
                    f"the answers of {name} cannot be counted; use choose: judge, or samples: 1", "calls", name
                )
            if spec.cascade is not None:
                raise KeyDefect(
                    f"the answers of {name} have no conviction for a cascade; remove cascade", "calls", name
                )
