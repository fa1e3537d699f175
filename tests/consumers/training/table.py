"""Writes the table of docs/trainers.md: which trainer honours what, as measured.

usage: table.py RESULTS.jsonl DOCUMENT [--check]      RESULTS: of tools/test-consumers --all
"""

import json
import sys
from pathlib import Path

CONSUMERS = {
    "onnxruntime-training": "ONNX Runtime training",
    "onnx2torch": "onnx2torch",
    "onnx2pytorch": "onnx2pytorch",
    "jaxonnxruntime": "jaxonnxruntime",
    "onnx-ad": "onnx-ad",
}
FREEZES = {
    "backbone": "backbone",
    "all_but_norm": "all but normalization",
    "first_layers": "first layers",
}
FORMS = {
    "": "as `freeze` writes it",
    "arithmetic": "`--batchnorm arithmetic`",
    "identity": "`--dropout identity`",
    "constants": "`--constants`",
    "exposed": "`--expose-trainable`",
}


def forms_table(rows):
    """Of the models that are made for it, with the backbone frozen."""
    made = {row["model"] for row in rows if row["form"]}
    cells, quotes = {}, []
    for row in rows:
        if row["model"] not in made or row["freeze"] != "backbone":
            continue
        cell = cells.setdefault((row["form"], row["consumer"]), {})
        text = row["outcome"]
        if text == "refused":
            if row["text"] not in quotes:
                quotes.append(row["text"])
            text = f"refused [{chr(ord('a') + quotes.index(row['text']))}]"
        cell.setdefault(text, []).append(row["model"])
    lines = ["| form | " + " | ".join(CONSUMERS.values()) + " |"]
    lines.append("| --- " * (len(CONSUMERS) + 1) + "|")
    for form, name in FORMS.items():
        texts = []
        for consumer in CONSUMERS:
            cell = cells.get((form, consumer), {})
            texts.append(
                "; ".join(
                    text if len(cell) == 1 else f"{text}: {', '.join(models)}"
                    for text, models in cell.items()
                )
            )
        if any(texts):
            lines.append(f"| {name} | " + " | ".join(texts) + " |")
    lines.append("")
    lines += [
        f"- a: `{quote}`".replace("a", chr(ord("a") + n), 1) for n, quote in enumerate(quotes)
    ]
    return "\n".join(lines) + "\n"


def table(rows):
    cells, quotes, order = {}, [], []
    for row in rows:
        key = (row["model"], row["freeze"])
        if key not in order:
            order.append(key)
        if row["outcome"] == "honoured":
            text = "honoured"
        else:
            if row["text"] not in quotes:
                quotes.append(row["text"])
            text = f"refused [{quotes.index(row['text']) + 1}]"
        cells[row["consumer"], *key] = text
    lines = ["| model | frozen | " + " | ".join(CONSUMERS.values()) + " |"]
    lines.append("| --- " * (len(CONSUMERS) + 2) + "|")
    for model, freeze in order:
        texts = [cells[consumer, model, freeze] for consumer in CONSUMERS]
        lines.append(f"| `{model}` | {FREEZES[freeze]} | " + " | ".join(texts) + " |")
    lines.append("")
    for number, quote in enumerate(quotes, 1):
        lines.append(f"{number}. `{quote}`")
    return "\n".join(lines) + "\n"


def replaced(text, name, by):
    begin, end = f"<!-- {name}: begin -->\n", f"<!-- {name}: end -->\n"
    if begin not in text:
        return text
    before, _, rest = text.partition(begin)
    _, _, after = rest.partition(end)
    return before + begin + by + end + after


def main():
    results, document = map(Path, sys.argv[1:3])
    rows = [json.loads(line) for line in results.read_text().splitlines()]
    # In the order of the consumers, whichever ran last.
    rows.sort(key=lambda row: list(CONSUMERS).index(row["consumer"]))
    text = document.read_text()
    written = replaced(text, "table", table([row for row in rows if not row["form"]]))
    written = replaced(written, "forms", forms_table(rows))
    if "--check" in sys.argv:
        sys.exit(f"{document}: not what was measured" if written != text else 0)
    document.write_text(written)


if __name__ == "__main__":
    main()
