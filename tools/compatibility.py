"""Writes COMPATIBILITY.md: what of PySpark 4.3 is there and what raises by name, read from the code itself.

    python tools/compatibility.py            # writes the file
    python tools/compatibility.py --check    # fails where the committed file is not what would be written

It reads PySpark's signatures (tests/conformance/signatures.json.gz), the classes of pyspark_compat and their table of
lacking members, the engine's function tables and its table of settings. It imports no engine.
"""
import gzip
import importlib
import inspect
import json
import pathlib
import re
import sys
import warnings

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "python")]
TARGET = ROOT / "COMPATIBILITY.md"
COMMAND = "python tools/compatibility.py"
CONSTANT = re.compile(r'(\w+)\s*=\s*"([^"]+)"')
SETTING = re.compile(r"\{Key: ")
FUNCTION = re.compile(r'(?:\{Name: |^\t[a-z]+Row\()"(\w+)"(?:,\s*Aliases: \[\]string\{([^}]*)\})?', re.M)
NAMED_IN = {"pyspark_compat": ("*.py", re.compile(r"""not_implemented\("([^"{]+)"\)""")),
            "engine": ("*.go", re.compile(r"""errs\.NotBuilt\("([^"]+)"\)""")),
            "pybridge": ("*.go", re.compile(r"""errs\.NotBuilt\("([^"]+)"\)"""))}
FOR_USERS = {"pyspark", "pyspark.sql", "pyspark.sql.streaming", "pyspark.sql.streaming.state", "pyspark.sql.datasource",
             "pyspark.sql.streaming.stateful_processor", "pyspark.streaming"}  # where users take classes from
SPELLED = {  # functions that expressions write as operators
    "and", "or", "!", "=", "<=>", "+", "-", "*", "/", "%", "<", "<=", ">", ">=", "~", "in", "when", "cast",
}


def signatures():
    """PySpark's public names by module."""
    return json.loads(gzip.decompress((ROOT / "tests/conformance/signatures.json.gz").read_bytes()))


def ours(module):
    """Our module of a name, or None."""
    try:
        return importlib.import_module("pyspark_compat" + module.removeprefix("pyspark"))
    except ModuleNotFoundError:
        return None


def is_absent(value):
    """Whether a class is only a name that raises."""
    return type(value).__name__ == "_Absent"


def lacking_members(name, spec, cls):
    """The members of a class that raise by name or are not there."""
    from pyspark_compat._lacking import rows

    listed = {member for base in cls.__mro__ for _, member, _ in rows(base.__name__)}
    return sorted(m for m in spec["class"] if m != "__init__" and (m in listed or not hasattr(cls, m)))


def quoted(names):
    return ", ".join(f"`{name}`" for name in names)


def classes():
    """Lines on classes: those that lack members, and those that are names only."""
    seen, partial, whole, absent = set(), [], [], []
    for module, names in sorted(signatures().items()):
        for name, spec in sorted(names.items()):
            if "class" not in spec or module == "pyspark.sql.functions" or name in seen:
                continue
            cls = getattr(ours(module), name, None) if ours(module) else None
            if cls is None or is_absent(cls):
                if all(getattr(ours(m), name, None) is None or is_absent(getattr(ours(m), name))
                       for m, others in signatures().items() if name in others and ours(m)):
                    seen.add(name)
                    absent += [name] if module in FOR_USERS else []
                continue
            seen.add(name)
            members = lacking_members(name, spec, cls)
            total = len(set(spec["class"]) - {"__init__"})
            if members:
                partial.append(f"| `{name}` | {total - len(members)} of {total} | {quoted(members)} |")
            else:
                whole.append(name)
    return partial, whole, absent


def engine_functions():
    """Every name in the engine's function tables."""
    found = set()
    for path in (ROOT / "engine/functions").glob("*.go"):
        if not path.name.endswith("_test.go"):
            for name, aliases in FUNCTION.findall(path.read_text()):
                found.update([name, *re.findall(r'"(\w+)"', aliases or "")])
    return found


def engine_name(function):
    """The engine's name of what a function of the API builds, None where it builds no call of a function."""
    from pyspark_compat.sql import functions as F

    try:
        needed = [p for p in inspect.signature(function).parameters.values() if p.default is p.empty]
    except (TypeError, ValueError):
        return None
    count = max(1, sum(p.kind is p.POSITIONAL_OR_KEYWORD for p in needed)) if needed else 0
    for arguments in ([F.col("x")] * count, ["x"] * count, [1] * count):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                made = function(*arguments)._expr
        except Exception:  # an argument of another kind is needed
            continue
        while made.kind in ("alias", "cast"):
            made = made.parts[0]
        named = made.kind in ("function", "call") and isinstance(made.parts[0], str)
        return made.parts[0].lower() if named else None
    return None


def lacking_functions():
    """The functions that the engine does not know: (number of all, names that raise)."""
    from pyspark_compat.sql import functions as F

    known = engine_functions() | SPELLED
    names = [n for n, spec in signatures()["pyspark.sql.functions"].items() if "function" in spec]
    missing = []
    for name in sorted(names):
        function = getattr(F, name, None)
        wanted = engine_name(function) if function is not None else name.lower()
        if function is None or wanted is not None and wanted not in known:
            missing.append(name)
        elif wanted is None and name.lower() not in known and not takes_no_call(name):
            missing.append(name)
    return len(names), missing


