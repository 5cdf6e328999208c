"""Answers of a well-behaved model to the desks of all protocols."""

import json
import re

from stub.answers import Filler
from stub.http_log import ChatRequest, Reply
from stub.server import fill

PART = re.compile(r"^([A-Z]{1,6}): (?=.*; (?:not held|[\d.]+ shares))", re.MULTILINE)
TRADABLE = re.compile(r"Tradable shares: ([+-]?[\d.]+)")
CITABLE = re.compile(r"\[([A-Z]+/[\w.@-]+)\]")
WEIGHT, CASH = 0.05, 40.0
"""Share of equity, and currency, that is wanted in each symbol."""


class ProtocolAnswers:
    """Names every symbol of a book with a small position, trades what is tradable, and fills every other schema."""

    def __call__(self, request: ChatRequest) -> Reply:
        schema = request.schema or {}
        if "justification" in schema.get("properties", {}):
            return Reply(json.dumps(trade(float(TRADABLE.search(request.prompt)[1]))))
        if "entries" not in schema.get("properties", {}):
            return fill(Filler(), request)
        symbols = list(dict.fromkeys(PART.findall(request.prompt)))
        answer = {"entries": [entry(symbol, request, json.dumps(schema)) for symbol in symbols]}
        if "cash" in schema["properties"]:
            answer["cash"] = round(1 - WEIGHT * len(symbols), 6)
        if "summary" in schema["properties"]:
            answer |= {"summary": "The same for all.", "evidence": CITABLE.findall(request.prompt)[:1]}
        return Reply(json.dumps(answer))


def trade(shares: float) -> dict[str, object]:
    """Return an order for all shares that are tradable."""
    action = "buy" if shares > 0 else "sell" if shares < 0 else "hold"
    return {"action": action, "shares": abs(shares), "justification": "all that is tradable"}


def entry(symbol: str, request: ChatRequest, schema: str) -> dict[str, object]:
    """Return what is answered about one symbol: a need, a total in currency, or a weight."""
    if '"needed"' in schema:
        return {"symbol": symbol, "needed": False, "reason": "nothing new"}
    if '"target_cash_amount"' in schema:
        held = re.search(rf"^{symbol}: .*shares worth ([\d,.]+)$", request.prompt, re.MULTILINE)
        action, amount = ("hold", None) if held else ("increase", CASH)
        reasons = {"reasons": ["as for all"], "confidence": 0.6}
        return {"symbol": symbol, "action": action, "target_cash_amount": amount} | reasons
    return {"symbol": symbol, "weight": WEIGHT}
