"""The decision document: the decision record as JSON for other programs (schema `openoutcry.decision/2`).

Documents of schema 1 lack currency, position, account_state and proposal; `decision-1.schema.json` describes them.
"""

from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from functools import lru_cache
from importlib.resources import files
from typing import Any

from ...domain.decision import (
    Decision,
    PositionSnapshot,
    Provenance,
    RecalledMemory,
    RiskOutcome,
    RoleUsage,
    Usage,
)
from ...domain.ids import ClientOrderId
from ...domain.orders import Clamp, Order, RestingAction, StopLoss
from ...domain.outputs import OrderPlan
from ...domain.proposal import proposal_kind
from ...domain.resting_orders import price_distance
from ...domain.times import iso_time
from ...risk.execution.slices import split_order

SCHEMA = "openoutcry.decision/2"
SCHEMA_FILE = "decision-2.schema.json"

Json = dict[str, object]


@lru_cache(maxsize=1)
def schema_text() -> str:
    """Return the JSON schema of the document."""
    return (files(__package__) / SCHEMA_FILE).read_text(encoding="utf-8")


def to_document(decision: Decision) -> Json:
    """Return the record as plain JSON values; prices and quantities are strings that hold exact decimals."""
    return {
        "schema": SCHEMA,
        "run_id": decision.run_id,
        "ticker": decision.ticker,
        "as_of": iso_time(decision.as_of),
        "desk": decision.desk,
        "model": asdict(decision.model),
        "market": asdict(decision.market),
        "outcome": decision.outcome,
        "abstain_reason": decision.abstention.reason if decision.abstention else None,
        "abstain_cause": decision.abstention.cause if decision.abstention else None,
        "thesis": decision.thesis.model_dump(mode="json") if decision.thesis else None,
        "orders": [_order(order) for order in decision.risk.allowed],
        **({"execution": execution_document(decision)} if decision.execution else {}),
        "risk": _risk(decision.risk),
        "proposal": proposal_document(decision),
        "account": decision.account,
        "account_state": decision.account_state,
        "currency": decision.currency,
        "position": _position(decision.position) if decision.position else None,
        "submissions": None if decision.submissions is None else [asdict(answer) for answer in decision.submissions],
        "superseded": [] if decision.submissions is None else list(decision.superseded),
        "would_supersede": list(would_supersede(decision)),
        **({"resting_actions": _resting_actions(decision)} if decision.resting_actions else {}),
        "reports": [{"role": r.role, **r.report.model_dump(mode="json")} for r in decision.reports],
        "debate": [
            {"speaker": t.speaker, "round": t.round, **t.argument.model_dump(mode="json")} for t in decision.debate
        ],
        "committee": _committee(decision),
        **({"contributions": [asdict(made) for made in decision.contributions]} if decision.contributions else {}),
        **({"kept": _kept(decision)} if decision.kept else {}),
        **({"charts": [asdict(each) for each in decision.charts]} if decision.charts else {}),
        "evidence": [
            {**asdict(item), "known_at": iso_time(item.known_at), "value": _text(item.value)}
            for item in decision.evidence
        ],
        "recalled": [_recalled(item) for item in decision.recalled],
        "usage": _usage(decision.usage),
        "provenance": _provenance(decision.provenance),
    }


def _provenance(provenance: Provenance) -> Json:
    """Return the provenance; `learned` only for a desk that learns, so that other documents stay as they were."""
    whole = asdict(provenance)
    learned = whole.pop("learned")
    if provenance.learned is None:
        return whole
    moment = provenance.learned.learned_at
    return whole | {"learned": _all_plain(learned) | {"learned_at": None if moment is None else iso_time(moment)}}


def proposal_document(decision: Decision) -> Json | None:
    """Return the decision of the desk before limits: its kind and its values; None without one."""
    if decision.proposal is not None and not isinstance(decision.proposal, OrderPlan):
        return {"kind": proposal_kind(decision.proposal), **_all_plain(asdict(decision.proposal))}
    if decision.plan is None:
        return None
    orders = [_plain(order.model_dump(exclude_none=True)) for order in decision.plan.orders]
    stated = decision.plan.resting
    resting = {} if stated is None else {"resting": [each.model_dump(mode="json") for each in stated]}
    return {"kind": "orders", "rationale": decision.plan.rationale, "orders": orders, **resting}


def execution_document(decision: Decision) -> Json:
    """Return the schedule of the orders with its inputs, and the slices into which they are split."""
    plan = decision.execution
    if plan is None:
        return {}
    slices = [part for order in decision.risk.allowed for part in split_order(order, plan) if part.slice_of]
    return {
        "kind": plan.kind,
        "reason": plan.reason,
        "starts": [iso_time(start) for start in plan.starts],
        "volume_curve": [_text(share) for share in plan.volume_curve],
        **{name: _text(getattr(plan, name)) for name in ("volatility", "impact", "risk_aversion")},
        "slices": [_part(part) for part in slices],
    }


