"""How memories fade: in closed form, or in the daily steps of the systems that we compare with."""

from ..preset import Preset, ExponentialParams
from .port import Decay, DecayState
from .smooth import ExponentialDecay
from .stepped import DailyStepDecay

__all__ = ["Decay", "DecayState", "fading_of"]


def fading_of(preset: Preset) -> Decay:
    """Return the arithmetic that a preset asks for."""
    if isinstance(preset.fading, ExponentialParams):
        return ExponentialDecay(preset.fading, preset.initial_layer)
    return DailyStepDecay(preset.fading, preset.initial_layer)
