"""A stub endpoint with a trader whose answers depend on sentences in its instructions, and a scripted optimizer."""

import hashlib
import json
import re

from openoutcry.prompts.library import load_prompts
from stub.answers import Filler
from stub.http_log import Reply

CASH, SHORT, FICKLE = "Keep everything in cash.", "Go short without delay.", "Follow the mood of the season."
AS_OF = re.compile(r"Decide on \w+ as of (\d{4}-\d\d-\d\d)")
ORDER = {
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
    "rationale": "as instructed",
}


def block():
    """Return the static block of the built-in prompt of the single agent."""
    library = load_prompts()
    return library.get("single_agent").instructions


def with_sentence(sentence):
    """Return the built-in static block with a sentence at its end."""
    return f"{block()}\n\n{sentence}"


def proposal(text):
    """Return an answer of the optimizer."""
    return {"diagnosis": "too long", "revised_instructions": text, "changes": ["one"], "expected_effect": "better"}


class StubDesk:
    """A responder: traders buy unless a sentence says otherwise, the optimizer gives the texts of a script in turn.

    Attributes:
        texts: what the optimizer proposes; the last is repeated.
        asked: the requests of the optimizer.
        fickle_until: the date until which FICKLE sells short; afterwards it buys.
    """

    def __init__(self, *texts, fickle_until="2025-02-14"):
        self.texts, self.asked, self.fickle_until = list(texts), [], fickle_until

    def __call__(self, request):
        names = (request.schema or {}).get("properties", {})
        if "revised_instructions" in names:
            return Reply(json.dumps(proposal(self._next(request))))
        if "reflection" in names:
            return Reply(json.dumps({"reflection": self._next(request)}))
        return Reply(json.dumps(self.trade(request)))

    def _next(self, request):
        text = self.texts[min(len(self.asked), len(self.texts) - 1)]
        self.asked.append(request)
        return text

    def trade(self, request):
        """Return the answer of the single agent."""
        action = self.action(request.prompt)
        rating, conviction = {"buy": ("buy", 0.5), "short": ("sell", -0.5), None: ("hold", 0.0)}[action]
        values = {"rating": rating, "conviction": conviction, "orders": []}
        answer = Filler(values=values).fill(request.schema, request.prompt)
        if action is not None:
            answer["orders"] = [ORDER | {"action": action, "quantity": 50, "evidence": answer["evidence"]}]
        return answer

    def action(self, prompt):
        """Return what the trader does: `buy`, `short`, or None for nothing."""
        if CASH in prompt:
            return None
        if FICKLE in prompt:
            return "short" if AS_OF.search(prompt)[1] <= self.fickle_until else "buy"
        return "short" if SHORT in prompt else "buy"


class LotteryDesk(StubDesk):
    """A trader who draws lots for every request: another text is another draw, and no text is better."""

    def action(self, prompt):
        """Return what the trader does."""
        return ("buy", "short", None)[hashlib.sha256(prompt.encode()).digest()[0] % 3]
