"""The table of repairs: each changes how an answer is written, and none changes what it says."""

from dataclasses import dataclass
from enum import StrEnum


class RepairStage(StrEnum):
    """What a repair works on."""

    REPLY = "reply"
    JSON = "JSON text"
    STRUCTURE = "structure"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class Repair:
    """One kind of repair.

    Attributes:
        name: the stored name.
        text: what was done, in words.
    """

    name: str
    stage: RepairStage
    text: str


@dataclass(frozen=True, slots=True)
class AppliedRepair:
    """A repair of one answer; `place` is the path of the field, empty for the whole answer."""

    repair: Repair
    place: str = ""

    @property
    def text(self) -> str:
        """Return what was done, with the place."""
        return f"{self.place}: {self.repair.text}" if self.place else self.repair.text

    def note(self, role: str) -> str:
        """Return the note for the decision; what is around an answer is noted once, not for each role."""
        if self.repair.stage in (RepairStage.REPLY, RepairStage.JSON):
            return f"answers repaired: {self.repair.text}"
        return f"answer of {role} repaired: {self.text}"


THOUGHT = Repair("thought", RepairStage.REPLY, "a thought beside the answer was left out")
PROSE = Repair("prose", RepairStage.REPLY, "words around the JSON object were left out")
FENCE = Repair("fence", RepairStage.REPLY, "a Markdown fence was removed")
EARLIER_OBJECT = Repair("earlier_object", RepairStage.REPLY, "a draft before the final answer was left out")
REPEATED_OBJECT = Repair("repeated_object", RepairStage.REPLY, "a repetition of the same answer was left out")
REASONING_FIELD = Repair("reasoning_field", RepairStage.REPLY, "the answer was taken from the reasoning field")
PUNCTUATION = Repair("punctuation", RepairStage.JSON, "full-width punctuation was replaced")
TRAILING_COMMA = Repair("trailing_comma", RepairStage.JSON, "a trailing comma was removed")
RAW_CONTROL = Repair("raw_control", RepairStage.JSON, "a line break inside a text was escaped")
JSON_IN_TEXT = Repair("json_in_text", RepairStage.JSON, "JSON inside a JSON text was unpacked")
WRAPPER = Repair("wrapper", RepairStage.STRUCTURE, "an object around the answer was removed")
ARRAY_OF_ONE = Repair("array_of_one", RepairStage.STRUCTURE, "a list around the answer was removed")
TOOL_CALL = Repair("tool_call", RepairStage.STRUCTURE, "a function call around the answer was removed")
EXTRA_KEY = Repair("extra_key", RepairStage.STRUCTURE, "a field that was not asked for was dropped")
OMITTED_NULL = Repair("omitted_null", RepairStage.STRUCTURE, "a field that was left out is null")
IDLE_ORDER = Repair("idle_order", RepairStage.STRUCTURE, "an order to hold, or of quantity zero, was dropped")
NO_RATIONALE = Repair("no_rationale", RepairStage.STRUCTURE, "no orders, and no reason was given")
SINGLE_FOR_LIST = Repair("single_for_list", RepairStage.VALUE, "a single value was read as a list of one")
LIST_AS_TEXT = Repair("list_as_text", RepairStage.VALUE, "a list written as a text was read as a list")
NULL_FOR_LIST = Repair("null_for_list", RepairStage.VALUE, "null was read as an empty list")
NULL_AS_TEXT = Repair("null_as_text", RepairStage.VALUE, "a text that says null was read as null")
ENUM_SPELLING = Repair("enum_spelling", RepairStage.VALUE, "case, blanks or brackets of a term were corrected")
SYNONYM = Repair("synonym", RepairStage.VALUE, "a term was translated by the table of synonyms")
NUMBER_AS_TEXT = Repair("number_as_text", RepairStage.VALUE, "a number was read from a text")
PERCENT = Repair("percent", RepairStage.VALUE, "a percentage was read as a share")
ID_BRACKETS = Repair("id_brackets", RepairStage.VALUE, "brackets, quotes or blanks around an id were removed")
REPEATED_ID = Repair("repeated_id", RepairStage.VALUE, "an id that was given twice is listed once")
CONTROL_CHARACTERS = Repair("control_characters", RepairStage.VALUE, "invisible characters were removed")

REPAIRS: tuple[Repair, ...] = (
    THOUGHT,
    PROSE,
    FENCE,
    EARLIER_OBJECT,
    REPEATED_OBJECT,
    REASONING_FIELD,
    PUNCTUATION,
    TRAILING_COMMA,
    RAW_CONTROL,
    JSON_IN_TEXT,
    WRAPPER,
    ARRAY_OF_ONE,
    TOOL_CALL,
    EXTRA_KEY,
    OMITTED_NULL,
    IDLE_ORDER,
    NO_RATIONALE,
    SINGLE_FOR_LIST,
    LIST_AS_TEXT,
    NULL_FOR_LIST,
    NULL_AS_TEXT,
    ENUM_SPELLING,
    SYNONYM,
    NUMBER_AS_TEXT,
    PERCENT,
    ID_BRACKETS,
    REPEATED_ID,
    CONTROL_CHARACTERS,
)
