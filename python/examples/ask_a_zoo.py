"""What is in a folder of models: `python ask_a_zoo.py FOLDER`"""

import importlib.util
import sys

import hoarfrost

zoo = hoarfrost.batch(sys.argv[1], report="report.jsonl")
for file, error in zoo.failures:
    print(f"{file} failed: {error}")
models = zoo.to_pandas()
models = models[models.status == "ok"].set_index("file")

# %% Which hold statistics of BatchNormalization?
print(models.loc[models["totals.statistics"] > 0, "totals.statistics"])

# %% The ten largest.
print(models.nlargest(10, "totals.parameters")[["totals.parameters", "totals.trainable"]])

# %% All that rest on an assumption, to be looked at.
print(models.loc[models["evidence.assumed"] > 0, "evidence.assumed"])

# %% The same by SQL, where DuckDB is installed.
if importlib.util.find_spec("duckdb"):
    duckdb = importlib.import_module("duckdb")
    query = """SELECT file, totals.parameters FROM read_json('report.jsonl')
               WHERE status = 'ok' ORDER BY totals.parameters DESC LIMIT 10"""
    print(duckdb.sql(query))
