"""A scripted model: what it answers depends on the schema and the evidence ids of a request, not on its wording."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from stub.answers import Filler, evidence_ids
from stub.http_log import ChatRequest, Reply, ToolCall

MISTAKE = "This answer cites an item that does not exist."
OPENING = "Opening statement on the case."
OPINION = "Opinion on the planned size."
MARKET_ORDER = {
    "quantity": 10,
    "type": "market",
    "limit_price": None,
    "stop_price": None,
    "trail": None,
    "time_in_force": "day",
    "order_class": "simple",
    "take_profit_limit": None,
    "stop_loss_stop": None,
    "stop_loss_limit": None,
    "stop_loss_trail": None,
    "rationale": "The thesis supports it.",
}


@dataclass(frozen=True)
class Script:
    """How the model answers during one decision.

    Args:
        plan: the name of an order plan, see `planned_orders`, or `unreadable` for a thesis that cannot be parsed.
        close: the last close, from which the plan derives its prices.
        verdict: what the committee and its head say: `approve`, `shrink` or `veto`.
        calls_tools: whether analysts call each of their functions once before they report.
        cites_wrongly: whether every debater first cites an item that does not exist.
    """

    plan: str
    close: str
    verdict: str = "approve"
    calls_tools: bool = False
    cites_wrongly: bool = False

    @property
    def sells(self) -> bool:
        """Return whether the plan needs a negative conviction."""
        return self.plan in {"short", "sell"}


@dataclass(frozen=True)
class ScriptedModel:
    """Answers every request of one decision on `symbol`."""

    symbol: str
    script: Script

    def __call__(self, request: ChatRequest) -> Reply | str:
        """Return the reply to one request."""
        if self.script.calls_tools and request.tools and not _has_tool_results(request):
            return Reply(tool_calls=tuple(self._call(name, request.tools[name]) for name in sorted(request.tools)))
        schema = request.schema
        if schema is None:
            return "No schema was given."
        if self.script.plan == "unreadable" and "rating" in schema.get("properties", {}):
            return "No view can be given."
        values = self._values(schema, request.prompt)
        return json.dumps(Filler(values=values).fill(schema, request.prompt))

    def _call(self, name: str, parameters: Mapping[str, Any]) -> ToolCall:
        known = {"symbol": self.symbol, "days": 90}
        arguments = {key: known.get(key) for key in parameters.get("properties", {})}
        return ToolCall(name, json.dumps(arguments), id=f"call_{name}")

    def _values(self, schema: Mapping[str, Any], prompt: str) -> dict[str, object]:
        names = set(schema.get("properties", {}))
        ids = sorted(each for each in evidence_ids(prompt) if not each.startswith("mem"))
        chosen = _digest(self.symbol, *ids)
        values: dict[str, object] = {"evidence": ids[chosen % max(len(ids) - 2, 1) :][:2]}
        if "stance" in names:
            values |= {"stance": ("bullish", "bearish", "neutral")[chosen % 3], "confidence": 0.5 + chosen % 40 / 100}
        if "claim" in names:
            values |= self._argument(prompt)
        if "rating" in names:
            values |= self._thesis()
        if "orders" in names:
            with_lots = any("lots" in each.get("properties", {}) for each in schema.get("$defs", {}).values())
            orders = planned_orders(self.script, with_lots=with_lots)
            values["orders"] = [{**order, "evidence": values["evidence"]} for order in orders]
            values["resting"] = None  # recorded before answers could say what becomes of resting orders
        if "verdict" in names:
            values |= self._opinion(prompt)
        return values

    def _argument(self, prompt: str) -> dict[str, object]:
        if self.script.cites_wrongly and MISTAKE not in prompt:
            return {"claim": MISTAKE, "evidence": ["tech.unknown"]}
        return {"claim": "Answer to the other side." if OPENING in prompt else OPENING}

    def _thesis(self) -> dict[str, object]:
        rating, conviction = ("sell", -0.6) if self.script.sells else ("buy", 0.6)
        if self.script.plan == "none":
            rating, conviction = "hold", 0.0
        return {"rating": rating, "conviction": conviction, "horizon_sessions": 15}

    def _opinion(self, prompt: str) -> dict[str, object]:
        scale = {"approve": 1.0, "shrink": 0.4, "veto": 0.0}[self.script.verdict]
        if OPINION in prompt:
            return {"verdict": self.script.verdict, "scale": scale, "reason": "Decision on the plan."}
        return {"verdict": "approve", "scale": 1.0, "reason": OPINION}


def planned_orders(script: Script, *, with_lots: bool = False) -> list[dict[str, object]]:
    """Return the orders of the script's plan; prices are multiples of its last close, rounded to a cent."""

    def at(factor: str) -> float:
        return float((Decimal(script.close) * Decimal(factor)).quantize(Decimal("0.01")))

    buy, short = {"action": "buy"}, {"action": "short"}
    limit = {**buy, "type": "limit", "limit_price": at("0.995"), "time_in_force": "gtc"}
    bracket = {"order_class": "bracket", "take_profit_limit": at("1.06"), "stop_loss_stop": at("0.94")}
    orders: dict[str, list[dict[str, object]]] = {
        "bracket": [{**limit, **bracket, "quantity": 20}],
        "market": [{**buy, "order_class": "oto", "stop_loss_stop": at("0.95")}],
        "large": [{**buy, "quantity": 50_000, "order_class": "oto", "stop_loss_stop": at("0.9")}],
        "trailing": [{**buy, "order_class": "oto", "stop_loss_stop": at("0.96"), "stop_loss_trail": at("0.04")}],
        "two": [limit, {**buy, "type": "stop", "stop_price": at("1.02"), "time_in_force": "gtc", "quantity": 5}],
        "short": [{**short, "order_class": "oto", "stop_loss_stop": at("1.05")}],
        "sell": [{"action": "sell", "quantity": 4}],
        "none": [],
    }
    more = {"lots": []} if with_lots else {}
    return [{**MARKET_ORDER, **more, **order} for order in orders[script.plan]]


def _has_tool_results(request: ChatRequest) -> bool:
    return any(message.get("role") == "tool" for message in request.messages)


def _digest(*texts: str) -> int:
    return int.from_bytes(hashlib.sha256("\n".join(texts).encode()).digest()[:4])
