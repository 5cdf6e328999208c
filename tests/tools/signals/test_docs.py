"""The page for authors of desks, against the code that it describes."""

import re
from pathlib import Path

import yaml
from openoutcry.tools.signals.factors import FactorName
from openoutcry.tools.signals.rules import RULE_SIGNALS
from openoutcry.tools.signals.spec import SignalSpec

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "signals.md").read_text(encoding="utf-8")


def test_the_example_is_a_valid_section() -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
    specs = [SignalSpec.model_validate(each) for each in yaml.safe_load(example)["signals"]]
    assert len({spec.name for spec in specs}) == 5


def test_the_table_lists_every_rule_with_its_parameters() -> None:
    rows = re.findall(r"^\| `(\w+)` \|.*\| ([^|]*) \|$", PAGE, re.MULTILINE)
    stated = {name: re.findall(r"`(\w+)`", parameters) for name, parameters in rows}
    expected = {
        name: [field for field in rule.model_fields if field != "long_only"] for name, rule in RULE_SIGNALS.items()
    }
    assert stated == expected


def test_every_factor_is_named() -> None:
    assert all(f"`{name}`" in PAGE for name in FactorName)
