"""Replies whose JSON object is written with common faults."""

from .builders import Case, again, first_text, repaired, text

WRITING: tuple[Case, ...] = (
    repaired(
        "trailing comma", "a comma before a closing bracket", lambda good, _: text(good)[:-1] + ",}", "trailing_comma"
    ),
    repaired(
        "full-width punctuation",
        "full-width punctuation between the values",
        lambda good, _: text(good).replace('", "', '"，"').replace('": "', '"： "'),
        "punctuation",
        "evidence",
        "rationale",
    ),
    repaired(
        "line break in a text",
        "a line break inside a text",
        lambda good, _: text({**good, first_text(good): "One\nline"}).replace("\\n", "\n"),
        "raw_control",
        expected=lambda good: {**good, first_text(good): "One\nline"},
    ),
    again(
        "key twice",
        "a field that is given twice with different values",
        lambda good, _: f'{{"{first_text(good)}": "Not at all.", {text(good)[1:]}',
    ),
    repaired("list of one", "a list around the object", lambda good, _: f"[{text(good)}]", "array_of_one"),
    repaired("wrapper", "an object of one field around it", lambda good, _: text({"answer": good}), "wrapper"),
    repaired(
        "function call as text",
        "the call of the answer's function, written as text",
        lambda good, _: text({"name": "submit_answer", "arguments": good}),
        "tool_call",
    ),
    repaired(
        "function call with JSON text",
        "the same with its arguments as JSON text",
        lambda good, _: f"<tool_call>{text({'name': 'submit_answer', 'arguments': text(good)})}</tool_call>",
        "tool_call json_in_text prose",
    ),
    repaired(
        "extra fields",
        "fields that were not asked for",
        lambda good, _: text({**good, "reasoning": "because", "ticker": "CALDR"}),
        "extra_key",
    ),
    again(
        "field in two spellings",
        "a field in two spellings with different values",
        lambda good, _: text({**good, first_text(good).upper(): "Not at all."}),
    ),
)
"""How the object is written."""
