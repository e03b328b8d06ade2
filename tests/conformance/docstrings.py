"""PySpark's docstring examples as tests of ours.

Examples are read out of the sources of pyspark 4.3.0 (sources.py), run in the namespace of our module of the same
path, with `pyspark` meaning ours, and their outputs are compared as PySpark's own doctests compare them.

    python tests/conformance/docstrings.py --update    # rewrites docstrings.json: what fails here, and why
    python tests/conformance/docstrings.py --count sql.streaming.listener sql.streaming.query sql.streaming.readwriter
                                                       # how many statements of these modules' examples pass

docstrings.json lists the examples that do not pass, with the reason; each is a strict expected failure, so that a line
goes when its example runs. `pyspark` in it marks examples that fail on PySpark too (--impl pyspark --update).
"""

import ast
import contextlib
import doctest
import functools
import importlib
import io
import json
import os
import pathlib
import re
import sys
import tempfile
import types

HERE = pathlib.Path(__file__).parent
LIST = HERE / "docstrings.json"
MODULES = [
    "accumulators", "conf", "core.broadcast", "core.context", "core.files", "core.rdd", "statcounter", "taskcontext", "storagelevel",
    "sql.column", "sql.conf", "sql.dataframe", "sql.functions.builtin", "sql.group", "sql.pandas.functions", "sql.pandas.map_ops", "sql.readwriter", "sql.session", "sql.streaming.listener", "sql.streaming.query",
    "sql.streaming.readwriter", "sql.types", "sql.udf", "sql.window",
]
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


def examples(sources):
    """(module, qualified name, docstring, line) of every docstring that has an example."""
    for module in MODULES:
        path = sources / "pyspark" / (module.replace(".", "/") + ".py")
        yield from walk(module, ast.parse(path.read_text()), "")


def walk(module, node, prefix):
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (ast.ClassDef, ast.FunctionDef)):
            continue
        name = prefix + child.name
        text = ast.get_docstring(child, clean=False)
        if text and ">>>" in text and not child.name.startswith("_test"):
            yield module, name, text, child.lineno
        if isinstance(child, ast.ClassDef):
            yield from walk(module, child, name + ".")


def keys(sources):
    seen = {}
    for module, name, text, line in examples(sources):
        key = f"{module}:{name}"
        while key in seen:
            key += "'"
        seen[key] = (module, name, text, line)
    return seen


def run(impl, spark, module, name, text, line):
    """None where the example passes, else a short reason."""
    return attempt(impl, spark, module, name, text, line)[0]


def attempt(impl, spark, module, name, text, line):
    """The same, and how many of its statements passed out of how many."""
    space = namespace(impl, module)
    statements = len(doctest.DocTestParser().get_examples(text))
    if space is None:
        return f"no module {module}", 0, statements
    if missing(space, name):
        return "not there yet", 0, statements
    space.update({"spark": spark, "sc": spark.sparkContext})
    test = doctest.DocTestParser().get_doctest(text, space, f"{module}.{name}", f"pyspark/{module.replace('.', '/')}.py", line)
    forget_ended(spark, name)
    said = io.StringIO()
    runner = doctest.DocTestRunner(Checker(), optionflags=FLAGS, verbose=False)
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stderr(io.StringIO()), console_elsewhere(impl), as_pyspark_runs(impl, module, name, spark, folder):
        os.chdir(folder)
        try:
            runner.run(test, out=said.write, clear_globs=True)
        finally:
            os.chdir(before)
            clean(spark)
    return reason(said.getvalue()) if runner.failures else None, runner.tries - runner.failures, statements


def forget_ended(spark, name):
    """PySpark runs the examples of a module in a session of their own, in the order of their names.

    A query that failed in another test of this session would be raised by awaitAnyTermination, rightly; and that its
    example finds a query that has ended is because the examples before it stopped theirs.
    """
    spark.streams.resetTerminated()
    if name.endswith("awaitAnyTermination"):
        spark.readStream.format("rate").load().writeStream.format("noop").start().stop()


class Checker(doctest.OutputChecker):
    """Our modules have PySpark's paths under another name, and an error's text is ours: its class is compared."""

    def check_output(self, want, got, flags):
        got = got.replace("pyspark_compat_worker.captured.", "pyspark.errors.exceptions.captured.").replace("pyspark_compat.", "pyspark.")
        if super().check_output(want, got, flags):
            return True
        wanted, raised = ERROR.match(want), ERROR.match(got)
        return bool(wanted and raised and wanted[1] == raised[1] and all(c in got for c in CONDITION.findall(want)))


@contextlib.contextmanager
def as_pyspark_runs(impl, module, name, spark, folder):
    """What PySpark's own runs of the core modules have: a checkpoint directory, a seed of hashes, plain numpy numbers, no session."""
    if not module.startswith("core.") and module not in ("statcounter", "accumulators", "conf", "taskcontext"):
        yield
        return
    import numpy

    before, context = numpy.get_printoptions(), spark.sparkContext
    numpy.set_printoptions(legacy="1.25")
    seeded = "PYTHONHASHSEED" in os.environ
    os.environ.setdefault("PYTHONHASHSEED", "0")
    context.setCheckpointDir(folder)
    with contextlib.ExitStack() as undo:
        undo.callback(numpy.set_printoptions, legacy=before["legacy"])
        if impl != "pyspark":
            undo.enter_context(context_alone(impl, context, name in ("SparkConf", "SparkContext")))
        if not seeded:
            undo.callback(os.environ.pop, "PYTHONHASHSEED")
        yield


