"""The page as a file, its head, totals, types and notes."""

import base64
import hashlib
import json
import re

from models import CONV_BN, DENSE_BN, FOLDED
from support import text_of, write_page


def policy(html):
    return re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)[1]


def sha256(text):
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_policy_allows_exactly_the_style_and_script_of_the_page(tmp_path):
    html = write_page(DENSE_BN, tmp_path).read_text()
    style = re.search(r"<style>(.*?)</style>", html, re.DOTALL)[1]
    script = re.search(r"<script>(.*?)</script>", html, re.DOTALL)[1]
    rules = dict(rule.strip().split(" ", 1) for rule in policy(html).split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["style-src"] == f"'{sha256(style)}'"
    assert rules["script-src"] == f"'{sha256(script)}'"


def test_page_names_no_other_place(tmp_path):
    html = write_page(DENSE_BN, tmp_path).read_text()
    addresses = set(re.findall(r"https?://[^\s\"'`<]+", html))
    assert addresses == {"http://www.w3.org/2000/svg"}
    assert "<link" not in html and "@import" not in html


def test_data_is_json(tmp_path):
    html = write_page(DENSE_BN, tmp_path).read_text()
    data = json.loads(re.search(r'id="data">(.*?)</script>', html, re.DOTALL)[1])
    assert data["totals"]["parameters"] == 1050


def test_added_scripts_do_not_run(pages):
    page = pages.show(DENSE_BN)
    page.evaluate(
        "() => { const s = document.createElement('script'); s.textContent = 'window.bad = 1';"
        " document.body.append(s); }"
    )
    assert page.evaluate("() => window.bad") is None
    assert len(pages.complaints) == 1 and "Content Security Policy" in pages.complaints.pop()


def test_head_tells_of_the_file(pages):
    page = pages.show(DENSE_BN)
    assert page.title() == "hand_dense_bn.onnx · hoarfrost"
    assert text_of(page, "h1") == "hand_dense_bn.onnx"
    facts = text_of(page, "#model-facts")
    for fact in ("handmade", "ai.onnx 21", "4.37 KB"):
        assert fact in facts


def test_totals_are_the_commands(pages):
    page = pages.show(DENSE_BN)
    numbers = page.locator(".number .value").all_inner_texts()
    assert numbers == ["1,050", "1,030", "20"]
    bar = page.get_by_role("img", name="All stored elements")
    assert bar.get_attribute("aria-label").endswith("trainable 1,030, statistics 20")
    widths = page.locator("#summary-bar span").evaluate_all("all => all.map(e => e.clientWidth)")
    assert widths[0] > 20 * widths[1] > 0


def test_framework_count_and_notes_are_told(pages):
    page = pages.show(FOLDED)
    summary = page.locator(".framework summary")
    assert "486 parameters, 454 trainable, 32 statistics" in summary.inner_text()
    assert not page.locator(".framework table").is_visible()
    summary.click()
    assert page.locator(".framework tbody tr").count() == 2
    assert "BatchNormalization" in text_of(page, "#notes")


def test_bytes_by_type_add_up(pages):
    page = pages.show(CONV_BN)
    cells = page.locator("#types tbody tr").first.locator("th, td").all_inner_texts()
    # 486 parameters of four bytes.
    assert cells[:4] == ["float32", "13", "486", "1.90 KB"]


def test_narrow_window_needs_no_sideways_scrolling(pages):
    page = pages.show(CONV_BN, viewport={"width": 360, "height": 740})
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
