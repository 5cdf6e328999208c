"""Replies as models write them, for every answer of the desk, and the expected result of reading each."""

from collections.abc import Mapping

from pydantic import BaseModel

from .builders import GOOD, Case
from .contradictions import CONTRADICTIONS
from .position import REPLIES
from .values import VALUES
from .writing import WRITING

SECTIONS: Mapping[str, tuple[Case, ...]] = {
    "The position of the answer": REPLIES,
    "How the object is written": WRITING,
    "The values of its fields": VALUES,
    "Contradictions": CONTRADICTIONS,
}
CASES: tuple[Case, ...] = tuple(case for cases in SECTIONS.values() for case in cases)
PAIRS: tuple[tuple[Case, type[BaseModel]], ...] = tuple(
    (case, answer) for case in CASES for answer in GOOD if case.applies(answer)
)
