"""Every case of testdata/hostile: the command gives the verdict its NAME.expect.json calls
careful, in words that name the cause.

Verdicts: `accept` exit 0 and the counts as given; `warn` the same, with a warning; `refuse` exit 2,
no output but one message.
"""

import json
import os
import re
import tempfile
import unittest
from pathlib import Path

from inspector import TESTDATA, Answer

HOSTILE = TESTDATA / "hostile"

# Roles as the cases spell them.
ROLES = {
    "trainable": lambda t: t["role"] == "weight" and t["trainable"],
    "statistic": lambda t: t["role"] == "statistic",
    "buffer": lambda t: (
        t["role"] in ("quantization", "constant") or (t["role"] == "weight" and not t["trainable"])
    ),
    "constant": lambda t: t["role"] in ("constant", "quantization"),
    "unused": lambda t: t["role"] == "unused",
}


class Hostile(unittest.TestCase):
    def check(self, expect_path):
        expect = json.loads(expect_path.read_text())
        answer = Answer(HOSTILE / expect["path"])
        self.assertIn(answer.status, (0, 2), answer.stderr)
        self.assertIsNone(
            re.search(r"[\x00-\x08\x0b-\x1f\x7f]", answer.stderr), "control bytes in the message"
        )

        verdicts = expect["verdict"].split("|")
        if answer.status == 2:
            said = "refuse"
            self.assertIsNone(answer.json)
            self.assertTrue(answer.stderr.strip(), "refused without a word")
        else:
            said = "warn" if answer.words.strip() else "accept"
        careful = said in verdicts or (said == "warn" and "accept" in verdicts)
        self.assertTrue(careful, f"said {said}, wanted {expect['verdict']}: {answer.words}")

        if said == "refuse" or (said == "warn" and "accept" not in verdicts):
            for words in expect.get("must_name", []):
                self.assertTrue(
                    any(w.lower() in answer.words.lower() for w in words.split("|")),
                    f"{words}: {answer.words}",
                )
        if answer.json:
            self.check_tensors(expect, answer)

    def check_tensors(self, expect, answer):
        for key, want in expect.get("tensors", {}).items():
            scope, _, name = key.rpartition("/")
            tensor = answer.tensor(scope, name) or answer.tensor("", key)
            self.assertIsNotNone(tensor, f"not listed: {key}")
            self.assertEqual(
                (tensor["shape"], tensor["elements"]), (want["shape"], want["elements"]), key
            )
            self.assertTrue(
                any(ROLES[role](tensor) for role in want["role"]),
                f"{key}: {tensor}, wanted {want['role']}",
            )
        totals = expect.get("totals", {})
        for role, field in (("trainable", "trainable"), ("statistic", "statistics")):
            if role in totals:
                self.assertEqual(answer.json["totals"][field], totals[role]["elements"], role)

    def test_a_directory_is_refused_as_one(self):
        with tempfile.TemporaryDirectory(suffix=".onnx") as folder:
            answer = Answer(folder)
        self.assertEqual(answer.status, 2)
        self.assertIn("directory", answer.stderr)

    def test_a_data_file_that_is_a_pipe_is_not_waited_for(self):
        with tempfile.TemporaryDirectory() as folder:
            model = (HOSTILE / "ext_missing" / "model.onnx").read_bytes()
            location = json.loads((HOSTILE / "ext_missing.expect.json").read_text())["must_name"]
            name = next(w for words in location for w in words.split("|") if w.endswith(".bin"))
            os.mkfifo(Path(folder) / name)
            (Path(folder) / "model.onnx").write_bytes(model)
            answer = Answer(Path(folder) / "model.onnx")
        self.assertIn(name, answer.words)

    def test_a_model_cut_at_any_byte_is_refused_or_counted(self):
        whole = (HOSTILE / "reversed_fields.onnx").read_bytes()
        with tempfile.TemporaryDirectory() as folder:
            for length in range(len(whole)):
                path = Path(folder) / "cut.onnx"
                path.write_bytes(whole[:length])
                self.assertIn(Answer(path).status, (0, 2), f"cut at byte {length}")


def add_tests():
    for expect in sorted(HOSTILE.glob("*.expect.json")):
        name = "test_" + expect.name.removesuffix(".expect.json")
        setattr(Hostile, name, lambda self, expect=expect: self.check(expect))


add_tests()

if __name__ == "__main__":
    unittest.main()
