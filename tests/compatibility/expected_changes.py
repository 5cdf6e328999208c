"""Intended differences from the recordings. Each entry is a path, with the wildcards of fnmatch, and a reason.

A path of a decision is `CASE/decisions/SYMBOL DAY/KEY/...`, such as `*/decisions/*/debate/*/claim`; one of a prompt is
`DESK/PROMPT`. Record anew, and empty the lists, once a difference is final.
"""

from .differences import ExpectedChange

PLAIN = "headings and the description of the role are in plain English"
ROLE = "the role `solo` is called `single_agent`"
NEW_FACT = (
    "the status shows state, approvals, sessions, ambiguous fills and findings, a position shows the age of its price"
)
PRICE_SCALE = "shares listed by this version have prices to a hundredth of a cent, so slippage is not rounded to cents"

ISO = "times in JSON are ISO 8601 with seconds and time zone"
COLUMNS = "the list of runs shows model and rating"
MAX_LOSS = "the loss at the stops is limited for the whole position, so that a second entry is denied"

NOT_COUNTED = "a score that is not counted is n/a, and news without a word of the list has no tone"

UNCOUNTED_SCORES: tuple[ExpectedChange, ...] = tuple(
    ExpectedChange(path, NOT_COUNTED)
    for path in (
        *(f"*/decisions/*/{part}" for part in ("thesis/summary", "evidence/*", "recalled/*", "market_fingerprint")),
        "demo-OPENX/decisions/*/reports/*",
        "demo-OPENX/decisions/*/degraded/*",
    )
)
NEW_FACTS: tuple[ExpectedChange, ...] = tuple(
    ExpectedChange(path, NEW_FACT)
    for path in (
        "*/paper status/ambiguous_fills",
        "*/paper status/findings",
        *(f"*/paper status/{name}" for name in ("state", "reducing", "waiting_for_approval", "schedule")),
        "*/paper positions/*/stale_sessions",
    )
)
FINER_PRICES: tuple[ExpectedChange, ...] = tuple(
    ExpectedChange(f"*/after/paper {path}", PRICE_SCALE)
    for path in (
        *(f"status/{name}" for name in ("equity", "cash", "buying_power", "withdrawable")),
        *(f"positions/*/{name}" for name in ("average_cost", "unrealised", "realised")),
        *(f"positions/*/lots/*/{name}" for name in ("cost", "unrealised")),
        *(f"equity/*/{name}" for name in ("equity", "cash")),
        "fills/*/price",
    )
)

DECISIONS: tuple[ExpectedChange, ...] = (
    ExpectedChange("*/recalled/*/roles/*", ROLE),
    ExpectedChange("demo-account-floor/decisions/GRUND 2025-03-04/*", MAX_LOSS),
    ExpectedChange("demo-account-floor/after/*", MAX_LOSS),
    *NEW_FACTS,
    *FINER_PRICES,
    *UNCOUNTED_SCORES,
)
STATES: tuple[ExpectedChange, ...] = (
    ExpectedChange("archive/decisions/*/thesis/summary", NOT_COUNTED),
    *NEW_FACTS,
    ExpectedChange("*/memory list*/available_at", ISO),
    ExpectedChange("*/memory search*/available_at", ISO),
    ExpectedChange("*/runs list*/started_at", ISO),
    ExpectedChange("*/runs list*/as_of", ISO),
    ExpectedChange("*/runs list*/model", COLUMNS),
    ExpectedChange("*/runs list*/rating", COLUMNS),
    ExpectedChange("interrupted/runs list/*/status", "a run whose process is gone is listed as interrupted"),
)
PROMPTS: tuple[ExpectedChange, ...] = (
    ExpectedChange("*/solo", ROLE),
    ExpectedChange("*/single_agent", ROLE),
    ExpectedChange("*/reflector", PLAIN),
    ExpectedChange("*/research_manager", PLAIN),
    ExpectedChange("*/trader", PLAIN),
    ExpectedChange("*/risk_manager", PLAIN),
    ExpectedChange("*/aggressive", PLAIN),
    ExpectedChange("*/neutral", PLAIN),
    ExpectedChange("*/conservative", PLAIN),
)
