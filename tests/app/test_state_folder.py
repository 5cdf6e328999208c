"""The page docs/state-folder.md names every part of the state folder with its kind, and the fields of a message."""

import json
import re
from datetime import date
from pathlib import Path

from openoutcry.app.state_folder import KINDS
from openoutcry.desk.records.session_notification import SessionNotification

PAGE = Path(__file__).parents[2] / "docs" / "state-folder.md"


def test_the_page_lists_every_part_with_its_kind():
    rows = re.findall(r"^\| `([\w.]+)` \| (\w+) \|", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert dict(rows) == KINDS
    assert len(rows) == len(KINDS)


def test_the_page_lists_every_field_of_a_message():
    table = PAGE.read_text(encoding="utf-8").split("| field | content |")[1].split("\n\n")[0]
    named = {name for line in table.splitlines() for name in re.findall(r"`([a-z_]+)`", line.split(" | ")[0])}
    assert named == set(json.loads(SessionNotification("mine", date(2025, 3, 3), "done").to_json()))
