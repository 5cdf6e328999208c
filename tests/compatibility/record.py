"""Record what this version decides: `PYTHONPATH=tests python -m compatibility.record [CASE ...]`.

Writes `recordings/`. Without names all cases are recorded. The folder of real data must be present.
"""

import sys
import tempfile
import time
from pathlib import Path

from .cases import CASES, DESKS, PUBLIC_SYMBOLS
from .command_line import ROOT
from .public_market import cut_folders
from .recording import DECISIONS, PROMPTS, desk_prompts, load, run_case, save

REAL_MARKET = ROOT.parent / "shared" / "data" / "public"


def main(names: list[str]) -> None:
    """Take all decisions, or those of the named cases, and write the recordings."""
    recorded = load(DECISIONS) if names else {}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        folders = cut_folders(REAL_MARKET, folder / "markets", PUBLIC_SYMBOLS)
        for case in CASES:
            if names and case.name not in names:
                continue
            started = time.monotonic()
            recorded[case.name] = run_case(case, folder / case.name, folders)
            outcomes = [each.get("outcome", "error") for each in recorded[case.name]["decisions"].values()]
            print(f"{case.name}: {', '.join(outcomes)} ({time.monotonic() - started:.1f} s)")
        save(DECISIONS, recorded)
        save(PROMPTS, {desk: desk_prompts(desk, folder / f"prompts-{desk}") for desk in DESKS})


if __name__ == "__main__":
    main(sys.argv[1:])
