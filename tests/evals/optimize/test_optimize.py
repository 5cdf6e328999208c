"""Optimization of a prompt: better texts are found, others are refused or rolled back, the window is used once."""

from openoutcry.evals.optimize.attempt import AttemptStatus
from openoutcry.evals.optimize.optimization_service import OptimizationState
from stub_trader import CASH, FICKLE, SHORT, StubDesk, with_sentence


def test_the_better_text_is_found_and_judged_on_the_window(written, optimized):
    desk = StubDesk(with_sentence("Be polite."), with_sentence(CASH), with_sentence(SHORT))
    result, _ = optimized(written(), desk)
    print([(a.status, a.score, a.incumbent_score, a.shadow_score, a.incumbent_shadow_score, a.reason) for a in result.attempts], result.original_score)
    assert [each.status for each in result.attempts] == [
        AttemptStatus.NOT_BETTER,
        AttemptStatus.ADOPTED,
        AttemptStatus.ADOPTED,
    ]
    assert result.state is OptimizationState.JUDGED
    print(result.judged.comparisons, result.differences)
