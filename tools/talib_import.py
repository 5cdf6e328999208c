"""TA-Lib, imported without pandas.

TA-Lib wraps its functions for pandas if pandas can be imported, which takes a tenth of a second and 25 MB that
arrays of numpy do not need. While TA-Lib is imported, pandas is marked as absent unless it is loaded already.
"""

import sys
from types import ModuleType


def _import_talib() -> ModuleType:
    hidden = "pandas" not in sys.modules
    if hidden:
        sys.modules["pandas"] = None  # type: ignore[assignment]
    try:
        import talib  # noqa: PLC0415
    finally:
        if hidden:
            del sys.modules["pandas"]
    loaded: ModuleType = talib
    return loaded


talib = _import_talib()
