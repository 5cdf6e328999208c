"""GEPA through its package: the same attempts, shadow evaluation and judgement; a clear error without the package."""

from importlib.util import find_spec

import pytest
from openoutcry.domain.errors import ConfigError
from openoutcry.evals.optimize import gepa_search
from openoutcry.evals.optimize.optimization_service import OptimizationState
from openoutcry.prompts.library import load_prompts
from stub_trader import CASH, SHORT, StubDesk, with_sentence


def test_without_the_package_the_error_names_the_command_that_installs_it(written, optimized, monkeypatch):
    monkeypatch.setattr(gepa_search, "find_spec", lambda _name: None)
    with pytest.raises(ConfigError, match=r"install it with: pip install 'openoutcry\[gepa\]'"):
        optimized(written(), StubDesk(with_sentence(CASH)), method="gepa")


@pytest.mark.skipif(find_spec("gepa") is None, reason="the extra gepa is not installed")
def test_gepa_finds_the_better_text_from_feedback_on_accounts(written, optimized):
    desk = StubDesk(with_sentence("Look at {{evidence}}."), with_sentence(CASH), with_sentence(SHORT))
    result, _ = optimized(written(("[HALDM]", "[HALDM, SOLVK]")), desk, method="gepa")
    assert [str(each.status) for each in result.attempts] == ["rejected", "adopted", "adopted"]
    assert result.state is OptimizationState.JUDGED
    assert load_prompts(result.winner).get("single_agent").system.endswith(SHORT)
    assert "buy-and-hold" in desk.asked[0].prompt
    assert "return that followed" in desk.asked[0].prompt
    again, _ = optimized(written(("[HALDM]", "[HALDM, SOLVK]")), desk, method="gepa")
    assert again.attempts == result.attempts
    assert len(desk.asked) == 3
