"""Arms that override one prompt: only that text changes, and a useless sentence makes no difference."""

from openoutcry.evals.experiment_service import ExperimentService, RunnerKind
from openoutcry.evals.statistics.comparison import ArmVerdict
from openoutcry.prompts.library import load_prompts
from openoutcry.prompts.variants import write_variant
from stub_trader import CASH, LotteryDesk, StubDesk, with_sentence

TEXT = """
name: polite
universe: [HALDM, SOLVK]
window: {from: 2025-02-03, to: 2025-03-04}
seeds: [7, 11, 12]
account: {cash: 100000, margin: true}
arms:
  plain: {desk: single_agent, model: "openai:gpt-5-mini"}
  changed: {desk: single_agent, model: "openai:gpt-5-mini", prompts: changed}
"""


def compared(written, settings, stub, tmp_path, desk, sentence, *changes):
    library = load_prompts()
    write_variant(tmp_path / "changed", library.get("single_agent"), library, with_sentence(sentence), None)
    stub.responder = desk
    service = ExperimentService(settings, Silent(), output=tmp_path / "runs")
    return service.run(written(*changes, text=TEXT), RunnerKind.LOCAL, 1)


class Silent:
    """An ExperimentObserver that discards what it receives."""

    def notice(self, text):
        pass

    def started(self, plan, reused):
        pass

    def progress(self, progress):
        pass


def test_a_useless_sentence_makes_no_difference(written, settings, stub, tmp_path):
    result = compared(written, settings, stub, tmp_path, LotteryDesk(), "Be polite.")
    [found] = result.comparisons
    assert found.verdict is ArmVerdict.NO_DIFFERENCE
    assert found.interval.low < 0 < found.interval.high
    assert found.power.sessions_needed > found.sessions


def test_only_the_overridden_prompt_differs_between_the_arms(written, settings, stub, tmp_path):
    small = [("seeds: [7, 11, 12]", "seeds: [7]"), ("to: 2025-03-04", "to: 2025-02-04"), (", SOLVK", "")]
    result = compared(written, settings, stub, tmp_path, StubDesk(), CASH, *small)
    plain, changed = ({chat.prompt for chat in stub.chats if (CASH in chat.prompt) is own} for own in (False, True))
    assert len(plain) == len(changed) == 2
    assert {prompt.replace(f"\n\n{CASH}", "") for prompt in changed} & plain
    [change] = result.run.facts.prompt_changes
    assert (change.role, f"+{CASH}" in change.text) == ("single_agent", True)
    by_name = {track.name: track.outcomes for track in result.tracks}
    assert by_name == {"plain": {"orders": 2}, "changed": {"hold": 2}}
