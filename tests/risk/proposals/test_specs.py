"""The sections of desk files: strict, and wide enough for the published systems."""

import pytest
from openoutcry.domain.errors import ConfigError
from openoutcry.domain.proposal import DecisionKind
from openoutcry.risk.proposals.combinations import check_combination
from pydantic import ValidationError

from tests.risk.proposals.builders import RULES

STEPS = {"buy": 1, "overweight": 0.5, "hold": "keep", "underweight": "half", "sell": 0}
MULTIPLES = {"aggressive": 3, "balanced": 2, "conservative": 1}
PUBLISHED = {
    "tradingagents": ("rating", {"sizing": {"kind": "rating_map", "map": STEPS}}),
    "atlas": ("orders", {"execution": {"tif": "day"}}),
    "finmem": ("direction", {"sizing": {"kind": "unit"}}),
    "investorbench": ("direction", {"sizing": {"kind": "all_in"}, "hold": "flat"}),
    "fincon": ("direction", {"sizing": {"kind": "all_in", "overlays": ["cvar"]}}),
    "fincon_portfolio": ("direction", {"sizing": {"kind": "mean_variance"}}),
    "tradinggroup": (
        "direction",
        {
            "sizing": {"kind": "all_in", "overlays": ["style"]},
            "exits": {"kind": "vol_multiple", "stop": MULTIPLES, "target": MULTIPLES},
        },
    ),
    "quantagent": (
        "direction",
        {
            "sizing": {"kind": "all_in"},
            "exits": {"kind": "bracket", "stop": "0.0005"},
            "forced": True,
            "reward_to_risk": [1.2, 1.8],
        },
    ),
    "mmdrex": ("exposure", {"sizing": {"overlays": [{"kind": "turnover", "penalty": 0.1}]}}),
    "lm_guided": ("exposure", {"sizing": {"kind": "vol_target", "overlays": ["guide"]}}),
    "finrl_deepseek": ("exposure", {"sizing": {"overlays": ["sentiment"]}}),
    "contesttrade": ("signals", {"sizing": {"kind": "positive_sharpe"}}),
    "deepfund": ("ratio", {}),
    "stockbench": ("target_cash", {}),
    "livetradebench": ("allocation", {}),
    "sentiment_mv": (
        "rating",
        {
            "sizing": {
                "kind": "mean_variance",
                "risk_aversion": 2,
                "cap": 0.4,
                "turnover": 0.8,
                "fully_invested": True,
                "views": True,
                "prices": 181,
                "shrinkage": 0,
            }
        },
    ),
    "finrobot": ("report", {}),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_published_systems_can_be_written_down(name):
    kind, sections = PUBLISHED[name]
    stated = RULES.validate_python(sections)
    check_combination(DecisionKind(kind), stated)
    assert RULES.validate_python(RULES.dump_python(stated, mode="json")) == stated


def test_overlays_need_sizes_that_they_can_change():
    with pytest.raises(ConfigError, match="decision orders has no sizes that overlays could change"):
        check_combination(DecisionKind.ORDERS, RULES.validate_python({"sizing": {"overlays": ["cvar"]}}))


@pytest.mark.parametrize(
    "section",
    [
        {"sizing": {"kind": "kelly"}},
        {"sizing": {"kind": "unit", "share": 1}},
        {"sizing": {"kind": "unit", "shares": 0}},
        {"sizing": {"kind": "all_in", "overlays": ["luck"]}},
        {"sizing": {"kind": "all_in", "overlays": ["turnover"]}},
        {"sizing": {"kind": "rating_map", "map": {"buy": 1}}},
        {"sizing": {"kind": "rating_map", "map": {"buy": 2, "sell": 0}}},
        {"sizing": {"kind": "as_decided", "cap": "NaN"}},
        {"exits": {"kind": "bracket"}},
        {"exits": {"kind": "horizon", "sessions": 0}},
        {"execution": {"kind": "next_open", "tif": "fok"}},
        {"execution": {"kind": "almgren_chriss", "risk_aversion": -1, "impact": 1}},
        {"execution": {"kind": "almgren_chriss", "risk_aversion": 1, "impact": 0}},
        {"execution": {"kind": "almgren_chriss", "impact": 1}},
        {"execution": {"kind": "twap", "impact": 1}},
        {"execution": {"kind": "pov"}},
        {"hold": "sell"},
    ],
    ids=str,
)
def test_sections_are_strict(section):
    with pytest.raises(ValidationError):
        RULES.validate_python(section)
