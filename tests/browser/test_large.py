"""100,000 tensors: how large, how soon, how many elements. Times are told, not judged."""

import time

import pytest
from models import transformer
from support import rows, text_of, write_page

TENSORS = 100_000


@pytest.fixture(scope="module")
def large(tmp_path_factory):
    folder = tmp_path_factory.mktemp("large")
    return write_page(transformer(folder / "large.onnx", TENSORS), folder)


def test_page_is_below_15_megabytes(large):
    size = large.stat().st_size
    print(f"\n{TENSORS} tensors: {size / 1e6:.1f} MB")
    assert size < 15_000_000


def test_all_rows_are_there_and_few_are_drawn(pages, large):
    page = pages.show_file(large)
    # From opening the file to the end of the script: from then on it answers.
    ready = page.evaluate("() => performance.getEntriesByType('navigation')[0].domInteractive")
    print(f"\n{TENSORS} tensors: answers after {ready / 1000:.2f} s")
    begin = time.monotonic()
    page.get_by_role("searchbox").fill("layers.6249.mlp.o_proj.bias")
    assert "bias" in rows(page)
    print(f"searched within {time.monotonic() - begin:.2f} s")
    assert text_of(page, "#found") == "1 tensor found"
    page.get_by_role("searchbox").fill("")
    begin = time.monotonic()
    page.get_by_role("button", name="Unfold all").click()
    grid = page.get_by_role("treegrid")
    # Layers, and groups above them: model.layers, 6,250 blocks, two halves each, eight layers.
    assert grid.get_attribute("aria-rowcount") == str(1 + TENSORS + 1 + 6250 * 11)
    print(f"unfolded within {time.monotonic() - begin:.2f} s")
    grid.focus()
    page.keyboard.press("End")
    assert page.locator(".body .row").count() < 100
    assert page.locator(".body .row").last.locator(".label").inner_text() == "bias"
    page.get_by_role("button", name="Tensors", exact=True).click()
    begin = time.monotonic()
    page.get_by_role("columnheader", name="Params").get_by_role("button").click()
    assert grid.get_attribute("aria-rowcount") == str(1 + TENSORS)
    print(f"sorted within {time.monotonic() - begin:.2f} s")
