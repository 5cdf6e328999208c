"""What the roles that propose instructions are shown: the scored history of texts, and the decisions of a week."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ....prompts.variants import required_names

OPTIMIZER, REFLECTOR = "prompt_optimizer", "weekly_reflector"
"""The prompts of the roles."""
MOST_SHOWN = 10
HEADING = "Reflection on recent sessions:"


@dataclass(frozen=True, slots=True)
class ScoredText:
    """A text that was tried; `score` is None if it was never used, `status` says what became of it."""

    score: float | None
    status: str
    text: str


def optimizer_inputs(prompt_id: str, original: str, incumbent: str, tried: Sequence[ScoredText]) -> Mapping[str, str]:
    """Return the inputs of the optimizer: at most MOST_SHOWN texts, the best last, those without a score first.

    `original` is the static block of the prompt, whose names in backticks every text must keep.
    """
    ordered = sorted(tried, key=lambda each: -1.0 if each.score is None else each.score)[-MOST_SHOWN:]
    return {
        "prompt": prompt_id,
        "names": ", ".join(f"`{name}`" for name in required_names(original)) or "none",
        "incumbent": incumbent,
        "history": "\n\n".join(f"[{_score(each.score)}, {each.status}]\n{each.text}" for each in ordered) or "none",
    }


def reflection_inputs(prompt_id: str, week: str, decisions: str) -> Mapping[str, str]:
    """Return the inputs of the weekly reflector; `decisions` has one line for each decision of the week."""
    return {"prompt": prompt_id, "week": week, "decisions": decisions}


def with_reflection(block: str, reflection: str) -> str:
    """Return the original static block with a reflection added."""
    return f"{block}\n\n{HEADING}\n{reflection.strip()}"


def _score(score: float | None) -> str:
    return "not evaluated" if score is None else f"score {score:.1f}"