@contextlib.contextmanager
def context_alone(impl, context, starts_one):
    """Errors stay Java's, as without a session; no other test has added files. Examples that start a context find none
    running, and leave no task behind."""
    errors = importlib.import_module("pyspark_compat_worker.captured").Py4JJavaError
    contexts = importlib.import_module(f"{impl}.core.context").SparkContext
    errors.captured = False
    added, context._added_files, context._added_archives = (context._added_files, context._added_archives), {}, {}
    if starts_one:
        contexts._active_spark_context = None
    try:
        yield
    finally:
        errors.captured = True
        context._added_files, context._added_archives = added
        importlib.import_module(f"{impl}.taskcontext").TaskContext._setTaskContext(None)
        if contexts._active_spark_context not in (context, None):
            contexts._active_spark_context.stop()
        contexts._active_spark_context = context
        importlib.import_module(f"{impl}.accumulators").connect(context._drain)


CONDITION = re.compile(r"\[[A-Z_.]{4,}\]")
ERROR = re.compile(r"(?:[\w.]*\.)?(\w+(?:Exception|Error)): ")


@contextlib.contextmanager
def console_elsewhere(impl):
    """The console sink of PySpark writes to the JVM's stdout, ours to sys.stdout, which doctest compares."""
    if impl == "pyspark":
        yield
        return
    lanes = importlib.import_module(f"{impl}.sql.streaming._lanes")
    written, lanes.sys = lanes.sys, types.SimpleNamespace(stdout=io.StringIO())
    try:
        yield
    finally:
        lanes.sys = written


def namespace(impl, module):
    """The names that examples of a module see: ours, and what PySpark's module imports."""
    try:
        loaded = importlib.import_module(f"{impl}.{module}")
    except ModuleNotFoundError as e:
        if e.name and e.name.startswith(impl):
            return None
        raise
    late = {name: getattr(loaded, name) for name in LATE if hasattr(loaded, name)}
    return {**imported(impl, module), **late, **vars(loaded)}


LATE = ("_parse_datatype_string", "_parse_datatype_json_string", "_make_type_verifier", "_all_mappable_types")  # names that load with their first use


@functools.cache
def imported(impl, module):
    import sources

    found, path = {}, sources.find() / "pyspark" / (module.replace(".", "/") + ".py")
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Import):
            names = [(a.asname or a.name.partition(".")[0], a.name, None) for a in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            names = [(a.asname or a.name, node.module, a.name) for a in node.names]
        else:
            continue
        for name, home, member in names:
            home = re.sub(r"^pyspark\b", impl, home)
            with contextlib.suppress(ImportError, AttributeError):
                value = importlib.import_module(home)
                found[name] = getattr(value, member) if member else sys.modules[home.partition(".")[0]]
    return found


def missing(space, name):
    first, *rest = name.split(".")
    if first not in space:
        return True
    value = space[first]
    for part in rest:
        if not hasattr(value, part):
            return True
        value = getattr(value, part)
    return False


def clean(spark):
    for query in spark.streams.active:
        query.stop()


def reason(said):
    """The first failure in a line: what was raised, or that the output differs."""
    raised = re.findall(r"^ {4}(\w[\w.]*(?:Error|Exception|NotImplemented\w*): .*)$", said, re.M)
    if raised:
        return re.sub(r"0x[0-9a-f]+|#\d+|file:\S+", "N", re.sub(r"^[\w.]*\.", "", raised[0]))[:160]
    wanted = re.search(r"Failed example:\n((?: {4}.*\n)+)", said)
    return "output differs: " + (wanted.group(1).strip().splitlines()[0][:120] if wanted else "")


def written(why):
    """Whether a reason in the list was written by hand, and so stays while the example does not pass."""
    return bool(why) and not why.startswith(("pyspark: ", "output differs", "not there yet", "no module")) and not ERROR.match(why)


def load():
    return json.loads(LIST.read_text()) if LIST.exists() else {}


def session(impl):
    if impl == "pyspark_compat":
        importlib.import_module(impl).as_pyspark()
    sql = importlib.import_module(f"{impl}.sql")
    return sql.SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false").getOrCreate()


def update(impl):
    import sources

    found = sources.find()
    if found is None:
        sys.exit("no sources of pyspark here: python tests/conformance/sources.py build/pyspark-sources")
    spark = session(impl)
    spark.sparkContext.setLogLevel("OFF")
    kept = load()
    for key, (module, name, text, line) in keys(found).items():
        if impl != "pyspark" and kept.get(key, "").startswith("pyspark: "):
            continue
        why = run(impl, spark, module, name, text, line)
        if impl == "pyspark":
            kept = {**kept, key: f"pyspark: {why}"} if why else {k: v for k, v in kept.items() if k != key or not v.startswith("pyspark: ")}
        elif why:
            kept[key] = kept[key] if written(kept.get(key)) else why
        else:
            kept.pop(key, None)
        print(key, why or "passes", file=sys.stderr, flush=True)
    spark.stop()
    LIST.write_text(json.dumps(kept, indent=0, sort_keys=True, ensure_ascii=False) + "\n")


def count(impl, modules):
    import sources

    spark = session(impl)
    spark.sparkContext.setLogLevel("OFF")
    passed = total = 0
    for key, example in keys(sources.find()).items():
        if example[0] in modules:
            why, good, statements = attempt(impl, spark, *example)
            passed, total = passed + good, total + statements
            if why:
                print(f"{good} of {statements}  {key}: {why}")
    spark.stop()
    print(f"{passed} of {total} statements pass")


if __name__ == "__main__":
    os.environ["TZ"] = "UTC"
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    sys.path.insert(0, str(HERE))
    if "--count" in sys.argv:
        sys.exit(count("pyspark_compat", sys.argv[sys.argv.index("--count") + 1 :]))
    if "--update" not in sys.argv:
        sys.exit(__doc__)
    update("pyspark" if "pyspark" in sys.argv else "pyspark_compat")
