"""How memories fade: in closed form, or in the daily steps of the systems that we compare with."""

from ..presets.preset import ExponentialParams, Preset
from .daily_steps import DailyStepDecay
from .exponential import ExponentialDecay
from .port import Decay, DecayState

__all__ = ["Decay", "DecayState", "fading_of"]


def fading_of(preset: Preset) -> Decay:
    """Return the arithmetic that a preset asks for."""
    if isinstance(preset.decay, ExponentialParams):
        return ExponentialDecay(preset.decay, preset.initial_layer)
    return DailyStepDecay(preset.decay, preset.initial_layer)
