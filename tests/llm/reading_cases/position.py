"""Replies with one answer among other text: thoughts, prose, fences, drafts, function calls."""

from .builders import CUT, Case, Result, accepted, again, fenced, first_text, repaired, text

REPLIES: tuple[Case, ...] = (
    accepted("bare", "one JSON object", "{good}"),
    accepted("blank lines", "blank lines around the object", "\n\n {good}\n\n"),
    Case(
        "tag in a text",
        "a thought tag inside a text of the object",
        lambda good, _: text({**good, first_text(good): "a <think> tag"}),
        Result.ACCEPTED,
        expected=lambda good: {**good, first_text(good): "a <think> tag"},
    ),
    repaired("prose", "words around the object", "Certainly. {good} Good luck!", "prose"),
    repaired(
        "braces in prose",
        "braces in the words before the object",
        "I weighed {momentum} and {value} first.\n{good}",
        "prose",
    ),
    repaired("fence", "a Markdown fence", "{fenced}", "fence"),
    repaired("fence of any language", "a fence of another language", lambda good, _: fenced(good, "python"), "fence"),
    repaired(
        "other fence first",
        "a fence that holds no JSON before the one that does",
        "Table:\n```text\nclose 72.5\n```\nAnswer:\n{fenced}",
        "fence prose",
    ),
    *(
        repaired(
            f"thought {start}",
            f"a thought in `{start}` and `{end}`",
            f"{start}maybe {{other}} {end}\n{{good}}",
            "thought",
        )
        for start, end in (
            ("<think>", "</think>"),
            ("<thinking>", "</thinking>"),
            ("<THOUGHT>", "</THOUGHT>"),
            ("<reasoning effort='high'>", "</reasoning>"),
            ("<scratchpad>", "</scratchpad>"),
            ("<seed:think>", "</seed:think>"),
            ("[THINK]", "[/THINK]"),
            ("◁think▷", "◁/think▷"),
            ("<|begin_of_thought|>", "<|end_of_thought|>"),
        )
    ),
    repaired(
        "thought opened by the template",
        "a thought that is closed and was opened in the prompt",
        "maybe {other}</think>{good}",
        "thought",
    ),
    repaired(
        "harmony channels",
        "the channels of the harmony format",
        "<|channel|>analysis<|message|>maybe {other}<|end|><|start|>assistant"
        "<|channel|>final<|message|>{good}<|return|>",
        "thought",
    ),
    again(
        "harmony without a final channel",
        "harmony channels without a final one",
        "<|channel|>analysis<|message|>maybe {good}<|end|>",
    ),
    again("thought alone", "an object inside a thought, and nothing after it", "<think>{good}</think>"),
    again(
        "thought not closed",
        "an object inside a thought that is not closed",
        "<think>One option would be {good} but on reflection",
    ),
    again(
        "answer before an open thought",
        "an object before a thought that is not closed",
        "{good}\n<think>but the evidence points the other way",
    ),
    again(
        "thought cut off",
        "a draft inside a thought that was cut off at the length limit",
        CUT | {"content": "<think>One option would be {good} but on reflection I will"},
    ),
    again("cut off after the object", "an object at the length limit", CUT | {"content": "{good}"}),
    again(
        "cut off after a draft",
        "a fenced draft, and words cut off at the length limit",
        CUT | {"content": "First draft:\n{fenced}\nOn reflection the evidence"},
    ),
    repaired(
        "draft, then final",
        "an announced draft, then the final answer",
        "First draft:\n{fenced_other}\nOn reflection that is wrong. Final answer:\n{fenced}",
        "fence prose earlier_object",
    ),
    repaired("the same twice", "the same answer twice", "{good}\nTo repeat:\n{fenced}", "fence prose repeated_object"),
    again("two answers", "two different answers", "{other}\n{good}"),
    again("two answers in a list", "a list of two answers", "[{other}, {good}]"),
    again("draft alone", "a draft and no final answer", "First draft:\n{fenced}"),
    again("taken back", "an object that the next words take back", "{good}\nOn reflection that is wrong."),
    again(
        "final answer not finished",
        "a draft, then a final answer that ends in the middle",
        lambda good, other: f"Draft: {text(other)}\nFinal answer: {text(good)[:-9]}",
    ),
    again(
        "final answer invalid",
        "a valid draft, then a final answer that is no JSON",
        lambda good, other: f"Draft: {text(other)}\nFinal answer: {text(good).replace(':', ' is', 1)}",
    ),
    repaired(
        "reasoning field",
        "no content; the field `reasoning` ends with the one object",
        {"content": None, "reasoning": "Thinking… final: {good}"},
        "reasoning_field prose",
    ),
    repaired(
        "reasoning_content field",
        "no content; the field `reasoning_content` ends with the one object",
        {"content": "", "reasoning_content": "{good}"},
        "reasoning_field",
    ),
    again(
        "two objects in the reasoning",
        "no content; the reasoning holds two objects",
        {"content": None, "reasoning": "maybe {other}, final: {good}"},
    ),
    again(
        "reasoning goes on",
        "no content; the reasoning goes on after the object",
        {"content": None, "reasoning": "One way: {good} and then there is the risk"},
    ),
    again(
        "reasoning cut off",
        "no content; the reasoning was cut off at the length limit",
        CUT | {"content": None, "reasoning": "{good}"},
    ),
    again("empty", "no text at all", ""),
    again("blanks", "blanks alone", " \n\t "),
    again("no JSON", "words without an object", "I would rather buy."),
    again("other JSON", "an object with none of the fields", '{"weather": "fine"}'),
)
"""The position of the answer in the reply."""
