"""The rules that answer for the roles which learn: they state what happened, and a fixed remedy.

A desk of rules reads no prompt, so that its texts change no decision.
"""

from ...domain.learning_outputs import PromptProposal, WeeklyReflection

EVEN = 50.0
"""The score of buy-and-hold."""
CAUTION = "Take a smaller position unless several sources agree."
PATIENCE = "Keep a position while its reasons hold."


def propose_by_rule(incumbent: str, score: float | None, best: str) -> PromptProposal:
    """Return the text with the best score; if it is in force, the text in force with one fixed sentence more.

    The sentence asks for caution if the score is below that of buy-and-hold, and for patience otherwise.
    """
    if best != incumbent:
        return PromptProposal(
            diagnosis="Another text has a better mean score.",
            revised_instructions=best,
            changes=("Returned to the text with the best mean score.",),
            expected_effect="The score of that text.",
        )
    sentence = PATIENCE if score is not None and score >= EVEN else CAUTION
    text = incumbent if sentence in incumbent else f"{incumbent}\n\n{sentence}"
    return PromptProposal(
        diagnosis=f"The text in force scored {'nothing' if score is None else f'{score:.1f}'}; 50 is buy-and-hold.",
        revised_instructions=text,
        changes=(f"Added: {sentence}",),
        expected_effect="None for rules, which read no instructions.",
    )


def reflect_on_week_by_rule(decisions: str) -> WeeklyReflection:
    """Return a reflection that counts the decisions of a week."""
    return WeeklyReflection(reflection=f"{len(decisions.splitlines())} decisions were made; the outcomes are recorded.")
