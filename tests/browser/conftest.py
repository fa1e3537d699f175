"""A Chromium for all tests, and pages in it that must not complain or reach out."""

import os

import pytest
from playwright.sync_api import sync_playwright
from support import write_page


@pytest.fixture(scope="session")
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ["HOARFROST_CHROMIUM"],
            # The sandbox needs what root in a container has not; what is opened is our own page.
            args=["--no-sandbox"] if os.geteuid() == 0 else [],
        )
        yield browser
        browser.close()


class Pages:
    """Opens pages; complaints() has what any of them wrote to the console, threw or asked for."""

    def __init__(self, chromium, folder):
        self.chromium, self.folder = chromium, folder
        self.contexts, self.complaints = [], []

    def show(self, model, **options):
        return self.show_file(write_page(model, self.folder), **options)

    def show_file(self, file, **options):
        options = {
            "viewport": {"width": 1280, "height": 900},
            "reduced_motion": "reduce",
            **options,
        }
        context = self.chromium.new_context(**options)
        self.contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: self.complaints.append(dialog.message))
        page.on("request", lambda request: self.ask(request.url, file))
        page.goto(file.as_uri())
        page.wait_for_selector("html[data-ready=yes]", state="attached")
        return page

    def ask(self, url, file):
        if url != file.as_uri():
            self.complaints.append("asked for " + url)


@pytest.fixture
def pages(chromium, tmp_path):
    opened = Pages(chromium, tmp_path)
    yield opened
    for context in opened.contexts:
        context.close()
    assert opened.complaints == []
