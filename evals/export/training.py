"""Examples for training from trajectories: answers that were followed by gains, and pairs of answers to one prompt."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from .trajectories import Trajectory, TrajectoryCall

SFT_SCHEMA, PAIR_SCHEMA = "openoutcry.sft/1", "openoutcry.preference/1"


def sft_lines(found: Iterable[Trajectory]) -> Iterator[str]:
    """Yield one line for each call of a decision with a positive reward: `messages` with the answer as the last one."""
    for each in found:
        if each.reward is None or each.reward <= 0:
            continue
        for call in each.calls:
            document = {
                "schema": SFT_SCHEMA,
                "messages": [*call.messages, {"role": "assistant", "content": call.reply}],
                "metadata": {**_origin(each), "role": call.role, "model": call.model, "reward": each.reward},
            }
            yield json.dumps(document, default=str, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class _Answer:
    call: TrajectoryCall
    trajectory: Trajectory
    reward: float


def pair_lines(found: Iterable[Trajectory]) -> Iterator[str]:
    """Yield one line for each prompt that was answered differently, with different rewards.

    `chosen` is an answer of the decision with the largest reward, `rejected` one of that with the smallest. Prompts are
    equal if role and messages are.
    """
    answers = defaultdict[str, list[_Answer]](list)
    for each in found:
        if each.reward is not None:
            for call in each.calls:
                key = json.dumps([call.role, call.messages], sort_keys=True, default=str)
                answers[key].append(_Answer(call, each, each.reward))
    for given in answers.values():
        best, worst = max(given, key=lambda one: one.reward), min(given, key=lambda one: one.reward)
        if best.reward > worst.reward and best.call.reply != worst.call.reply:
            yield json.dumps(_pair(best, worst), default=str, ensure_ascii=False)


def _pair(best: _Answer, worst: _Answer) -> dict[str, object]:
    return {
        "schema": PAIR_SCHEMA,
        "prompt": list(best.call.messages),
        "chosen": best.call.reply,
        "rejected": worst.call.reply,
        "metadata": {
            "role": best.call.role,
            "chosen": {**_origin(best.trajectory), "reward": best.reward},
            "rejected": {**_origin(worst.trajectory), "reward": worst.reward},
        },
    }


def _origin(each: Trajectory) -> dict[str, object]:
    made = each.decision
    return {
        "run": each.run,
        "arm": each.arm,
        "seed": each.seed,
        "decision": made.run_id,
        "symbol": str(made.symbol),
        "session": str(made.session),
    }
