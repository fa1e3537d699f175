"""The page of a zoo: a row for each model."""

import pytest
from axe import violations
from models import HOSTILE_NAMES, ROOT, gemm_chain
from support import column, row, rows, text_of, write_batch_page

HANDMADE = ROOT / "testdata/handmade"


@pytest.fixture
def zoo(tmp_path):
    """Models of 20, 40 and 60 parameters, and a file that is none."""
    folder = tmp_path / "zoo"
    (folder / "deep").mkdir(parents=True)
    gemm_chain(folder / "one.onnx", ["a"])
    gemm_chain(folder / "two.onnx", ["a", "b"])
    gemm_chain(folder / "deep/three.onnx", ["a", "b", "c"])
    (folder / "bad.onnx").write_text("this is no model")
    return folder


def test_models_are_rows_with_their_totals(pages, zoo, tmp_path):
    page = pages.show_file(write_batch_page(tmp_path, zoo))
    assert page.title() == "4 models · hoarfrost"
    assert rows(page) == ["bad.onnx", "deep/three.onnx", "one.onnx", "two.onnx"]
    assert column(page, 2) == ["–", "60", "20", "40"]
    assert page.locator(".number .value").all_inner_texts() == ["4", "120", "120", "0"]
    assert "1 failed" in text_of(page, "#summary-numbers")
    failures = page.locator("#failures tbody tr").all_inner_texts()
    assert len(failures) == 1 and failures[0].split()[0] == "invalid"


def test_search_sort_and_chips(pages, zoo, tmp_path):
    page = pages.show_file(write_batch_page(tmp_path, zoo))
    page.get_by_role("columnheader", name="Params").get_by_role("button").click()
    assert rows(page) == ["deep/three.onnx", "two.onnx", "one.onnx", "bad.onnx"]
    page.get_by_role("searchbox").fill("deep")
    assert rows(page) == ["deep/three.onnx"]
    assert text_of(page, "#found") == "1 model found"
    page.get_by_role("searchbox").press("Escape")
    page.get_by_role("button", name="Failed").click()
    assert rows(page) == ["bad.onnx"]
    row(page, "bad.onnx").click()
    assert "no readable model" in text_of(page, "#details")


def test_no_failure_no_table_of_failures(pages, tmp_path):
    page = pages.show_file(write_batch_page(tmp_path, HANDMADE))
    assert not page.locator("#failures-section").is_visible()
    assert page.get_by_role("treegrid").get_attribute("aria-rowcount") == str(
        1 + len(list(HANDMADE.glob("*.onnx")))
    )
    assert page.locator(".body .row").count() < 60


def test_hostile_names_do_nothing(pages, tmp_path):
    folder = tmp_path / "zoo"
    folder.mkdir()
    for i, name in enumerate(
        ["<img src=x onerror=alert(1)>", "\u202eleft", "{{data}}", "\x1b[31m"]
    ):
        gemm_chain(folder / (name + ".onnx"), HOSTILE_NAMES[: i + 1])
    page = pages.show_file(write_batch_page(tmp_path, folder))
    assert page.locator("img:not(.bar)").count() == 0
    assert row(page, "\\u202eleft.onnx").count() == 1
    for i in range(4):
        page.locator(".body .row").nth(i).click()
    assert page.title() == "4 models · hoarfrost"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(pages, zoo, tmp_path, scheme, width):
    file = write_batch_page(tmp_path, zoo)
    page = pages.show_file(file, color_scheme=scheme, viewport={"width": width, "height": 900})
    assert violations(page) == []
    row(page, "bad.onnx").click()
    page.get_by_role("button", name="Failed").click()
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
