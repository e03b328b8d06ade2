"""One test body, two implementations.

    pytest tests/conformance                             # pyspark_compat against the recorded answers
    pytest tests/conformance --impl pyspark              # an installed PySpark 4.3 against them
    pytest tests/conformance --impl pyspark --record     # records; a recorded answer that changed is written and fails

A test calls check(value) or check_error(function); the answers of a module's tests are in the JSON file beside it.
"""

import contextlib
import importlib
import json
import os
import pathlib
import sys
import time
import types

import pytest

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE))

from canonical import Canon, as_text, matches  # noqa: E402
from dstreams import Batches  # noqa: E402
from streams import Feed  # noqa: E402

SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.shuffle.partitions": "2",
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
}


def pytest_addoption(parser):
    group = parser.getgroup("conformance")
    group.addoption("--impl", choices=["pyspark_compat", "pyspark"], default="pyspark_compat")
    group.addoption("--update-lacking", action="store_true", help="rewrite lacking.json: what fails here, and why")
    group.addoption("--record", action="store_true", help="write PySpark's answers (with --impl pyspark)")


def pytest_configure(config):
    if config.getoption("--record") and config.getoption("--impl") != "pyspark":
        raise pytest.UsageError("--record needs --impl pyspark: only PySpark's answers are goldens")
    os.environ["TZ"] = "UTC"
    time.tzset()
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
    if config.getoption("--impl") == "pyspark":
        os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE), os.environ.get("PYTHONPATH", "")])
    config.addinivalue_line("markers", "only_ours(reason): PySpark cannot answer this; the test asserts by itself")


LACKING = HERE / "lacking.json"


def lacking():
    """Tests that do not pass on us yet, each with its reason: strict expected failures."""
    return json.loads(LACKING.read_text()) if LACKING.exists() else {}


def key(item):
    return f"{pathlib.Path(item.path).name}::{item.name}"


def pytest_collection_modifyitems(config, items):
    if config.getoption("--impl") != "pyspark":
        known = {} if config.getoption("--update-lacking") else lacking()
        for item in items:
            if key(item) in known:
                item.add_marker(pytest.mark.xfail(strict=True, reason=known[key(item)]))
        return
    for item in items:
        mark = item.get_closest_marker("only_ours")
        if mark:
            item.add_marker(pytest.mark.skip(reason=f"only ours: {mark.args[0]}"))


@pytest.fixture(scope="session")
def impl(request):
    return request.config.getoption("--impl")


@pytest.fixture(scope="session")
def api(impl):
    """The modules of the implementation under test."""
    load = lambda name: importlib.import_module(f"{impl}.{name}")
    sql = load("sql")
    return types.SimpleNamespace(
        name=impl, root=importlib.import_module(impl), load=load, sql=sql, F=load("sql.functions"), T=load("sql.types"),
        streaming=load("sql.streaming"), errors=load("errors"), Row=sql.Row, Window=getattr(sql, "Window", None),
    )


@pytest.fixture(scope="session")
def F(api):
    return api.F


@pytest.fixture(scope="session")
def T(api):
    return api.T


@contextlib.contextmanager
def standard_output_to(path):
    """The process's standard output goes to a file: a JVM started meanwhile keeps writing there."""
    kept = os.dup(1)
    with open(path, "wb") as out:
        os.dup2(out.fileno(), 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)


@pytest.fixture
def console(impl, capsys, tmp_path_factory):
    """console(): what a console sink has printed since the last call. PySpark's comes from the JVM, ours through sys.stdout."""
    seen = [0]

    def read():
        if impl != "pyspark":
            return capsys.readouterr().out
        text = (tmp_path_factory.getbasetemp() / "jvm.out").read_text()
        new, seen[0] = text[seen[0] :], len(text)
        return new

    read()
    return read


@pytest.fixture(scope="session")
def whole_session(api, impl, tmp_path_factory):
    builder = api.sql.SparkSession.builder.master("local[2]").appName("conformance")
    for key, value in SETTINGS.items():
        builder = builder.config(key, value)
    builder = builder.config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("home") / "warehouse"))
    if impl == "pyspark":
        builder = builder.config("spark.driver.memory", "1g")
    with standard_output_to(tmp_path_factory.getbasetemp() / "jvm.out") if impl == "pyspark" else contextlib.nullcontext():
        session = builder.getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


@pytest.fixture
def spark(whole_session):
    yield whole_session
    for query in whole_session.streams.active:
        query.stop()
    whole_session.catalog.clearCache() if hasattr(whole_session, "catalog") else None


@pytest.fixture
def conf(spark):
    """conf(key, value): a setting for this test only."""
    with contextlib.ExitStack() as undo:

        def change(key, value):
            before = spark.conf.get(key, None)
            undo.callback(lambda: spark.conf.unset(key) if before is None else spark.conf.set(key, before))
            spark.conf.set(key, value)

        yield change


