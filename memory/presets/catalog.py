"""The built-in memory presets, by name."""

from ...domain.errors import ConfigError
from ..record import Layer, Source
from .preset import (
    DailyStepParams,
    ExponentialParams,
    FeedbackRule,
    LayerParams,
    Preset,
    Weights,
)

DEFAULT_LAYERS = {
    Source.NEWS: Layer.SHORT,
    Source.QUARTERLY: Layer.MID,
    Source.ANNUAL: Layer.LONG,
    Source.THESIS: Layer.REFLECTION,
    Source.PRICE_REFLECTION: Layer.REFLECTION,
    Source.TRADE_REFLECTION: Layer.REFLECTION,
    Source.BELIEF: Layer.REFLECTION,
}
REFLECTION_SOURCES = (Source.THESIS, Source.PRICE_REFLECTION, Source.TRADE_REFLECTION, Source.BELIEF)
HALF_QUOTAS = dict.fromkeys(Layer, 0.5)
FULL_QUOTAS = dict.fromkeys(Layer, 1.0)
EQUAL_WEIGHTS = Weights(relevance=1 / 3, recency=1 / 3, strength=1 / 3, outcome=0.0)


def _start(news: float, quarterly: float, annual: float, own: float) -> dict[Source, float]:
    filed = {Source.NEWS: news, Source.QUARTERLY: quarterly, Source.ANNUAL: annual}
    return filed | dict.fromkeys(REFLECTION_SOURCES, own)


DEFAULT = Preset(
    name="default",
    description="Default: closed-form decay by source, feedback from outcomes of both signs, deterministic.",
    weights=Weights(relevance=0.45, recency=0.20, strength=0.20, outcome=0.15),
    initial_layer=DEFAULT_LAYERS,
    decay=ExponentialParams(
        start={
            Source.NEWS: 0.50,
            Source.QUARTERLY: 0.65,
            Source.ANNUAL: 0.80,
            Source.THESIS: 0.60,
            Source.PRICE_REFLECTION: 0.60,
            Source.TRADE_REFLECTION: 0.75,
            Source.BELIEF: 0.80,
        },
        half_life={
            Source.NEWS: 7,
            Source.QUARTERLY: 90,
            Source.ANNUAL: 365,
            Source.THESIS: 30,
            Source.PRICE_REFLECTION: 90,
            Source.TRADE_REFLECTION: 180,
            Source.BELIEF: None,
        },
    ),
    quotas=HALF_QUOTAS,
)
FINMEM = Preset(
    name="finmem",
    description="The constants of FinMem's code (arXiv:2311.13743); importance starts at the upper median of its draw.",
    weights=EQUAL_WEIGHTS,
    initial_layer=DEFAULT_LAYERS,
    decay=DailyStepParams(
        start=_start(70, 60, 80, 80),
        rungs={
            Layer.SHORT: LayerParams(3, 0.92, promote=60),
            Layer.MID: LayerParams(90, 0.967, promote=80, demote=60),
            Layer.LONG: LayerParams(365, 0.988, demote=80),
            Layer.REFLECTION: LayerParams(365, 0.988),
        },
        credit=FeedbackRule.COUNTER,
        credit_points=5,
    ),
    quotas=HALF_QUOTAS,
    diversity=1.0,
)
INVESTOR_BENCH = Preset(
    name="investor-bench",
    description="The constants of InvestorBench's code (arXiv:2412.18174).",
    weights=EQUAL_WEIGHTS,
    initial_layer=DEFAULT_LAYERS,
    decay=DailyStepParams(
        start=_start(50, 60, 90, 80),
        rungs={
            Layer.SHORT: LayerParams(3, 0.92, promote=55),
            Layer.MID: LayerParams(90, 0.96, promote=85, demote=55),
            Layer.LONG: LayerParams(365, 0.96, demote=85),
            Layer.REFLECTION: LayerParams(365, 0.98),
        },
        credit=FeedbackRule.SIGN,
        credit_points=18,
    ),
    quotas=HALF_QUOTAS,
    diversity=1.0,
)
_FACTOR_DAYS = 33.0  # exp(-1/33) = 0.970: one factor for recency and importance
FINCON = Preset(
    name="fincon",
    description="FinCon's rule (arXiv:2407.06567): one daily factor for all; the paper gives none, so 0.97 is used.",
    weights=Weights(relevance=0.5, recency=0.0, strength=0.5, outcome=0.0),
    initial_layer=DEFAULT_LAYERS,
    decay=DailyStepParams(
        start=_start(50, 60, 80, 80),
        rungs=dict.fromkeys(Layer, LayerParams(_FACTOR_DAYS, 0.97)),
        credit=FeedbackRule.GOOD_ONLY,
        credit_points=5,
        least_recency=0.0,
    ),
    quotas=FULL_QUOTAS,
    diversity=1.0,
)
PRESETS = {preset.name: preset for preset in (DEFAULT, FINMEM, INVESTOR_BENCH, FINCON)}


def find_preset(name: str) -> Preset:
    """Return the preset `name`; raises ConfigError if it does not exist."""
    if name not in PRESETS:
        raise ConfigError(f"unknown memory preset {name!r}; use one of {', '.join(PRESETS)}")
    return PRESETS[name]
