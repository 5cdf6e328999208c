"""The ballots of a role that is asked several times: how many of its answers take each side."""

from typing import Annotated, ClassVar

from pydantic import Field

from .outputs import StructuredOutput


class AnswerBallot(StructuredOutput):
    """The number of answers with one option, such as a direction or a rating; empty for answers without a side."""

    schema_name: ClassVar[str] = "AnswerBallot"

    option: str
    count: Annotated[int, Field(ge=1)]


class AnswerBallots(StructuredOutput):
    """The counted answers of one role, the option with most answers first."""

    schema_name: ClassVar[str] = "AnswerBallots"

    ballots: Annotated[tuple[AnswerBallot, ...], Field(min_length=1)]
