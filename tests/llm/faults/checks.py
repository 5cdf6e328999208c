"""The answer fits its schema and breaks a rule of the desk."""

import json

from openoutcry.domain.outputs import OrderPlan, SingleAgentOutput
from pydantic import BaseModel

from ...stub.http_log import Reply
from .fault_case import Asked, Ending, FaultCase, answered, in_section
from .writing import misread


def _has_evidence(answer: type[BaseModel]) -> bool:
    return "evidence" in answer.model_fields or "orders" in answer.model_fields


def _citing_unknown(asked: Asked) -> Reply:
    changed = dict(asked.good)
    if "evidence" in changed:
        changed["evidence"] = ["px.invented"]
    if "orders" in changed:
        changed["orders"] = [{**order, "evidence": ["px.invented"]} for order in changed["orders"]]
    return answered(asked.request, json.dumps(changed))


def _impossible_order(asked: Asked) -> Reply:
    orders = [{**order, "action": "sell", "quantity": 9} for order in asked.good["orders"]]
    return answered(asked.request, json.dumps({**asked.good, "orders": orders}))


def _plans(answer: type[BaseModel]) -> bool:
    return answer in (OrderPlan, SingleAgentOutput)


def _lists_ids(answer: type[BaseModel]) -> bool:
    return "evidence" in answer.model_fields


CHECKS = in_section(
    "Checks",
    FaultCase(
        "a list as JSON text",
        lambda asked: answered(
            asked.request, json.dumps({**asked.good, "evidence": json.dumps(asked.good["evidence"])})
        ),
        Ending.REPAIRED,
        applies=_lists_ids,
    ),
    FaultCase(
        "evidence that does not exist",
        _citing_unknown,
        Ending.ASKED_AGAIN,
        Ending.UNCITED,
        applies=_has_evidence,
    ),
    misread("a sale of shares that are not held", _impossible_order, applies=_plans),
)
