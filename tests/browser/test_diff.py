"""The page of two models' differences: what moved, by layer."""

import json
import os
import re
import struct
import subprocess

import pytest
from axe import violations
from models import DENSE_BN, HOSTILE_NAMES, ROOT, changed, gemm_chain
from support import column, row, rows, text_of, write_diff_page

TUNED = ROOT / "testdata/trained/hand_dense_bn.safetensors"


def spans(model):
    command = [os.environ["HOARFROST_COMMAND"], "inspect", "--json", model]
    run = subprocess.run(command, capture_output=True, check=True, text=True)
    return {t["name"]: t["storage"]["spans"][0][0] for t in json.loads(run.stdout)["tensors"]}


@pytest.fixture
def moved(tmp_path):
    """Three layers, of whose 20 values each the middle one has two moved, by 0.5 and by 2."""
    a = gemm_chain(tmp_path / "a.onnx", ["first", "block.second", "block.third"])
    at = spans(a)["block.second.weight"]
    a = changed(a, a, at, bytes(64))
    b = changed(tmp_path / "b.onnx", a, at, struct.pack("<f", 0.5))
    b = changed(tmp_path / "b.onnx", b, at + 60, struct.pack("<f", -2.0))
    return a, b


def test_layers_tell_what_moved(pages, moved, tmp_path):
    page = pages.show_file(write_diff_page(*moved, tmp_path))
    assert page.title() == "a.onnx → b.onnx · hoarfrost"
    assert text_of(page, "h1") == "a.onnx → b.onnx"
    assert "They differ" in text_of(page, "#page-facts")
    assert rows(page) == ["block.second", "weight", "first", "block.third"]
    assert column(page, 2) == ["1 of 2 tensors", "Changed", "2 tensors equal", "2 tensors equal"]
    assert column(page, 4) == ["2 of 16", "2 of 16", "–", "–"]
    assert column(page, 5)[:2] == ["2", "2"]
    bar = page.get_by_role("img", name="Tensors: ")
    assert bar.get_attribute("aria-label") == "Tensors: changed 1, equal 5"
    assert page.locator(".number .value").all_inner_texts() == ["1", "1", "2", "2"]
    assert not page.locator("#graphs-section").is_visible()


def test_details_tell_all_of_a_tensor(pages, moved, tmp_path):
    page = pages.show_file(write_diff_page(*moved, tmp_path))
    row(page, "weight").click()
    details = text_of(page, "#details")
    for part in ("block.second.weight", "float32 (4, 4)", "2 of 16 changed", "element 0"):
        assert part in details


def test_search_kinds_folds_and_sorting(pages, moved, tmp_path):
    page = pages.show_file(write_diff_page(*moved, tmp_path))
    page.get_by_role("searchbox").fill("third")
    assert rows(page) == ["block.third"]
    page.get_by_role("searchbox").press("Escape")
    page.get_by_role("button", name="Equal", exact=True).click()
    assert rows(page) == ["first", "block.third"]
    page.get_by_role("button", name="Equal", exact=True).click()
    page.get_by_role("button", name="Fold all", exact=True).click()
    assert rows(page) == ["block.second", "first", "block.third"]
    heading = page.get_by_role("columnheader", name="Name")
    heading.get_by_role("button").click()
    assert rows(page) == ["block.second", "block.third", "first"]
    page.get_by_role("treegrid").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    assert rows(page)[:2] == ["block.second", "weight"]


def test_tensors_of_no_model_and_graphs(pages, tmp_path):
    page = pages.show_file(write_diff_page(DENSE_BN, TUNED, tmp_path))
    assert "one is no model" in text_of(page, "#page-facts")
    other = gemm_chain(tmp_path / "other.onnx", ["dense"])
    page = pages.show_file(write_diff_page(DENSE_BN, other, tmp_path))
    operators = page.locator("#operators tbody tr").all_inner_texts()
    assert [text.split() for text in operators] == [["BatchNormalization", "1", "0"]]
    kinds = set(column(page, 2))
    assert {"Added", "Removed"} <= kinds


def test_equal_models_have_no_difference(pages, tmp_path):
    page = pages.show_file(write_diff_page(DENSE_BN, DENSE_BN, tmp_path))
    assert "No difference" in text_of(page, "#page-facts")
    assert rows(page) == ["dense", "batch_normalization"]
    assert text_of(page, "#found") == "0 tensors differ"


def test_hostile_names_do_nothing(pages, tmp_path):
    a = gemm_chain(tmp_path / "<img src=x onerror=alert(1)>.onnx", HOSTILE_NAMES)
    b = changed(tmp_path / "b.onnx", a, spans(a)["__proto__.weight"], b"\1\2\3\4")
    file = write_diff_page(a, b, tmp_path)
    html = file.read_text(encoding="utf-8")
    assert re.search(r'<script type="application/json" id="data">([^<]*)</script>', html)
    page = pages.show_file(file)
    assert page.locator("img:not(.bar)").count() == 0
    assert page.locator("script").count() == 1
    page.get_by_role("button", name="Unfold all").click()
    page.get_by_role("treegrid").focus()
    for _ in range(page.locator(".body .row").count()):
        page.keyboard.press("ArrowDown")
    assert page.title() == "<img src=x onerror=alert(1)>.onnx → b.onnx · hoarfrost"
    assert "__proto__" in rows(page)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(pages, moved, tmp_path, scheme, width):
    file = write_diff_page(*moved, tmp_path)
    page = pages.show_file(file, color_scheme=scheme, viewport={"width": width, "height": 900})
    assert violations(page) == []
    row(page, "weight").click()
    page.get_by_role("button", name="Changed", exact=True).click()
    assert violations(page) == []
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    file = write_diff_page(DENSE_BN, gemm_chain(tmp_path / "other.onnx", ["dense"]), tmp_path)
    page = pages.show_file(file, color_scheme=scheme, viewport={"width": width, "height": 900})
    assert violations(page) == []
