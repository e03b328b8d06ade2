"""Records what PySpark answers for the expressions of engine/sql/testdata/expressions.json.

    python tests/golden/expressions.py          record again
    python tests/golden/expressions.py --check  fail where PySpark now answers otherwise

The file is the list of questions too: to ask more, add {"sql": "…"} entries ("legacy": true for the answer without
ANSI) and record. Needs PySpark 4.3 and Java. Each answer is of spark.range(1).selectExpr(sql): the columns (name, type,
nullable) and the rows as text, or the condition, class and parameters of the error.
"""
import json
import os
import re
import sys

from pyspark.sql import SparkSession
from pyspark.sql import functions as F

FILE = os.path.join(os.path.dirname(__file__), "..", "..", "engine", "sql", "testdata", "expressions.json")
ANSI = "spark.sql.ansi.enabled"


def session():
    return (SparkSession.builder.master("local[2]").config("spark.sql.shuffle.partitions", 1)
            .config("spark.ui.enabled", False).config("spark.sql.session.timeZone", "America/Los_Angeles").getOrCreate())


def answer(spark, question):
    mode = "false" if question.get("legacy") else "true"
    out = {k: question[k] for k in ("sql", "legacy") if k in question}
    spark.conf.set(ANSI, mode)
    try:
        frame = spark.range(1).selectExpr(question["sql"])
        out["columns"] = [[f.name, f.dataType.simpleString(), f.nullable] for f in frame.schema.fields]
        # The values are computed in the question's mode; their text always in ANSI's.
        spark.conf.set(ANSI, "true")
        text = frame.select(*[F.col("`" + c.replace("`", "``") + "`").cast("string") for c in frame.columns])
        spark.conf.set(ANSI, mode)
        out["rows"] = [list(r) for r in text.collect()]
    except Exception as e:
        out.pop("columns", None)
        out["error"], out["class"] = e.getCondition() or "", type(e).__name__
        if e.getMessageParameters():
            out["params"] = dict(e.getMessageParameters())
        if e.getSqlState():
            out["state"] = e.getSqlState()
    return out


def plain(entry):
    """An answer without the numbers that differ from run to run."""
    return re.sub(r"#\d+", "#", json.dumps(entry, sort_keys=True))


def main():
    with open(FILE, encoding="utf-8") as f:
        questions = json.load(f)
    spark = session()
    answers = [answer(spark, q) for q in questions]
    spark.stop()
    if "--check" in sys.argv[1:]:
        changed = [a["sql"] for a, q in zip(answers, questions) if plain(a) != plain(q)]
        print("\n".join(changed) or "no difference")
        sys.exit(bool(changed))
    with open(FILE, "w", encoding="utf-8") as f:
        f.write("[\n" + ",\n".join(json.dumps(a, ensure_ascii=False) for a in answers) + "\n]\n")


if __name__ == "__main__":
    main()
