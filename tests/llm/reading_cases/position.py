"""Replies with one answer among other text: thoughts, prose, fences, drafts, function calls."""

from .builders import CUT, Case, Result, accepted, again, fenced, first_text, repaired, text

REPLIES: tuple[Case, ...] = (
    accepted("bare", "one JSON object", lambda good, _: text(good)),
    accepted("blank lines", "blank lines around the object", lambda good, _: f"\n\n {text(good)}\n\n"),
    Case(
        "tag in a text",
        "a thought tag inside a text of the object",
        lambda good, _: text({**good, first_text(good): "a <think> tag"}),
        Result.ACCEPTED,
        expected=lambda good: {**good, first_text(good): "a <think> tag"},
    ),
    repaired("prose", "words around the object", lambda good, _: f"Certainly. {text(good)} Good luck!", "prose"),
    repaired(
        "braces in prose",
        "braces in the words before the object",
        lambda good, _: f"I weighed {{momentum}} and {{value}} first.\n{text(good)}",
        "prose",
    ),
    repaired("fence", "a Markdown fence", lambda good, _: fenced(good), "fence"),
    repaired("fence of any language", "a fence of another language", lambda good, _: fenced(good, "python"), "fence"),
    repaired(
        "other fence first",
        "a fence that holds no JSON before the one that does",
        lambda good, _: f"Table:\n```text\nclose 72.5\n```\nAnswer:\n{fenced(good)}",
        "fence prose",
    ),
    *(
        repaired(
            f"thought {start}",
            f"a thought in `{start}` and `{end}`",
            lambda good, other, start=start, end=end: f"{start}maybe {text(other)} {end}\n{text(good)}",
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
        lambda good, other: f"maybe {text(other)}</think>{text(good)}",
        "thought",
    ),
    repaired(
        "harmony channels",
        "the channels of the harmony format",
        lambda good, other: (
            f"<|channel|>analysis<|message|>maybe {text(other)}<|end|><|start|>assistant"
            f"<|channel|>final<|message|>{text(good)}<|return|>"
        ),
        "thought",
    ),
    again(
        "harmony without a final channel",
        "harmony channels without a final one",
        lambda good, _: f"<|channel|>analysis<|message|>maybe {text(good)}<|end|>",
    ),
    again(
        "thought alone",
        "an object inside a thought, and nothing after it",
        lambda good, _: f"<think>{text(good)}</think>",
    ),
    again(
        "thought not closed",
        "an object inside a thought that is not closed",
        lambda good, _: f"<think>One option would be {text(good)} but on reflection",
    ),
    again(
        "answer before an open thought",
        "an object before a thought that is not closed",
        lambda good, _: f"{text(good)}\n<think>but the evidence points the other way",
    ),
    again(
        "thought cut off",
        "a draft inside a thought that was cut off at the length limit",
        lambda good, _: CUT | {"content": f"<think>One option would be {text(good)} but on reflection I will"},
    ),
    again("cut off after the object", "an object at the length limit", lambda good, _: CUT | {"content": text(good)}),
    again(
        "cut off after a draft",
        "a fenced draft, and words cut off at the length limit",
        lambda good, _: CUT | {"content": f"First draft:\n{fenced(good)}\nOn reflection the evidence"},
    ),
    repaired(
        "draft, then final",
        "an announced draft, then the final answer",
        lambda good, other: (
            f"First draft:\n{fenced(other)}\nOn reflection that is wrong. Final answer:\n{fenced(good)}"
        ),
        "fence prose earlier_object",
    ),
    repaired(
        "the same twice",
        "the same answer twice",
        lambda good, _: f"{text(good)}\nTo repeat:\n{fenced(good)}",
        "fence prose repeated_object",
    ),
    again("two answers", "two different answers", lambda good, other: f"{text(other)}\n{text(good)}"),
    again("two answers in a list", "a list of two answers", lambda good, other: f"[{text(other)}, {text(good)}]"),
    again("draft alone", "a draft and no final answer", lambda good, _: f"First draft:\n{fenced(good)}"),
    again(
        "taken back",
        "an object that the next words take back",
        lambda good, _: f"{text(good)}\nOn reflection that is wrong.",
    ),
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
        lambda good, _: {"content": None, "reasoning": f"Thinking… final: {text(good)}"},
        "reasoning_field prose",
    ),
    repaired(
        "reasoning_content field",
        "no content; the field `reasoning_content` ends with the one object",
        lambda good, _: {"content": "", "reasoning_content": text(good)},
        "reasoning_field",
    ),
    again(
        "two objects in the reasoning",
        "no content; the reasoning holds two objects",
        lambda good, other: {"content": None, "reasoning": f"maybe {text(other)}, final: {text(good)}"},
    ),
    again(
        "reasoning goes on",
        "no content; the reasoning goes on after the object",
        lambda good, _: {"content": None, "reasoning": f"One way: {text(good)} and then there is the risk"},
    ),
    again(
        "reasoning cut off",
        "no content; the reasoning was cut off at the length limit",
        lambda good, _: CUT | {"content": None, "reasoning": text(good)},
    ),
    again("empty", "no text at all", lambda *_: ""),
    again("blanks", "blanks alone", lambda *_: " \n\t "),
    again("no JSON", "words without an object", lambda *_: "I would rather buy."),
    again("other JSON", "an object with none of the fields", lambda *_: '{"weather": "fine"}'),
)
"""The position of the answer in the reply."""
