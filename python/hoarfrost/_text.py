"""Text made to be looked at."""

from __future__ import annotations

import html


class Report(str):
    """A str that shows itself as it is: at the prompt without quotes, in a notebook in columns."""

    __slots__ = ()

    def __new__(cls, text: str) -> Report:
        return super().__new__(cls, text.rstrip("\n"))  # print() adds one

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        style = "white-space: pre; line-height: 1.2; overflow-x: auto"
        # Lone surrogates, of bytes in names that are no UTF-8, would not survive the way there.
        text = self.encode("utf-8", "backslashreplace").decode()
        return f'<pre style="{style}">{html.escape(text)}</pre>'
