"""The DStream scripts that PySpark's package brings, unchanged: `python -m pyspark_compat script.py host port`."""

import re
import signal

import pytest

import sources
from dstreams import moved
from test_examples import Script

EXAMPLES = sources.examples("streaming")
pytestmark = pytest.mark.skipif(EXAMPLES is None, reason="needs the package pyspark 4.3.0: python tests/conformance/sources.py build/pyspark-sources")
RULE = "-" * 43
TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)?"


@pytest.fixture
def script(impl, tmp_path):
    started = []

    def start(name, *arguments):
        started.append(Script(impl, name, *arguments, cwd=tmp_path, folder=EXAMPLES))
        return started[-1]

    yield start
    for s in started:
        s.close()


def batches(text):
    """What pprint printed for each batch with elements, whole batches only."""
    parts = re.split(rf"{RULE}\nTime: {TIME}\n{RULE}\n", text)[1:]
    return [part[:part.index("\n\n")] if not part.startswith("\n") else "" for part in parts if "\n\n" in part or part.startswith("\n")]


def filled(text):
    return [b for b in batches(text) if b]


LINES = ["apache spark apache hadoop", "spark again", "apache"]
WORDS = 7


def counted(words):
    """Whether the printed pairs add up to the words that were sent."""
    return lambda text: sum(int(n) for b in filled(text) for n in re.findall(r", (\d+)\)", b)) >= words


def test_queue_stream(check, script):
    s = script("queue_stream.py")
    text = s.process.communicate(timeout=120)[0].decode()
    check([s.process.returncode, filled(text)])
    check(len(re.findall(f"Time: {TIME}\n", text)) >= 5)


def test_network_wordcount(check, script):
    s = script("network_wordcount.py", "127.0.0.1", "PORT")
    s.send(*LINES)
    text = s.read_until(counted(WORDS))
    check(sorted(line for b in filled(text) for line in b.splitlines()))


def test_the_text_of_a_batch(check, script):
    s = script("network_wordcount.py", "127.0.0.1", "PORT")
    s.send(*LINES)
    text = s.read_until(lambda t: counted(WORDS)(t) and t.endswith("\n\n"))
    check(re.sub(TIME, "T", text.split("\n\n")[0]).splitlines()[:3])
    check(text.count(f"{RULE}\nTime: ") == len(re.findall(f"Time: {TIME}\n{RULE}\n", text)))


def test_hdfs_wordcount(check, script, tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    s = script("hdfs_wordcount.py", str(folder))
    s.read_until(lambda t: "Time: " in t)
    moved(folder, "a.txt", "\n".join(LINES) + "\n")
    text = s.read_until(counted(WORDS))
    check(filled(text))


def test_stateful_network_wordcount(check, script):
    s = script("stateful_network_wordcount.py", "127.0.0.1", "PORT")
    s.read_until(lambda t: "('hello', 1)" in t)
    s.send(*LINES)
    text = s.read_until(lambda t: "('apache', 3)" in t and t.endswith("\n\n"))
    check(sorted(filled(text)[0].splitlines()))
    check(sorted(filled(text)[-1].splitlines()))


def test_network_wordjoinsentiments(check, script, tmp_path):
    data = tmp_path / "data" / "streaming"
    data.mkdir(parents=True)
    (data / "AFINN-111.txt").write_text("good 3\nbad -3\ngreat 4\nspark 1\ntwo words 2\n")
    s = script("network_wordjoinsentiments.py", "127.0.0.1", "PORT")
    s.send("good spark good", "bad unknown great")
    text = s.read_until(lambda t: "(-3 happiness)\n" in t)
    part = text[text.index("Happiest topics in the last 5 seconds (4 total):"):]
    check(part.splitlines()[:5])


def test_sql_network_wordcount(check, script):
    s = script("sql_network_wordcount.py", "127.0.0.1", "PORT")
    s.send(*LINES)
    rows = lambda t: sorted(re.findall(r"^\| *(\S+)\| *(\d+)\|$", t, re.M))
    text = s.read_until(lambda t: sum(int(n) for _, n in rows(t)) >= WORDS)
    check([list(r) for r in rows(text)])
    check(bool(re.search(rf"^========= {TIME} =========$", text, re.M)))
    check(re.findall(r"^\| *word\|total\|$", text, re.M)[0])


def test_recoverable_network_wordcount(check, script, tmp_path):
    out = tmp_path / "out"
    arguments = ["127.0.0.1", "PORT", str(tmp_path / "checkpoint"), str(out)]
    s = script("recoverable_network_wordcount.py", *arguments)
    s.send("a x x b", "x c y")
    text = s.read_until(lambda t: "('x', 3)" in t and "Dropped 3 word(s) totally" in t and t.count("Counts at") >= 3)
    check([text.splitlines()[0], text.count("Creating new context")])
    check(re.sub(TIME, "T", next(l for l in text.splitlines() if "('x', 3)" in l)).split("[")[0])
    check([line for line in text.splitlines() if line.startswith("Appending")][0].endswith("/out"))
    stopped(s)
    again = script("recoverable_network_wordcount.py", "127.0.0.1", str(s.server.getsockname()[1]), str(tmp_path / "checkpoint"), str(out))
    connection = accepted(s, again)
    connection.sendall(b"z z\n")
    more = again.read_until(lambda t: "Counts at" in t.partition("('z', 2)")[2])
    check(more.count("Creating new context"))
    check(sum("('x', 3)" in line for line in out.read_text().splitlines()) >= 1)
    check(sum("('z', 2)" in line for line in out.read_text().splitlines()))


def stopped(s):
    """Kills the script and what it started; its server of lines stays."""
    s.process.send_signal(signal.SIGKILL)
    s.process.wait(30)
    s.connection.close()


def accepted(s, again):
    for _ in range(240):
        try:
            return s.server.accept()[0]
        except TimeoutError:
            assert again.process.poll() is None, again.process.communicate()[1].decode()[-4000:]
    raise AssertionError("it did not connect again")


@pytest.mark.parametrize("name", ["hdfs_wordcount.py", "network_wordcount.py", "network_wordjoinsentiments.py", "recoverable_network_wordcount.py", "sql_network_wordcount.py", "stateful_network_wordcount.py"])
def test_usage(check, impl, tmp_path, name):
    s = Script(impl, name, cwd=tmp_path, folder=EXAMPLES)
    out, said = s.process.communicate(timeout=60)
    s.close()
    check([s.process.returncode, out.decode(), said.decode().splitlines()[-1].startswith(("Usage", "   ", "<")), "Usage: " + name in said.decode()])


def test_nothing_else_is_shipped():
    assert sorted(p.name for p in EXAMPLES.glob("*.py") if p.name != "__init__.py") == [
        "hdfs_wordcount.py", "network_wordcount.py", "network_wordjoinsentiments.py", "queue_stream.py",
        "recoverable_network_wordcount.py", "sql_network_wordcount.py", "stateful_network_wordcount.py"]
