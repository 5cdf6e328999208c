"""The word list finds what it names, in words and not in identifiers."""

from tests.style.words import check_python, findings_in


def test_a_phrase_is_found_with_its_line():
    found = list(findings_in("First line.\nThe account is told of it.\n", "page.md"))
    assert [(each.path, each.line, each.phrase) for each in found] == [("page.md", 2, "is told")]


def test_docstrings_comments_and_texts_are_read_and_identifiers_are_not():
    source = '"""Nobody decides."""\nnobody = 1  # whoever\nx = f"it is told {nobody}"\n'
    found = sorted((each.line, each.phrase.lower()) for each in check_python(source, "a.py"))
    assert found == [(1, "nobody"), (2, "whoever"), (3, "is told")]


def test_a_phrase_is_found_whatever_its_case_and_not_inside_a_word():
    assert [each.phrase for each in findings_in("WHOEVER, untoldly is toldest", "a.md")] == ["WHOEVER"]
