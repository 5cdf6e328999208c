"""The text of a small experiment of rules on the demo market, and an observer of its run."""

from dataclasses import dataclass, field

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


@dataclass
class Seen:
    """An ExperimentObserver that keeps what it receives, and interrupts after some units."""

    stop_after: int | None = None
    notices: list[str] = field(default_factory=list)
    progresses: list = field(default_factory=list)
    reused: int | None = None

    def notice(self, text):
        self.notices.append(text)

    def started(self, plan, reused):
        self.reused = reused

    def progress(self, progress):
        self.progresses.append(progress)
        if len(self.progresses) == self.stop_after:
            raise KeyboardInterrupt
