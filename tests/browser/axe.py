"""What axe-core finds wrong with a page: WCAG 2.2 A, AA, best practices."""

from axe_playwright_python.sync_playwright import Axe

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
}


def violations(page):
    found = Axe().run(page, options=RULES).response["violations"]
    return [
        (rule["id"], node["html"][:200], node["failureSummary"])
        for rule in found
        for node in rule["nodes"]
    ]
