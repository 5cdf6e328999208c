"""docs/desks.md is what the desk files say; docs/write-a-desk.md runs."""

from tests.app.desks_page import PAGE, draw


def test_the_page_of_desks_is_written_from_the_desk_files():
    assert PAGE.read_text(encoding="utf-8") == draw(), "run: python -m tests.app.desks_page"