def _part(part: Order) -> Json:
    """Return a slice of an order: its ids, the moment after which it is good, and its quantity."""
    return {
        "client_order_id": part.client_order_id,
        "slice_of": part.slice_of,
        "good_after": iso_time(part.good_after) if part.good_after else None,
        "quantity": _text(part.quantity),
    }


def _kept(decision: Decision) -> list[Json]:
    return [{"role": each.role, "made_at": iso_time(each.made_at)} for each in decision.kept]


def _resting_actions(decision: Decision) -> list[Json]:
    return [{"client_order_id": each.client_order_id, "action": each.action} for each in decision.resting_actions]


def _position(position: PositionSnapshot) -> Json:
    figures = {name: getattr(position, name) for name in ("quantity", "average_cost", "last_close", "unrealized")}
    return {**_plain(figures), "resting": [_resting(order, position) for order in position.resting]}


def _resting(order: Order, position: PositionSnapshot) -> Json:
    """Return a resting order; `distance` is that of its price to the last close, as a share of the close."""
    age, distance = position.resting_ages.get(order.client_order_id), price_distance(order, position.last_close)
    distance = None if distance is None else round(distance, 6)
    return {**_order(order), **({} if age is None else {"age_sessions": age, "distance": _text(distance)})}


def _order(order: Order) -> Json:
    return {
        "client_order_id": order.client_order_id,
        "symbol": order.symbol,
        "action": order.action,
        "quantity": _text(order.quantity),
        "type": order.type,
        "limit_price": _text(order.limit_price),
        "stop_price": _text(order.stop_price),
        "trail": _text(order.trail),
        "time_in_force": order.time_in_force,
        "order_class": order.order_class,
        "take_profit": _plain(asdict(order.take_profit)) if order.take_profit else None,
        "stop_loss": _stop_loss(order.stop_loss) if order.stop_loss else None,
        "rationale": order.rationale,
        "evidence": list(order.evidence),
        **({"lots": list(order.lots)} if order.lots else {}),
        **({"good_after": iso_time(order.good_after)} if order.good_after else {}),
        **({"slice_of": order.slice_of} if order.slice_of else {}),
        **({"awaits": order.awaits} if order.awaits else {}),
    }


def _stop_loss(stop: StopLoss) -> Json:
    levels = _plain(asdict(stop))
    return levels if stop.trail is not None else {name: level for name, level in levels.items() if name != "trail"}


def _risk(risk: RiskOutcome) -> Json:
    return {
        "asked": [_order(order) for order in risk.asked],
        "clamps": [_clamp(clamp) for clamp in risk.clamps],
        "denied": [{"order": _order(denied.order), "reason": denied.reason} for denied in risk.denied],
    }


def _clamp(clamp: Clamp) -> Json:
    return {**asdict(clamp), "asked": _text(clamp.asked), "allowed": _text(clamp.allowed)}


def _committee(decision: Decision) -> list[Json]:
    said = [(o.speaker, o.opinion) for o in decision.opinions]
    said += [("risk_manager", decision.review)] if decision.review else []
    return [{"speaker": speaker, **opinion.model_dump(mode="json")} for speaker, opinion in said]


def _recalled(item: RecalledMemory) -> Json:
    parts = {name: _text(part) for name, part in item.parts.items()}
    return {**_plain(asdict(item)), "parts": parts, "known_at": iso_time(item.known_at)}


def _usage(usage: Usage) -> Json:
    return {
        **_total(usage.by_role),
        "cost_usd": _text(usage.cost_usd),
        "wall_s": usage.wall_s,
        "by_role": {
            role: {**asdict(spent), "cached_share": round(spent.cached_share, 4)}
            for role, spent in usage.by_role.items()
        },
    }


def _total(by_role: Mapping[str, RoleUsage]) -> Json:
    names = ("model_calls", "prompt_tokens", "cached_tokens", "completion_tokens")
    calls, prompt, cached, completion = (sum(getattr(spent, name) for spent in by_role.values()) for name in names)
    share = RoleUsage(calls, prompt, cached, completion, 0.0).cached_share
    return {**dict(zip(names, (calls, prompt, cached, completion), strict=True)), "cached_share": round(share, 4)}


def _plain(values: Json) -> Json:
    return {name: _text(value) if isinstance(value, Decimal) else value for name, value in values.items()}


def _all_plain(value: Any) -> Any:
    """Return nested values with every number as an exact string."""
    if isinstance(value, Mapping):
        return {name: _all_plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_all_plain(each) for each in value]
    return _text(value) if isinstance(value, Decimal) else value


def _text(number: Decimal | None) -> str | None:
    return None if number is None else f"{number:f}"


def would_supersede(decision: Decision) -> tuple[ClientOrderId, ...]:
    """Return the resting orders that a decision would end if it were submitted; empty if it was."""
    if decision.submissions is not None:
        return ()
    ending = decision.resting_ids(RestingAction.CANCEL)
    if decision.risk.allowed:
        ending |= decision.resting_ids(RestingAction.REPLACE)
    return tuple(each for each in decision.superseded if each in ending)
