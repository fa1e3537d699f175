"""Roles, names and contrast (by axe-core: WCAG 2.2 A, AA, best practices), and focus order."""

import pytest
from axe import violations
from models import CONV_BN, DENSE_BN, FOLDED
from support import row


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_axe_finds_nothing(pages, scheme, width):
    page = pages.show(DENSE_BN, color_scheme=scheme, viewport={"width": width, "height": 900})
    assert violations(page) == []
    row(page, "mean").click()
    page.get_by_role("button", name="Statistics").click()
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_where_there_are_notes(pages, scheme):
    page = pages.show(FOLDED, color_scheme=scheme)
    page.locator(".framework summary").click()
    page.get_by_role("button", name="Tensors", exact=True).click()
    page.get_by_role("searchbox").fill("weight")
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_cell(pages, scheme):
    """axe does not look into SVG: letters on every colour, at least 4.5 to 1."""
    page = pages.show(CONV_BN, color_scheme=scheme)
    ratios = page.evaluate(
        """() => {
          const light = (text) => {
            const [r, g, b] = text.match(/[\\d.]+/g).slice(0, 3).map((n) => {
              const c = n / 255;
              return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
            });
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const names = ['trainable', 'frozen', 'statistic', 'fixed', 'constant'];
          const ink = light(getComputedStyle(document.querySelector('svg.chart text')).fill);
          return names.map((name) => {
            const span = document.createElement('span');
            span.className = 'fill-' + name;
            document.body.append(span);
            const back = light(getComputedStyle(span).backgroundColor);
            return (Math.max(ink, back) + 0.05) / (Math.min(ink, back) + 0.05);
          });
        }"""
    )
    assert all(ratio >= 4.5 for ratio in ratios), ratios


def test_focus_goes_down_the_page(pages):
    page = pages.show(DENSE_BN)
    seen = []
    for _ in range(24):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                "() => { const e = document.activeElement; return e.getAttribute('aria-label') ||"
                " e.id || e.textContent.trim(); }"
            )
        )
    assert seen[:16] == [
        "Skip to layers and tensors",
        "model",
        "Parameters by layer",
        "search",
        "as-tree",
        "as-flat",
        "unfold",
        "fold",
        "Trainable",
        "Statistics",
        "Layers and their tensors",
        "Name",
        "Type",
        "Shape",
        "Params",
        "Bytes",
    ]
    assert seen[16:19] == ["Trainable", "Role", "Details of the selected row"]


def test_skip_link_goes_to_the_list(pages):
    page = pages.show(DENSE_BN)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "list"


def test_rows_tell_their_place(pages):
    page = pages.show(DENSE_BN)
    mean = row(page, "mean")
    assert mean.get_attribute("aria-level") == "2"
    assert mean.get_attribute("aria-rowindex") == "8"  # six rows before it, and the headings
    assert row(page, "dense").get_attribute("aria-expanded") == "true"
    assert page.get_by_role("treegrid").get_attribute("aria-rowcount") == "9"


def test_only_one_main_heading(pages):
    page = pages.show(DENSE_BN)
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.get_by_role("main").count() == 1
    titles = page.get_by_role("heading", level=2).all_inner_texts()
    assert titles == [
        "Parameters",
        "Where the parameters are",
        "Layers and tensors",
        "Stored bytes by element type",
        "Notes",
    ]
