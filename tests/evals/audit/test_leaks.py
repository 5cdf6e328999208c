"""Knowledge of the future is found in data and in prompts, and an honest desk has none."""

import pytest
from cheating_source import TomorrowsClose
from leaking_source import LeakingSource
from openoutcry.domain.market import Interval
from openoutcry.domain.trading_calendar import trading_calendar
from openoutcry.evals.audit.altered_markets import SpoiltFuture
from openoutcry.evals.audit.leaks import prompts_without_future, time_travel
from openoutcry.evals.audit.observation import observe
from openoutcry.prompts.library import BUILT_IN as PROMPTS


def test_an_honest_desk_has_the_same_prompts_and_decisions_with_a_spoilt_future(subject):
    found = time_travel(subject())
    assert (found.name, found.verdict) == ("time travel", "passed")
    assert "4 decisions of each arm" in found.detail


def test_the_close_of_tomorrow_through_an_adapter_is_found(subject):
    found = time_travel(subject(adapter=TomorrowsClose))
    assert found.verdict == "failed"
    assert "depends on later data" in found.detail


@pytest.mark.parametrize("kind", ["bars", "news"])
def test_a_fact_that_is_dated_after_the_decision_is_found(subject, kind):
    found = time_travel(subject(adapter=lambda source: LeakingSource(source, kind)))
    assert found.verdict == "failed"
    assert "served a later fact" in found.detail


def test_prompts_are_rendered_and_compared(subject):
    audited = subject()
    track, moment = audited.arms[0], audited.sample()[1]
    seen = observe(audited.settings(track), audited.market(track), moment)
    assert len(seen.prompts) > 5
    assert any(str(moment.symbol) in text for text in seen.texts.values())


def test_a_spoilt_future_is_spoilt_and_the_past_is_not(subject):
    audited = subject()
    moment = audited.sample()[0]
    market = audited.market(audited.arms[0])
    later = trading_calendar("XNYS").close(audited.plan.sessions[-1])
    bars = [
        source.bars(moment.symbol, Interval.DAY, until=later, count=40)
        for source in (market, SpoiltFuture(market, moment.as_of))
    ]
    for plain, spoilt in zip(*bars, strict=True):
        assert (plain == spoilt) is (plain.known_at <= moment.as_of)
    assert bars[0] != bars[1]


def with_sentence(folder, sentence):
    folder.mkdir()
    text = (PROMPTS / "trader.md").read_text(encoding="utf-8")
    (folder / "trader.md").write_text(text.replace("## user", f"{sentence}\n\n## user"), encoding="utf-8")
    return ("debate: {desk: debate, model: rules}", f"debate: {{desk: debate, model: rules, prompts: {folder.name}}}")


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("Remember that prices crash on 2024-01-31.", "names the day 2024-01-31"),
        ("The board resigns on January 9, 2024.", "names the day 2024-01-09"),
    ],
)
def test_a_prompt_that_names_a_day_of_the_window_is_found(subject, tmp_path, sentence, said):
    found = prompts_without_future(subject(with_sentence(tmp_path / "mine", sentence)))
    assert found.verdict == "failed"
    assert said in found.detail
    assert "trader in debate" in found.detail


def test_a_prompt_that_names_a_closing_price_of_the_window_is_found(subject, tmp_path):
    audited = subject()
    until = trading_calendar("XNYS").close(audited.plan.sessions[10])
    [bar] = audited.market(audited.arms[0]).bars("CALDR", Interval.DAY, until=until, count=1)
    sentence = f"It will trade at {bar.close:.2f} soon."
    found = prompts_without_future(subject(with_sentence(tmp_path / "mine", sentence)))
    assert found.verdict == "failed"
    assert f"the closing price {bar.close:.2f} of CALDR on {bar.session}" in found.detail


@pytest.mark.parametrize("sentence", ["Fees fell in 2019-05-01.", "Risk at most 1.25 of the range.", "Be brief."])
def test_other_sentences_are_accepted(subject, tmp_path, sentence):
    assert prompts_without_future(subject(with_sentence(tmp_path / "mine", sentence))).verdict == "passed"
