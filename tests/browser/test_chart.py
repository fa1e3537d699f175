"""The chart of parameters: widths, zoom by pointer and keyboard, its link with the list."""

from models import CONV_BN, DENSE_BN, gemm_chain
from support import active_label, cell, cells, row, text_of


def width(locator):
    return locator.locator(".edge").bounding_box()["width"]


def crumbs(page):
    return page.locator("#chart-path button").all_inner_texts()


def test_width_is_the_number_of_parameters(pages):
    page = pages.show(DENSE_BN)
    all_of_it, dense = cell(page, "hand_dense_bn.onnx"), cell(page, "dense")
    # 1,010 of 1,050 parameters; a pixel or two are the gap.
    assert abs(width(dense) / width(all_of_it) - 1010 / 1050) < 0.01
    label = "dense, Gemm, 1,010 parameters, 96 % of the model, trainable"
    assert label in cells(page)
    assert any(label.endswith("50 % trainable, 50 % statistics") for label in cells(page))


def test_selecting_a_cell_zooms(pages):
    page = pages.show(DENSE_BN)
    before = width(cell(page, "batch_normalization"))
    cell(page, "batch_normalization").click()
    assert width(cell(page, "batch_normalization")) > 10 * before
    assert crumbs(page) == ["model", "batch_normalization"]
    assert cell(page, "dense").count() == 0
    page.locator("#chart-path").get_by_role("button", name="model").click()
    assert crumbs(page) == ["model"]
    assert cell(page, "dense").count() == 1


def test_zoom_moves_unless_asked_not_to(pages):
    page = pages.show(DENSE_BN, reduced_motion="no-preference")
    cell(page, "batch_normalization").click()
    cell(page, "dense").wait_for(state="detached")
    assert crumbs(page) == ["model", "batch_normalization"]


def test_keyboard_zooms(pages):
    page = pages.show(DENSE_BN)
    chart = page.get_by_role("tree", name="Parameters by layer")
    chart.focus()
    assert active_label(page, "svg.chart").startswith("hand_dense_bn.onnx")
    page.keyboard.press("ArrowDown")
    assert active_label(page, "svg.chart").startswith("dense")
    page.keyboard.press("ArrowRight")
    assert active_label(page, "svg.chart").startswith("batch_normalization")
    page.keyboard.press("Enter")
    assert crumbs(page) == ["model", "batch_normalization"]
    assert text_of(page, "#said").startswith("Zoomed to batch_normalization")
    page.keyboard.press("Escape")
    assert crumbs(page) == ["model"]


def test_chart_and_list_go_together(pages):
    page = pages.show(CONV_BN)
    cell(page, "4").click()
    assert row(page, "4").get_attribute("aria-selected") == "true"
    assert text_of(page, "#details h3") == "4"
    row(page, "0").click()
    page.get_by_role("button", name="Show in the chart").click()
    assert crumbs(page) == ["model", "0"]


def test_pointer_shows_what_a_cell_is(pages):
    page = pages.show(DENSE_BN)
    cell(page, "dense").hover()
    assert "1,010 parameters" in text_of(page, "#tip")
    page.mouse.move(2, 2)
    assert not page.locator("#tip").is_visible()


def test_chart_is_told_in_words(pages):
    page = pages.show(DENSE_BN)
    assert text_of(page, "#chart-text") == (
        "Largest layers: dense (96 %), batch_normalization (3.8 %)."
    )


def test_thousands_of_layers_draw_few_cells(pages, tmp_path):
    model = gemm_chain(tmp_path / "many.onnx", [f"block{i}.fc" for i in range(5_000)])
    page = pages.show(model)
    assert page.locator("svg.chart *").count() < 5_000
    assert "too narrow to draw" in page.locator("svg.chart").text_content()