def takes_no_call(name):
    """Names that build something else than a call of one function."""
    return name in {
        "asc", "asc_nulls_first", "asc_nulls_last", "desc", "desc_nulls_first", "desc_nulls_last", "col", "column",
        "lit",
        "expr", "broadcast", "udf", "pandas_udf", "arrow_udf", "call_function", "call_udf", "when", "from_json",
        "window",
        "approxCountDistinct", "countDistinct", "count_distinct", "sumDistinct", "sum_distinct",
    }


def settings():
    """The engine's settings: rows (key, default, refused, what it is) and the groups that are kept without effect."""
    text = (ROOT / "engine/conf/table.go").read_text()
    constants = dict(CONSTANT.findall(text[:text.index("var table")]))
    body = text[text.index("var table"):text.index("var inert")]
    rows = []
    for row in SETTING.split(body)[1:]:
        key = row.split(",")[0].strip().strip('"')
        value = re.search(r'Default: "([^"]*)"', row)
        refused = re.search(r"Refused: \[\]string\{([^}]*)\}", row)
        said = re.search(r'Doc: "([^"]*)"', row)
        rows.append((constants.get(key, key), f"`{value.group(1)}`" if value else "",
                     ", ".join(f"`{v}`" for v in re.findall(r'"([^"]+)"', refused.group(1))) if refused else "",
                     said.group(1) if said else ""))
    inert = text[text.index("var inert"):]
    return rows, re.findall(r'"(spark\.[^"]*)"', inert[:inert.index("}")])


def formats():
    """Of sources and sinks: what each is, the formats that are there, those that raise."""
    rows = []
    for what, package in (("sources", "source"), ("sinks", "sink")):
        text = (ROOT / f"engine/{package}/catalog.go").read_text()
        there = re.search(r"var connectors = .*?\n}", text, re.S).group()
        lacking = re.search(r"var lacking = .*", text).group()
        rows.append((what, re.findall(r'^\t\{"([^"]+)"', there, re.M), re.findall(r'"([^"]+)"', lacking)))
    return rows


def named_forms():
    """What code refuses by a name written in it: forms of members that are there."""
    found = set()
    for folder, (pattern, written) in NAMED_IN.items():
        for path in (ROOT / folder).rglob(pattern):
            if not path.name.endswith("_test.go"):
                found.update(written.findall(path.read_text()))
    return sorted(found, key=str.lower)


def sql():
    """Of SQL: the statements that run, those that are refused by their name, and the refused clauses."""
    texts = [path.read_text() for path in (ROOT / "engine/sql").glob("*.go") if not path.name.endswith("_test.go")]
    known = re.search(r"fill\(statements, `([^`]+)`", "".join(texts)).group(1).split()
    command = (ROOT / "engine/sql/command.go").read_text()
    running = re.search(r"^func \(p \*parser\) commandStatement.*?^}", command, re.M | re.S).group()
    there = [form.replace('", "', " ") for form in re.findall(r'(?:accept|isWords)\("([A-Z", ]+)"\)', running)]
    there = [form for form in there if form.split()[0] in known] + ["SET", "RESET"]
    lacking = [word for word in known if word not in {form.split()[0] for form in there}]
    clauses = {name for text in texts for name in re.findall(r'notBuilt\([^"\n]*"([^"]+[^" ])"\)', text)}
    return sorted(there), sorted(lacking), sorted(clauses, key=str.lower)


def document():
    """The whole text."""
    partial, whole, absent = classes()
    total, missing = lacking_functions()
    rows, inert = settings()
    statements, refused, clauses = sql()
    lines = [
        "# What of PySpark 4.3 is there", "",
        f"Written by `{COMMAND}` from the code; a test compares. What is lacking raises `PySparkNotImplementedError`",
        "(`NOT_IMPLEMENTED`), which names it; a function that PySpark has not either raises `UNRESOLVED_ROUTINE`.",
        "Deliberate differences in what is there are the table in the [README](README.md).", "",
        "## Classes in part", "", "| class | members there | lacking |", "|---|---|---|", *partial, "",
        "## Classes in full", "", quoted(whole) + ".", "",
        "## Classes that are names only", "", quoted(absent) + ".", "",
        "## Formats", "", "| | there | lacking |", "|---|---|---|",
        *(f"| {what} | {quoted(there)} | {quoted(lacking)} |" for what, there, lacking in formats()), "",
        "## Forms that raise by name", "",
        "What the code refuses in members, SQL and options that are there otherwise.", "",
        *(f"- {form}" for form in named_forms()), "",
        "## SQL", "",
        f"Besides queries these statements run: {quoted(statements)}. Refused by name: all others that begin with these words,",
        f"and {quoted(refused)}; in queries and statements that run {quoted(clauses)}.", "",
        "## Functions", "",
        f"{total - len(missing)} of {total} functions of `pyspark.sql.functions` run. The others:", "",
        quoted(missing) + ".", "",
        "## Settings that are read", "", "| key | default | refused values | what it is |", "|---|---|---|---|",
        *(f"| `{key}` | {value} | {refused} | {said} |" for key, value, refused, said in rows), "",
        "## Settings that are kept without effect", "",
        "They are readable and logged once. A name that ends in a dot stands for all that begin so.", "",
        quoted(inert) + ".", "",
    ]
    return "\n".join(lines)


def main(arguments):
    text = document()
    if "--check" in arguments:
        if TARGET.read_text() != text:
            sys.exit(f"COMPATIBILITY.md is not current: run `{COMMAND}`")
        return
    TARGET.write_text(text)


if __name__ == "__main__":
    main(sys.argv[1:])
