"""Provenance: hashes of the configuration, prompts and market data of a decision, to compare two runs."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from functools import lru_cache
from typing import Any

from ...agents.context import AgentContext
from ...domain.account import Account
from ...domain.decision import ModelInfo, Provenance
from ...domain.evidence import Evidence, EvidenceKind
from ...domain.learned_use import LearnedUse
from ...domain.orders import Order
from ...graph.desk_config import DeskConfig
from ...graph.state import STATE_VERSION
from ...graph.team import Team
from ...risk.limit_settings import Limits

DIGITS = 16
EVIDENCE_FIELDS = tuple(field.name for field in fields(Evidence))
ACCOUNT_FIELDS = {"supports_specific_lots": "picks_lots"}
"""The hashed names of fields that have other names in the code."""
LATER_FIELDS: dict[type, tuple[str, ...]] = {Order: ("good_after", "slice_of", "awaits")}
"""Fields that are hashed only if they are set, so that facts of earlier versions keep their hashes."""
HASHED_ROLE_KEYS = frozenset({"role", "name", "tools", "model", "prompt", "call_tools"})
HASHED_KEYS = {
    "deliberation": frozenset({"kind", "sides", "rounds", "openings", "judge", "stop"}),
    "decision": frozenset({"kind"}),
    "risk": frozenset({"committee", "chair", "limits"}),
    "memory": frozenset({"preset", "tokens", "risk_posture"}),
    "learning": frozenset({"kind"}),
}
"""The keys of each section of a desk file that are hashed even at their default."""
ABSENT_KEYS: dict[object, dict[str, object]] = {
    "single_agent": {"sides": [], "rounds": 1, "openings": "parallel", "judge": None, "stop": "rounds"}
}
"""Keys of a debate that were hashed for other kinds of deliberation too, with their values."""


def digest(value: object) -> str:
    """Return the first 16 hex digits of a SHA-256 over `value` as canonical JSON."""
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def market_fingerprint(context: AgentContext | None) -> str:
    """Return a hash over the market evidence that the desk received; `context` is None if it received none."""
    if context is None:
        return digest(None)
    facts = (item for item in context.evidence if item.kind is not EvidenceKind.MEMORY)
    shown = [_flat(item) for item in sorted(facts, key=lambda item: str(item.id))]
    return digest([_record(context.brief.quote), shown])


def plain(value: Any) -> object:
    """Return `value` with dataclasses, lists, tuples and mappings as dictionaries and lists, for canonical JSON.

    The JSON is that of `dataclasses.asdict`, which also copies every other value.
    """
    kind: Any = type(value)
    names = _field_names(kind)
    if names is not None:
        later = LATER_FIELDS.get(kind, ())
        return {
            name: plain(getattr(value, name)) for name in names if name not in later or getattr(value, name) is not None
        }
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    return value


@lru_cache(maxsize=256)
def _field_names(kind: type) -> tuple[str, ...] | None:
    """Return the names of the fields of a dataclass; None for another type."""
    return tuple(field.name for field in fields(kind)) if is_dataclass(kind) else None


def _record(value: Any, without: Sequence[str] = ()) -> dict[str, object]:
    """Return the fields of a dataclass by name, see `plain`, except for those in `without`."""
    kind: Any = type(value)
    return {name: plain(getattr(value, name)) for name in _field_names(kind) or () if name not in without}


def _flat(item: Evidence) -> dict[str, object]:
    """Return the fields by name; those of evidence are not nested."""
    return {name: getattr(item, name) for name in EVIDENCE_FIELDS}


def _hashed_account(account: Account) -> dict[str, object]:
    """Return the account under the names that earlier versions hashed, so that equal accounts keep equal hashes.

    The state is left out, since a halt does not change a decision; the currency is included unless it is USD, and daily
    results, past decisions and fills if there are any. Facts on resting orders are left out, because earlier versions
    did not show them, and the length of the bars, because it changes only how orders are sent.
    """
    values = _record(account, without=("state", "resting_facts", "hourly_bars"))
    if not account.past_decisions:
        del values["past_decisions"]
    if account.currency == "USD":
        del values["currency"]
    if not account.daily_results:
        del values["daily_results"]
    if not account.fills:
        del values["fills"]
    return {ACCOUNT_FIELDS.get(name, name): value for name, value in values.items()}


def _hashed_desk(file: DeskConfig) -> dict[str, object]:
    """Return the desk with the keys that were always hashed, and of the others those that are not at their default.

    Desks of earlier versions keep equal hashes.
    """
    whole, changed = file.contents
    desk = {**changed} | {
        section: {
            **ABSENT_KEYS.get(whole[section].get("kind"), {}),
            **_hashed(whole[section], keys, changed.get(section)),
        }
        for section, keys in HASHED_KEYS.items()
    }
    roles = zip(whole["roles"], changed["roles"], strict=True)
    return desk | {"roles": [_hashed(role, HASHED_ROLE_KEYS, different) for role, different in roles]}


def _hashed(section: dict[str, object], keys: frozenset[str], changed: dict[str, object] | None) -> dict[str, object]:
    return {key: value for key, value in section.items() if key in keys or key in (changed or ())}


def config_hash(file: DeskConfig, team: Team, limits: Limits, model: ModelInfo, account: Account, seed: int) -> str:
    """Return a hash over everything configurable that can change a decision."""
    return digest(
        {
            "desk": _hashed_desk(file),
            "limits": _record(limits) | {"restricted": sorted(limits.restricted)},
            "model": _record(model),
            "account": _hashed_account(account),
            "prompts": prompt_hashes(team),
            "seed": seed,
        }
    )


def run_config_hash(decision_configuration: str, *, version: str, endpoint: str, market: str) -> str:
    """Return a hash over everything that must be unchanged to resume a run, with program, endpoint and market."""
    return digest([decision_configuration, version, endpoint, market, STATE_VERSION])


def prompt_hashes(team: Team) -> dict[str, str]:
    """Return the content hash of every prompt in use, by role."""
    first = {role.name: role.prompt.hash for role in team.roles}
    return first | {f"{name}.follow_up": agent.role.prompt.hash for name, agent in team.follow_ups.items()}


def provenance(
    file: DeskConfig,
    team: Team,
    limits: Limits,
    model: ModelInfo,
    account: Account,
    seed: int,
    *,
    version: str,
    degraded: Sequence[str],
    memory: str,
    learned: LearnedUse | None = None,
) -> Provenance:
    """Return the provenance of a decision."""
    return Provenance(
        version=version,
        config_hash=config_hash(file, team, limits, model, account, seed),
        prompt_hashes=prompt_hashes(team),
        seed=seed,
        degraded=tuple(degraded),
        memory=memory,
        learned=learned,
    )
