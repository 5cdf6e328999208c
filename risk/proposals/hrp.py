"""Hierarchical risk parity, by the library skfolio of the extra `portfolio`."""

from importlib import import_module
from types import ModuleType

import numpy as np

from ...domain.errors import ConfigError
from .estimates import Matrix, Vector


def hrp_weights(returns: Matrix) -> Vector:
    """Return weights that sum to 1 of hierarchical risk parity: López de Prado, Journal of Portfolio Management 2016.

    `returns` has one row a session and one column a symbol. One symbol gets 1. Raises ConfigError if skfolio is not
    installed.
    """
    if returns.shape[1] == 1:
        return np.ones(1)
    model = _library().HierarchicalRiskParity()
    return np.asarray(model.fit(returns).weights_, dtype=np.float64)


def _library() -> ModuleType:
    try:
        return import_module("skfolio.optimization")
    except ImportError as error:
        raise ConfigError(
            "sizing hrp requires skfolio: install it with `pip install 'openoutcry[portfolio]'`"
        ) from error