class Goldens:
    """The recorded answers of one module."""

    def __init__(self, path):
        self.path = path
        self.answers = json.loads(path.read_text()) if path.exists() else {}
        self.changed = False

    def forget_all_but(self, names):
        stale = [n for n in self.answers if n not in names]
        self.changed |= bool(stale)
        for name in stale:
            del self.answers[name]

    def save(self):
        if self.changed:
            lines = [f"{json.dumps(k)}: [\n  " + ",\n  ".join(as_text(a) for a in v) + "\n ]" for k, v in sorted(self.answers.items())]
            self.path.write_text("{\n " + ",\n ".join(lines) + "\n}\n")


@pytest.fixture(scope="module")
def goldens(request):
    kept = Goldens(pathlib.Path(request.path).with_suffix(".json"))
    yield kept
    if request.config.getoption("--record") and not request.config.option.keyword and "::" not in " ".join(request.config.args):
        kept.forget_all_but({item.name for item in request.session.items if item.path == request.path and not item.get_closest_marker("only_ours")})
    kept.save()


class Answer:
    """A value already in canonical form."""

    def __init__(self, canonical):
        self.canonical = canonical


class Check:
    """check(value): records PySpark's answer, or compares with it. check.error(function): the same for what it raises."""

    def __init__(self, goldens, name, canon, record, ours):
        self.goldens, self.name, self.canon, self.record, self.is_ours = goldens, name, canon, record, ours
        self.seen = []
        self.expected = goldens.answers.get(name)

    def __call__(self, value, ours=None):
        """ours: our answer where we deliberately differ (a row of the README's table)."""
        answer = value.canonical if isinstance(value, Answer) else self.canon.value(value)
        answer = json.loads(as_text(answer))
        place = len(self.seen)
        self.seen.append(answer)
        if self.record:
            return
        if ours is not None and self.is_ours:
            expected = json.loads(as_text(self.canon.value(ours)))
        elif self.expected is None or place >= len(self.expected):
            pytest.fail(f"no recorded answer {place} for {self.name}: run with --impl pyspark --record")
        else:
            expected = self.expected[place]
        if not matches(expected, answer):
            pytest.fail(f"answer {place} of {self.name}\n  expected {as_text(expected)}\n  got      {as_text(answer)}", pytrace=False)

    def error(self, function):
        try:
            function()
        except Exception as e:
            self(e)
        else:
            self("no error")

    def unordered(self, frame):
        """A frame whose rows may come in any order."""
        answer = self.canon.frame(frame)
        self(Answer({**answer, "rows": sorted(answer["rows"], key=as_text)}))

    def outcome(self, function):
        """The value, or the error where PySpark raises one."""
        try:
            value = function()
            answer = self.canon.value(value)
        except Exception as e:
            answer = self.canon.value(e)
        self(Answer(answer))

    def printed(self, capsys, function):
        """What the call prints on sys.stdout, to the letter."""
        capsys.readouterr()
        function()
        self(capsys.readouterr().out)

    def finish(self, passed):
        if self.record:
            before, self.goldens.answers[self.name] = self.expected, self.seen
            self.goldens.changed |= before != self.seen
            if before is not None and before != self.seen:
                pytest.fail(f"{self.name}: PySpark's answer differs from the recorded one\n  before {before}\n  now    {self.seen}", pytrace=False)
        elif passed and self.expected is not None and len(self.expected) != len(self.seen):
            pytest.fail(f"{self.name}: {len(self.seen)} answers, {len(self.expected)} recorded")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    setattr(item, f"report_{report.when}", report)
    if report.when == "setup":
        OUTCOMES[key(item)] = None
    if report.failed:
        OUTCOMES[key(item)] = OUTCOMES.get(key(item)) or first_line(report)
    return report


OUTCOMES = {}


def first_line(report):
    lines = [line.removeprefix("E").strip() for line in str(report.longrepr).splitlines() if line.strip()]
    said = [line for line in lines if "Error" in line or "Exception" in line or line.startswith(("answer", "assert"))]
    return (said or lines or [""])[0][:160]


def pytest_sessionfinish(session):
    if not session.config.getoption("--update-lacking"):
        return
    kept = {k: v for k, v in lacking().items() if OUTCOMES.get(k, "not run") is not None}
    kept |= {k: kept.get(k, v) for k, v in OUTCOMES.items() if v and not k.startswith("test_docstrings.py")}
    LACKING.write_text(json.dumps(kept, indent=0, sort_keys=True, ensure_ascii=False) + "\n")


@pytest.fixture
def check(request, goldens, api, impl, tmp_path):
    canon = Canon(api)
    canon.folders.append(str(tmp_path))
    checker = Check(goldens, request.node.name, canon, request.config.getoption("--record"), impl != "pyspark")
    yield checker
    report = getattr(request.node, "report_call", None)
    if report is not None and report.passed:
        checker.finish(True)


@pytest.fixture
def check_error(check):
    return check.error


@pytest.fixture
def feed(spark, tmp_path):
    """A folder of JSON files that a streaming query reads one file a batch; see streams.Feed."""
    return Feed(spark, tmp_path / "in")


@pytest.fixture
def dstreams(api, spark, tmp_path):
    """DStreams of queued batches; see dstreams.Batches."""
    made = Batches(api, spark, tmp_path)
    yield made
    made.close()
