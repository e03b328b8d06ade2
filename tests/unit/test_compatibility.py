"""COMPATIBILITY.md says what the code does."""

import importlib.util
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]


def tool():
    spec = importlib.util.spec_from_file_location("compatibility", ROOT / "tools/compatibility.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_file_is_current():
    made = tool()
    assert made.TARGET.read_text() == made.document(), f"run `{made.COMMAND}`"


def test_it_finds_what_is_there_and_what_is_not():
    made = tool()
    partial, whole, absent = made.classes()
    assert "StreamingQuery" in whole and "Row" in whole and "RDD" in whole and "BasicProfiler" in absent
    assert any(line.startswith("| `DataFrame` |") and "`pivot`" not in line and "`cube`" in line for line in partial)
    total, missing = made.lacking_functions()
    assert total > 500 and "sum" not in missing and "upper" not in missing
    assert "sqrt" not in missing  # a row that a helper writes
    (_, sources, no_sources), (_, sinks, no_sinks) = made.formats()
    assert "rate" in sources and "kafka" in no_sources and "console" in sinks and "kafka" in no_sinks
    rows, inert = made.settings()
    assert ("spark.sql.session.timeZone", "", "", "zone of timestamps in text; the machine's unless set") in rows
    assert "spark.executor." in inert
