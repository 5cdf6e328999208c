"""The kinds of memory that can be chosen by name."""

from ..domain.errors import ConfigError
from .preset import Credit, Preset, Rung, Smooth, Stepped, Weights
from .record import Layer, Source

HOME = {
    Source.NEWS: Layer.SHORT,
    Source.QUARTERLY: Layer.MID,
    Source.ANNUAL: Layer.LONG,
    Source.THESIS: Layer.REFLECTION,
    Source.PRICE_REFLECTION: Layer.REFLECTION,
    Source.TRADE_REFLECTION: Layer.REFLECTION,
    Source.BELIEF: Layer.REFLECTION,
}
OWN_WORDS = (Source.THESIS, Source.PRICE_REFLECTION, Source.TRADE_REFLECTION, Source.BELIEF)
HALF = dict.fromkeys(Layer, 0.5)
WHOLE = dict.fromkeys(Layer, 1.0)
THIRDS = Weights(relevance=1 / 3, recency=1 / 3, strength=1 / 3, outcome=0.0)


def _start(news: float, quarterly: float, annual: float, own: float) -> dict[Source, float]:
    filed = {Source.NEWS: news, Source.QUARTERLY: quarterly, Source.ANNUAL: annual}
    return filed | dict.fromkeys(OWN_WORDS, own)


DEFAULT = Preset(
    name="default",
    says="Our own: fades in closed form by source, learns from outcomes of both signs, and repeats exactly.",
    weights=Weights(relevance=0.45, recency=0.20, strength=0.20, outcome=0.15),
    home=HOME,
    fading=Smooth(
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
    quotas=HALF,
)
FINMEM = Preset(
    name="finmem",
    says="The constants of FinMem's code (arXiv:2311.13743); importance starts at the upper median of its random draw.",
    weights=THIRDS,
    home=HOME,
    fading=Stepped(
        start=_start(70, 60, 80, 80),
        rungs={
            Layer.SHORT: Rung(3, 0.92, promote=60),
            Layer.MID: Rung(90, 0.967, promote=80, demote=60),
            Layer.LONG: Rung(365, 0.988, demote=80),
            Layer.REFLECTION: Rung(365, 0.988),
        },
        credit=Credit.COUNTER,
        credit_points=5,
    ),
    quotas=HALF,
    diversity=1.0,
)
INVESTOR_BENCH = Preset(
    name="investor-bench",
    says="The constants of InvestorBench's code (arXiv:2412.18174).",
    weights=THIRDS,
    home=HOME,
    fading=Stepped(
        start=_start(50, 60, 90, 80),
        rungs={
            Layer.SHORT: Rung(3, 0.92, promote=55),
            Layer.MID: Rung(90, 0.96, promote=85, demote=55),
            Layer.LONG: Rung(365, 0.96, demote=85),
            Layer.REFLECTION: Rung(365, 0.98),
        },
        credit=Credit.SIGN,
        credit_points=18,
    ),
    quotas=HALF,
    diversity=1.0,
)
_FACTOR_DAYS = 33.0  # exp(-1/33) = 0.970: one factor for recency and importance
FINCON = Preset(
    name="fincon",
    says="FinCon's rule (arXiv:2407.06567): one factor a day for all; the paper names no value, 0.97 is ours.",
    weights=Weights(relevance=0.5, recency=0.0, strength=0.5, outcome=0.0),
    home=HOME,
    fading=Stepped(
        start=_start(50, 60, 80, 80),
        rungs=dict.fromkeys(Layer, Rung(_FACTOR_DAYS, 0.97)),
        credit=Credit.GOOD_ONLY,
        credit_points=5,
        least_recency=0.0,
    ),
    quotas=WHOLE,
    diversity=1.0,
)
PRESETS = {preset.name: preset for preset in (DEFAULT, FINMEM, INVESTOR_BENCH, FINCON)}


def find_preset(name: str) -> Preset:
    """Return a preset; raises ConfigError for a name that there is not."""
    if name not in PRESETS:
        raise ConfigError(f"there is no memory preset {name!r}; use one of {', '.join(PRESETS)}")
    return PRESETS[name]
