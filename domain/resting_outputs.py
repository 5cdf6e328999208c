"""Order plans and answers of the single agent for an account with resting orders in the symbol.

Their schemas ask for an action on each resting order. Accounts without resting orders have the shorter schemas.
"""

from dataclasses import dataclass
from typing import Annotated, ClassVar

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from .outputs import (
    OrderPlan,
    OrderPlanWithLots,
    RestingInstructions,
    SingleAgentOutput,
    SingleAgentOutputWithLots,
)


@dataclass(frozen=True, slots=True)
class NeverNull:
    """Leaves null out of the JSON schema of an optional field, so that a model is asked for a value."""

    def __get_pydantic_json_schema__(self, core_schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return handler(core_schema["schema"] if core_schema["type"] == "nullable" else core_schema)


class OrderPlanWithResting(OrderPlan):
    """The trader's orders; an empty list is deliberate inaction, and `rationale` says why."""

    schema_name: ClassVar[str] = "RestingPlan"

    resting: Annotated[RestingInstructions | None, NeverNull()] = None


class OrderPlanWithLotsAndResting(OrderPlanWithLots):
    """The trader's orders; an empty list is deliberate inaction, and `rationale` says why."""

    schema_name: ClassVar[str] = "LotRestingPlan"

    resting: Annotated[RestingInstructions | None, NeverNull()] = None


class SingleAgentOutputWithResting(SingleAgentOutput):
    """Everything that a one-agent desk says: a thesis and the orders for it."""

    schema_name: ClassVar[str] = "SoloRestingAnswer"

    resting: Annotated[RestingInstructions | None, NeverNull()] = None


class SingleAgentOutputWithLotsAndResting(SingleAgentOutputWithLots):
    """Everything that a one-agent desk says: a thesis and the orders for it."""

    schema_name: ClassVar[str] = "SoloLotRestingAnswer"

    resting: Annotated[RestingInstructions | None, NeverNull()] = None


PLAN_CLASSES: dict[tuple[bool, bool], type[OrderPlan]] = {
    (False, False): OrderPlan,
    (True, False): OrderPlanWithLots,
    (False, True): OrderPlanWithResting,
    (True, True): OrderPlanWithLotsAndResting,
}
"""The class of a trader's plan, by whether the account has lots to name, and resting orders."""
ANSWER_CLASSES: dict[tuple[bool, bool], type[SingleAgentOutput]] = {
    (False, False): SingleAgentOutput,
    (True, False): SingleAgentOutputWithLots,
    (False, True): SingleAgentOutputWithResting,
    (True, True): SingleAgentOutputWithLotsAndResting,
}
"""The class of a single agent's answer, by whether the account has lots to name, and resting orders."""
