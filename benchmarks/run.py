"""The workloads on us and on an installed PySpark 4.3, in one run, as ratios.

    python benchmarks/run.py [--data DIR] [--bids 4000000] [--pyspark PYTHON] [--only q0,q1,…] [--latency]

PYTHON is the interpreter of an environment with `pyspark` 4.3.0, pandas and pyarrow (and JAVA_HOME set); without it
only our figures are printed. The data is made where DIR lacks it.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
# what the ratios are to be: how many times sooner run_s ends; None: no promise
WANTED = {**dict.fromkeys(["q0_passthrough", "q1_currency", "q2_selection", "q5_hot_items", "q7_highest_bid", "q8_new_users", "q11_sessions", "q13_side_input",
                           "q17_stats", "q18_dedup", "q20_interval_join", "q22_split", "json_window"], 10),
          "q21_regex": 6, "json_parse": 8, "csv_parse": 8, "py_udf": 3, "py_pandas_udf": 4, "py_map_in_arrow": 4, "py_state_pandas": 4, "py_foreach_batch": None}
WORKLOADS = list(WANTED)


def measure(python, impl, script, *arguments):
    env = dict(os.environ, PYSPARK_PYTHON=python)
    done = subprocess.run([python, str(HERE / script), "--impl", impl, *arguments], env=env, stdout=subprocess.PIPE, text=True)
    lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
    return json.loads(lines[-1]) if done.returncode == 0 and lines else None


def cell(value, form="{:.2f}"):
    return form.format(value) if value is not None else "-"


def throughput(options, expected):
    print(f"{'workload':<18}{'ours s':>9}{'pyspark s':>11}{'ratio':>8}{'wanted':>8}{'ours MB':>9}{'pyspark MB':>12}{'batch ms':>10}  fingerprint")
    for name in options.only:
        ours = measure(sys.executable, "pyspark_compat", "workloads/run.py", "--data", options.data, name)
        theirs = measure(options.pyspark, "pyspark", "workloads/run.py", "--data", options.data, name) if options.pyspark else None
        if ours is None:
            print(f"{name:<18} failed", flush=True)
            continue
        ratio = theirs["run_s"] / ours["run_s"] if theirs else None
        want = expected.get(name, {}).get("fingerprint") if options.bids == 4_000_000 else (theirs or {}).get("fingerprint")
        same = "same" if want and ours.get("fingerprint") == want else "none" if not want else f"DIFFERS {ours.get('fingerprint')}"
        print(f"{name:<18}{ours['run_s']:>9.2f}{cell(theirs and theirs['run_s']):>11}{cell(ratio):>8}{WANTED.get(name) or '':>8}"
              f"{ours['peak_mb']:>9}{cell(theirs and theirs['peak_mb'], '{:.0f}'):>12}{cell(ours['batch_ms'], '{:.0f}'):>10}  {same}", flush=True)


def latency(options):
    for form in ([], ["--stateful"], ["--udf"], ["--stateful", "--keys", "1000000"]):
        for impl, python in (("pyspark_compat", sys.executable), ("pyspark", options.pyspark)):
            if python:
                print(" ".join(form) or "stateless", json.dumps(measure(python, impl, "workloads/latency.py", *form)), flush=True)


def startup(options):
    for impl, python in (("pyspark_compat", sys.executable), ("pyspark", options.pyspark)):
        if python:
            print("first row", json.dumps(measure(python, impl, "startup.py")), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", default=str(HERE.parent / "build" / "bench"))
    parser.add_argument("--bids", type=int, default=4_000_000)
    parser.add_argument("--pyspark")
    parser.add_argument("--only", type=lambda text: text.split(","), default=WORKLOADS)
    parser.add_argument("--latency", action="store_true")
    options = parser.parse_args()
    lacking = [form for form in ("parquet", "json", "csv") if not os.path.isdir(f"{options.data}/{form}/bid")]
    if lacking:
        subprocess.run([sys.executable, str(HERE / "workloads/gen.py"), options.data, "--bids", str(options.bids), "--formats", ",".join(lacking)], check=True)
    startup(options)
    throughput(options, json.loads((HERE / "workloads/expected.json").read_text()))
    if options.latency:
        latency(options)


if __name__ == "__main__":
    main()
