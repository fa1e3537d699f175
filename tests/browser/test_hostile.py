"""Names that a stranger chose do nothing but stand there."""

import os
import re
import subprocess

import pytest
from models import HOSTILE_NAMES, ROOT, gemm_chain
from support import row, text_of


@pytest.fixture
def hostile(tmp_path):
    return gemm_chain(tmp_path / "<img src=x onerror=alert(1)>&quot;.onnx", HOSTILE_NAMES)


def test_no_name_becomes_markup(pages, hostile):
    page = pages.show(hostile)
    page.get_by_role("button", name="Tensors", exact=True).click()
    assert page.title() == "<img src=x onerror=alert(1)>&quot;.onnx · hoarfrost"
    assert page.locator("img").count() == 0
    assert page.locator("script").count() == 1  # the data leaves the document once it is read
    count = page.locator(".body .row").count()
    for i in range(count):
        page.locator(".body .row").nth(i).click()
    assert page.title() == "<img src=x onerror=alert(1)>&quot;.onnx · hoarfrost"


def test_data_block_has_no_angle_bracket(tmp_path, hostile):
    page = tmp_path / "page.html"
    command = [os.environ["HOARFROST_COMMAND"], "inspect", "--html", page, hostile]
    subprocess.run(command, check=True)
    html = page.read_text(encoding="utf-8")  # valid UTF-8, or this fails
    block = re.search(r'<script type="application/json" id="data">([^<]*)</script>', html)
    assert block is not None
    assert "\u2028" not in html and "\u202e" not in html and "\x1b" not in html


def test_what_hides_is_written_out(pages, hostile):
    page = pages.show(hostile)
    page.get_by_role("button", name="Tensors", exact=True).click()
    page.get_by_role("searchbox").fill("right to left")
    assert row(page, "\\u202eright to left.weight").count() == 1
    page.get_by_role("searchbox").fill("no utf-8")
    page.locator(".body .row").first.click()
    # base64 of the exact bytes: no utf-8 FF C3 ( .weight
    assert "bm8gdXRmLTgg/8MoLndlaWdodA==" in text_of(page, "#details")


def test_every_broken_file_that_reads_gives_a_page(pages, tmp_path):
    shown = 0
    for model in sorted((ROOT / "testdata/hostile").glob("*.onnx")):
        file = tmp_path / (model.stem + ".html")
        command = [os.environ["HOARFROST_COMMAND"], "inspect", "--html", file, model]
        run = subprocess.run(command, capture_output=True)
        assert file.exists() == (run.returncode == 0)
        if run.returncode == 0:
            page = pages.show_file(file)
            assert page.locator("h1").inner_text() == model.name
            page.context.close()
            shown += 1
    assert shown > 10
