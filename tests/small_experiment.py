"""The text of a small experiment of rules on the demo market."""

PLAIN = """
name: small
universe: [CALDR, GRUND]
window: {from: 2024-01-02, to: 2024-01-31}
seeds: [7]
account: {cash: 100000, margin: true, commission_bps: 1, slippage_bps: 2}
arms:
  debate: {desk: debate, model: rules}
  tight: {desk: debate, model: rules, limits: {max_position: 0.02}}
baselines: [buy_and_hold, cash]
compare: {against: tight}
"""
