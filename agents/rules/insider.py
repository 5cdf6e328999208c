"""The rule of insider trades: purchases predict returns, sales hardly (Lakonishok & Lee 2001)."""

from ..context import AgentContext
from .signals import Signal, values

NET, BUYERS, SELLERS = "insider.net_90d", "insider.buyers_90d", "insider.sellers_90d"
DAMPING_OF_SALES = 0.25
FEW = 3.0
"""Number of insiders on one side from which their number counts in full."""


def insider_signals(context: AgentContext) -> tuple[Signal, ...]:
    """Return one signal: the balance of purchases and sales, by the number of insiders on the larger side."""
    found = values(context, NET, BUYERS, SELLERS)
    if found is None:
        return ()
    net, buyers, sellers = found
    people = buyers if net > 0 else sellers
    score = net * min(people / FEW, 1.0) * (1.0 if net > 0 else DAMPING_OF_SALES)
    text = f"Insiders: {buyers:.0f} bought and {sellers:.0f} sold, on balance {net:+.0%}."
    return (Signal(max(-1.0, min(1.0, score)), 0.4, text, context.existing_ids((NET, BUYERS, SELLERS))),)
