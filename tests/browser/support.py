"""Writing pages, and what tests read off them."""

import os
import subprocess


def write_page(model, folder, *options):
    page = folder / (model.stem + ".html")
    command = [os.environ["HOARFROST_COMMAND"], "inspect", *options, "--html", page, model]
    subprocess.run(command, check=True)
    return page


def write_diff_page(a, b, folder):
    page = folder / "diff.html"
    command = [os.environ["HOARFROST_COMMAND"], "diff", "--html", page, a, b]
    assert subprocess.run(command).returncode in (0, 1)
    return page


def write_batch_page(folder, *inputs):
    page = folder / "zoo.html"
    command = [os.environ["HOARFROST_COMMAND"], "batch", "--quiet", "--html", page, *inputs]
    run = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert run.returncode in (0, 1)
    return page


def text_of(page, selector):
    return page.locator(selector).inner_text().strip()


def rows(page):
    """Names in the rows that are drawn, in order."""
    names = page.locator(".body .row .label").all_inner_texts()
    return [name.strip() for name in names]


def column(page, index):
    """What a column says in the rows that are drawn, in order."""
    texts = page.locator(f".body .row > :nth-child({index})").all_inner_texts()
    return [text.strip() for text in texts]


def row(page, name):
    return page.locator(".body .row").filter(
        has=page.locator(".label").get_by_text(name, exact=True)
    )


def cells(page):
    """Labels of the chart's cells, as a screen reader says them."""
    return page.locator("svg g.cell").evaluate_all(
        "cells => cells.map(cell => cell.getAttribute('aria-label'))"
    )


def cell(page, name):
    return page.locator(f'svg g.cell[aria-label^="{name},"]')


def active_label(page, selector):
    """What the element that aria-activedescendant names is called."""
    return page.locator(selector).evaluate(
        """frame => {
          const there = document.getElementById(frame.getAttribute('aria-activedescendant'));
          if (!there) return null;
          return there.getAttribute('aria-label') || there.querySelector('.label').textContent;
        }"""
    )
