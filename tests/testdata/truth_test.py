"""Every model of testdata beside a NAME.truth.json: the command's tensors, roles and totals fit
what the exporting framework says.

Where a truth row allows more than one answer (`accept`, `unjudged`, `unknowable`, role `derived`),
so does this test.
"""

import json
import unittest

from inspector import TESTDATA, Answer

FLOATS = {"FLOAT", "FLOAT16", "BFLOAT16", "DOUBLE"}
# What a row of the truth may be called. A framework's buffer is a constant or a statistic here.
ALLOWED = {
    "weight": {"weight"},
    "statistic": {"statistic"},
    "buffer": {"constant", "statistic"},
    "constant": {"constant", "quantization"},
    "quantization": {"quantization"},
}
WEAK = {"name", "assumed"}

# Total / trainable / non-trainable as a user of Keras knows them, where the file holds all of it.
KNOWN = {
    "handmade/hand_gemm": (1010, 1010, 0),
    "handmade/hand_matmul_add": (1010, 1010, 0),
    "handmade/hand_dense_bn": (1050, 1030, 20),
    "other/paddle_mlp_bn": (1050, 1030, 20),
    "other/jax_mlp_bn": (1050, 1030, 20),
}
for model in sorted((TESTDATA / "keras").glob("*seed_model1*.onnx")):
    KNOWN[f"keras/{model.stem}"] = (1010, 1010, 0)


def is_open(row):
    """More than one role is right for this row."""
    return row["role"] == "derived" or row.get("unjudged") or row.get("unknowable")


def weight_range(rows):
    """The least and the most elements that trainable and frozen weights may add up to."""
    floats = [row for row in rows if row["dtype"] in FLOATS]
    least = sum(
        r["numel"]
        for r in floats
        if r["role"] == "weight" and not is_open(r) and r.get("consumers")
    )
    most = sum(r["numel"] for r in floats if r["role"] == "weight" or is_open(r))
    return least, most


def statistic_range(rows):
    least = sum(
        r["numel"]
        for r in rows
        if r["role"] == "statistic" and not is_open(r) and r.get("consumers")
    )
    most = sum(
        r["numel"]
        for r in rows
        if r["role"] == "statistic"
        or (r["dtype"] in FLOATS and (r["role"] == "buffer" or is_open(r)))
    )
    return least, most


def row_fits(row, tensor):
    if row["role"] == "derived" or row.get("unjudged"):
        return True
    if row.get("unknowable") and tensor["reason"]["kind"] in WEAK:
        return True
    said = tensor["role"]
    return said in ALLOWED[row["role"]] | set(row.get("accept", ())) or (
        said == "unused" and not row.get("consumers")
    )


class Truth(unittest.TestCase):
    def check(self, stem):
        truth = json.loads((TESTDATA / f"{stem}.truth.json").read_text())
        rows = truth["initializers"]
        answer = Answer(TESTDATA / f"{stem}.onnx")
        self.assertEqual(answer.status, 0, answer.stderr)
        self.check_sums(answer.json)

        totals = answer.json["totals"]
        least, most = weight_range(rows)
        self.assertTrue(
            least <= totals["trainable"] + totals["frozen"] <= most,
            f"weights: {totals}, truth {least}..{most}",
        )
        least, most = statistic_range(rows)
        self.assertTrue(
            least <= totals["statistics"] <= most, f"statistics: {totals}, truth {least}..{most}"
        )
        if stem in KNOWN:
            said = (totals["parameters"], totals["trainable"], totals["non_trainable"])
            self.assertEqual(said, KNOWN[stem])

        for row in rows:
            # Scalars of Constant nodes need not be listed: literals of the graph are that too.
            if row["holder"] == "Constant" and row["numel"] < 2:
                continue
            tensor = answer.tensor(row["where"], row["name"])
            self.assertIsNotNone(tensor, f"not listed: {row['where']}/{row['name']}")
            self.assertEqual(tensor["shape"], row["shape"], row["name"])
            self.assertEqual(tensor["elements"], row["numel"], row["name"])
            self.assertTrue(
                row_fits(row, tensor),
                f"{row['name']}: is {row['role']}, said {tensor['role']}, {tensor['reason']}",
            )

    def check_sums(self, said):
        """The totals are Keras's arithmetic over the tensors listed."""
        totals, tensors = said["totals"], said["tensors"]

        def count(role):
            return sum(
                t.get("logical_elements", t["elements"]) for t in tensors if t["role"] == role
            )

        self.assertEqual(totals["parameters"], count("weight") + count("statistic"))
        self.assertEqual(totals["parameters"], totals["trainable"] + totals["non_trainable"])
        self.assertEqual(totals["statistics"], count("statistic"))
        self.assertEqual(
            totals["trainable"],
            sum(t.get("logical_elements", t["elements"]) for t in tensors if t["trainable"]),
        )
        self.assertEqual(sum(layer["parameters"] for layer in said["layers"]), totals["parameters"])
        for tensor in tensors:
            self.assertTrue(tensor["reason"]["text"], tensor["name"])


def add_tests():
    for truth in sorted(TESTDATA.glob("*/*.truth.json")):
        stem = str(truth.relative_to(TESTDATA)).removesuffix(".truth.json")
        setattr(Truth, "test_" + stem.replace("/", "_"), lambda self, stem=stem: self.check(stem))


add_tests()

if __name__ == "__main__":
    unittest.main()
