"""The answers of the roles that learn for a desk: texts, reflections and beliefs."""

from typing import Annotated, ClassVar

from pydantic import Field

from .outputs import StructuredOutput, Text


class PromptProposal(StructuredOutput):
    """A new text for the static block of a prompt, with its reasons."""

    schema_name: ClassVar[str] = "PromptProposal"

    diagnosis: Text
    revised_instructions: Annotated[Text, Field(description="the whole new text")]
    changes: tuple[Text, ...]
    expected_effect: Text


class WeeklyReflection(StructuredOutput):
    """A reflection on one week of decisions."""

    schema_name: ClassVar[str] = "WeeklyReflection"

    reflection: Text


class BeliefEdit(StructuredOutput):
    """A new or changed belief about one source of information."""

    schema_name: ClassVar[str] = "BeliefEdit"

    source: Annotated[str, Field(description="the name of the source, as listed")]
    belief: Text


class BeliefEdits(StructuredOutput):
    """What two episodes of trading teach about the sources of information; no edits where they teach nothing."""

    schema_name: ClassVar[str] = "BeliefEdits"

    explanation: Text
    edits: tuple[BeliefEdit, ...]
