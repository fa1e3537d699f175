"""What the README shows of Python is what Python says."""

import doctest

import pytest


@pytest.fixture()
def work(testdata, tmp_path, monkeypatch):
    (tmp_path / "testdata").symlink_to(testdata)
    (tmp_path / "build").mkdir()
    monkeypatch.chdir(tmp_path)


def test_the_readme_says_what_happens(root, work):
    text = (root / "README.md").read_text().replace("```", "")  # else output of the last line
    examples = doctest.DocTestParser().get_doctest(text, {}, "README.md", "README.md", 0)
    result = doctest.DocTestRunner().run(examples)
    assert result.attempted >= 8
    assert result.failed == 0
