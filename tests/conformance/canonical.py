"""Answers as JSON: the form in which goldens are kept and compared.

Every Python value keeps its type (1 and 1.0, bytes and bytearray, list and tuple differ). What changes from run to run
(temporary folders, expression ids, UUIDs, addresses) is replaced by a fixed word.
"""

import datetime
import decimal
import json
import math
import re
import uuid

SCRUB = [
    (re.compile(r"file:(//)?(/[\w.+-]+)*/DIR"), "file:DIR"),
    (re.compile(r"(/[\w.+-]+)+/DIR"), "DIR"),
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "UUID"),
    (re.compile(r"#\d+L?"), "#N"),
    (re.compile(r"0x[0-9a-f]{6,}"), "0xADDRESS"),
    (re.compile(r"@[0-9a-f]{6,8}\b"), "@ADDRESS"),
    (re.compile(r"plan_id=\d+"), "plan_id=N"),
]


class Canon:
    """Turns one implementation's values into JSON; holds the folders whose names are to be hidden."""

    def __init__(self, api):
        self.api = api
        self.folders = []

    def text(self, text):
        for folder in sorted(self.folders, key=len, reverse=True):
            text = text.replace(folder, "/DIR")
        for pattern, word in SCRUB:
            text = pattern.sub(word, text)
        return text

    def value(self, v):
        if v is None or isinstance(v, bool):
            return v
        if isinstance(v, str):
            return self.text(v)
        if isinstance(v, float):
            return v if math.isfinite(v) else {"float": str(v)}
        if type(v).__module__ == "numpy":
            return {f"numpy.{type(v).__name__}": self.value(v.tolist())}
        if isinstance(v, int):
            return v if type(v) is int else {type(v).__name__: int(v)}
        for kind, convert in self.kinds():
            if isinstance(v, kind):
                return convert(v)
        return {"object": type(v).__name__, "text": self.text(str(v))}

    def kinds(self):
        api = self.api
        return [
            (api.Row, self.row),
            (api.sql.DataFrame, self.frame),
            (api.T.DataType, lambda v: {"type": json.loads(v.json())}),
            (decimal.Decimal, lambda v: {"decimal": str(v)}),
            (datetime.datetime, lambda v: {"datetime": v.isoformat()}),
            (datetime.date, lambda v: {"date": v.isoformat()}),
            (datetime.time, lambda v: {"time": v.isoformat()}),
            (datetime.timedelta, lambda v: {"timedelta": str(v)}),
            ((bytes, bytearray), lambda v: {type(v).__name__: v.hex()}),
            (uuid.UUID, lambda v: {"uuid": "UUID"}),
            (list, lambda v: [self.value(x) for x in v]),
            (tuple, lambda v: {"tuple": [self.value(x) for x in v]}),
            (dict, lambda v: {"dict": [[self.value(k), self.value(x)] for k, x in v.items()]}),
            ((set, frozenset), lambda v: {"set": sorted(json.dumps(self.value(x)) for x in v)}),
            (BaseException, self.error),
            *self.tables(),
        ]

    def tables(self):
        import pandas
        import pyarrow

        return [
            (pandas.DataFrame, self.pandas),
            ((pyarrow.Table, pyarrow.RecordBatch), self.arrow),
        ]

    def row(self, v):
        names = v.__fields__ if hasattr(v, "__fields__") else None
        values = [self.value(x) for x in v]
        return {"Row": [list(p) for p in zip(names, values)]} if names else {"Row": values}

    def frame(self, df):
        return {"schema": df.schema.simpleString(), "rows": [[self.value(x) for x in r] for r in df.collect()]}

    def pandas(self, v):
        columns = [[str(n), str(t)] for n, t in zip(v.columns, v.dtypes)]
        rows = [[self.value(None if x is None else x) for x in r] for r in v.astype(object).itertuples(index=False, name=None)]
        return {"pandas": columns, "rows": rows}

    def arrow(self, v):
        return {"arrow": [f"{f.name}: {f.type}{'' if f.nullable else ' not null'}" for f in v.schema], "rows": self.value(v.to_pylist())}

    def error(self, e):
        """Class, condition, SQLSTATE and parameters; what PySpark lets through from Java has no class to match."""
        if type(e).__name__ in ("Py4JJavaError", "Py4JError"):
            found = re.search(r"\[([A-Z_0-9]+(?:\.[A-Z_0-9]+)*)\]", str(e))
            return {"error": "any", "condition": found.group(1) if found else None}
        if not isinstance(e, self.api.errors.PySparkException):
            return {"error": type(e).__name__}
        parameters = e.getMessageParameters() or {}
        parameters = {k: self.parameter(e, k, str(v)) for k, v in parameters.items()}
        return {
            "error": type(e).__name__,
            "condition": e.getCondition(),
            "sqlState": e.getSqlState(),
            "parameters": {k: parameters[k] for k in sorted(parameters)},
        }

    def parameter(self, e, name, value):
        """A parameter that is itself a sentence, a plan or a traceback says no more than that it is there."""
        whole_sentence = name in ("msg", "message") and ((e.getCondition() or "").startswith("_LEGACY") or type(e).__name__ in ("StreamingQueryException", "PythonException"))
        if whole_sentence or name == "plan" or "Traceback (most" in value:
            return "TEXT"
        return self.text(value)


def as_text(canonical):
    return json.dumps(canonical, sort_keys=True, ensure_ascii=False)


def matches(golden, ours):
    """Equality, but for errors: one that PySpark lets through from Java may have any class; one without a condition, any condition."""
    if isinstance(golden, dict) and golden.get("error") == "any" and isinstance(ours, dict) and "error" in ours:
        return golden["condition"] in (None, ours.get("condition"))
    if isinstance(golden, dict) and golden.get("error") and golden.get("condition") is None and isinstance(ours, dict):
        return golden["error"] == ours.get("error")
    return as_text(golden) == as_text(ours)
