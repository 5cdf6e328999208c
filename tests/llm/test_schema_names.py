"""The name of an answer's schema is written down: a renamed class sends the same request."""

from openoutcry.domain import outputs, resting_outputs
from openoutcry.domain.outputs import StructuredOutput
from openoutcry.llm.schema import answer_schema

SENT = {
    *("Argument", "Lesson", "LotOrder", "LotPlan", "OrderPlan", "PlannedOrder", "Report", "RiskOpinion", "RiskReview"),
    *("SoloAnswer", "SoloLotAnswer", "Thesis"),
    *("LotRestingPlan", "RestingInstruction", "RestingPlan", "SoloLotRestingAnswer", "SoloRestingAnswer"),
}
"""As requests on record spell them."""


def classes():
    found = {**vars(outputs), **vars(resting_outputs)}.values()
    kinds = (value for value in found if isinstance(value, type) and issubclass(value, StructuredOutput))
    return [kind for kind in kinds if kind is not StructuredOutput]


def test_schemas_are_sent_under_the_names_that_stored_requests_have():
    assert {answer_schema(kind).name for kind in classes()} == SENT
    assert len(classes()) == len(SENT)


def test_every_answer_writes_its_own_name():
    assert all("schema_name" in vars(kind) for kind in classes())
