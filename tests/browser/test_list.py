"""The list of layers and tensors: search, folds, sorting, states, keyboard, details."""

from models import CONV_BN, DENSE_BN, gemm_chain
from support import active_label, row, rows, text_of

DENSE_ROWS = ["dense", "w", "b", "batch_normalization", "scale", "bias", "mean", "var"]


def test_small_model_is_unfolded(pages):
    page = pages.show(DENSE_BN)
    assert rows(page) == DENSE_ROWS
    cells = row(page, "batch_normalization").locator("[role=gridcell]").all_inner_texts()
    assert [cell.strip() for cell in cells[1:6]] == [
        "BatchNormalization",
        "(N, 10)",
        "40",
        "160 B",
        "part",
    ]


def test_search_keeps_matches_and_what_they_lie_in(pages):
    page = pages.show(DENSE_BN)
    page.get_by_role("searchbox").fill("mean")
    assert rows(page) == ["batch_normalization", "mean"]
    assert text_of(page, "#found") == "1 tensor found"
    page.get_by_role("searchbox").fill("GEMM")
    assert rows(page) == ["dense"]
    page.get_by_role("searchbox").fill("statistic var")
    assert rows(page) == ["batch_normalization", "var"]
    page.get_by_role("searchbox").fill("no such thing")
    assert rows(page) == []
    assert text_of(page, "#found") == "Nothing found"
    page.get_by_role("searchbox").press("Escape")
    assert rows(page) == DENSE_ROWS


def test_slash_goes_to_the_search(pages):
    page = pages.show(DENSE_BN)
    page.keyboard.press("/")
    page.keyboard.type("bias")
    assert rows(page) == ["batch_normalization", "bias"]
    page.keyboard.press("ArrowDown")
    assert active_label(page, "[role=treegrid]") == "batch_normalization"


def test_layers_fold_and_unfold(pages):
    page = pages.show(DENSE_BN)
    row(page, "dense").locator(".twisty").click()
    assert rows(page) == ["dense", *DENSE_ROWS[3:]]
    assert row(page, "dense").get_attribute("aria-expanded") == "false"
    page.get_by_role("button", name="Fold all", exact=True).click()
    assert rows(page) == ["dense", "batch_normalization"]
    page.get_by_role("button", name="Unfold all").click()
    assert rows(page) == DENSE_ROWS


def test_groups_of_one_are_one_row(pages, tmp_path):
    model = gemm_chain(tmp_path / "groups.onnx", ["a.b.c", "a.b.d", "e"])
    page = pages.show(model)
    assert rows(page) == ["a.b", "c", "weight", "bias", "d", "weight", "bias", "e"] + [
        "weight",
        "bias",
    ]


def test_headings_sort_within_layers(pages):
    page = pages.show(DENSE_BN)
    heading = page.get_by_role("columnheader", name="Name")
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    assert rows(page) == ["batch_normalization", "bias", "mean", "scale", "var", "dense", "b", "w"]
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    assert rows(page)[:3] == ["dense", "w", "b"]
    heading.get_by_role("button").click()
    assert heading.get_attribute("aria-sort") == "none"
    assert rows(page) == DENSE_ROWS


def test_tensors_alone_sort_by_size(pages):
    page = pages.show(CONV_BN)
    page.get_by_role("button", name="Tensors", exact=True).click()
    page.get_by_role("columnheader", name="Params").get_by_role("button").click()
    counts = page.locator(".body .elements").all_inner_texts()
    numbers = [int(count.replace(",", "")) for count in counts]
    assert len(numbers) == 13 and numbers == sorted(numbers, reverse=True)
    assert rows(page)[0] == "0.weight"


def test_states_narrow_the_list(pages):
    page = pages.show(DENSE_BN)
    chip = page.get_by_role("button", name="Statistics")
    chip.click()
    assert chip.get_attribute("aria-pressed") == "true"
    assert rows(page) == ["batch_normalization", "mean", "var"]
    chip.click()
    assert rows(page) == DENSE_ROWS


def test_details_give_the_reason(pages):
    page = pages.show(DENSE_BN)
    row(page, "mean").click()
    details = text_of(page, "#details")
    assert "input 3 (input_mean) of BatchNormalization node 'batch_normalization'" in details
    assert "operator" in details and "in the model file, from byte" in details
    page.locator("#details").get_by_role("button", name="batch_normalization").click()
    details = text_of(page, "#details")
    assert "40 parameters, 3.8 % of the model" in details


def test_keyboard_walks_the_tree(pages):
    page = pages.show(DENSE_BN)
    grid = page.get_by_role("treegrid")
    grid.focus()
    page.keyboard.press("ArrowDown")
    assert active_label(page, "[role=treegrid]") == "dense"
    page.keyboard.press("ArrowLeft")
    assert rows(page)[:2] == ["dense", "batch_normalization"]
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    assert active_label(page, "[role=treegrid]") == "w"
    page.keyboard.press("ArrowLeft")
    assert active_label(page, "[role=treegrid]") == "dense"
    page.keyboard.press("Enter")
    assert rows(page)[:2] == ["dense", "batch_normalization"]
    page.keyboard.press("End")
    assert active_label(page, "[role=treegrid]") == "var"
    assert page.locator("[role=row][aria-selected=true]").count() == 1
    page.keyboard.press("Home")
    assert active_label(page, "[role=treegrid]") == "dense"
