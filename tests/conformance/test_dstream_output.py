"""Output operations: printed text, folders of files, foreachRDD with the driver's variables and frames."""

import datetime
import os
import re

import pytest

TIME = re.compile(r"Time: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?")


def printed(capsys):
    return TIME.sub("Time: T", capsys.readouterr().out)


@pytest.mark.parametrize("number", [None, 3, 0, 1])
def test_pprint(check, dstreams, capsys, number):
    d = dstreams.queue([1, 2, 3, 4, 5], ["a", None], [("k", 1.5), ("l", [1])], [], list(range(12)))
    capsys.readouterr()
    d.pprint() if number is None else d.pprint(number)
    dstreams.run(count=5)
    check(printed(capsys).split("-------------------------------------------\nTime: T")[:6])


def test_pprint_gives_nothing_back(check, dstreams):
    d = dstreams.queue([1])
    check([d.pprint(), d.foreachRDD(lambda rdd: None), d.saveAsTextFiles(str(dstreams.folder / "x"))])


def files(folder):
    found = {}
    for root, _, names in os.walk(folder):
        for name in sorted(names):
            if not name.endswith(".crc"):
                path = os.path.join(root, name)
                with open(path, "rb") as f:
                    found[os.path.relpath(path, folder)] = f.read().decode("utf-8", "replace")
    return found


def test_save_as_text_files(check, dstreams):
    out = dstreams.folder / "out"
    d = dstreams.queue([1, "zwei", None], [], [("k", 1)])
    d.saveAsTextFiles(str(out / "prefix"), "suffix")
    d.saveAsTextFiles(str(out / "bare"))
    dstreams.run(count=3)
    found = files(out)
    times = sorted({int(re.search(r"-(\d{9,})", name)[1]) for name in found})
    check([b - a for a, b in zip(times, times[1:])][:2])
    named = {re.sub(r"-(\d{9,})", lambda m: f"-{times.index(int(m[1]))}", name): text for name, text in found.items()}
    check(sorted([n, t] for n, t in named.items() if re.search(r"-[012][./]", n)))


def test_save_over_a_folder_that_is_there(check, dstreams):
    out = dstreams.folder / "out"
    d = dstreams.queue([1], [2])
    d.foreachRDD(lambda t, rdd: (out / f"p-{int(t.timestamp() * 1000)}").mkdir(parents=True))
    d.saveAsTextFiles(str(out / "p"))
    dstreams.run(count=2)
    check(sorted({re.sub(r"\d{9,}", "T", name) for name in files(out)}))


def test_names_of_files(check, api):
    name = api.load("streaming.util").rddToFileName
    check([name("spark", None, 12345678910), name("spark", "tmp", 12345678910)])
    check(name("p", "s", datetime.datetime(2024, 1, 1, 0, 0, 5, 250000)))


def test_functions_of_one_and_two_arguments(check, dstreams):
    seen = []

    def one(rdd):
        seen.append(("one", type(rdd).__name__, rdd.count()))

    def two(t, rdd):
        seen.append(("two", type(t).__name__, t.microsecond % 250000, rdd.count()))

    d = dstreams.queue([1, 2])
    d.foreachRDD(one)
    d.foreachRDD(two)
    dstreams.run(count=1)
    check(seen[:2])


def test_functions_of_other_shapes(check, dstreams):
    d = dstreams.queue([1])
    check.error(lambda: d.foreachRDD(print))
    check.error(lambda: d.foreachRDD(None))
    check.error(lambda: d.transform(lambda: None))
    check.error(lambda: d.transform(lambda a, b, c: None))
    check.error(lambda: d.transformWith(lambda a: None, d))
    check.error(lambda: d.transform(None))
    class Callable:
        def __call__(self, rdd):
            return rdd
    check.error(lambda: d.transform(Callable()))


def test_a_function_of_three_arguments_fails_when_it_runs(check, dstreams):
    d = dstreams.queue([1])
    d.foreachRDD(lambda a, b, c: None)
    check("TypeError" in failure(dstreams))


def failure(dstreams):
    """The text of what a context's waiting raises."""
    dstreams.ssc.start()
    if dstreams.clock is not None:
        dstreams.clock.advance(dstreams.seconds)
    for _ in range(60):
        try:
            if dstreams.ssc.awaitTerminationOrTimeout(1):
                return "ended"
        except Exception as e:
            dstreams.ssc.stop(stopSparkContext=False)
            return f"{type(e).__name__}: {e}"
    return "no failure"


def test_frames_inside(check, dstreams, api):
    seen, spark = [], dstreams.spark
    Row = api.Row

    def act(rdd):
        if rdd.isEmpty():
            seen.append("empty")
            return
        frame = rdd.map(lambda w: Row(word=w, size=len(w))).toDF()
        frame.createOrReplaceTempView("words")
        seen.append(frame.schema.simpleString())
        seen.append(spark.sql("select word, count(*) as total from words where size > 1 group by word having count(*) > 0 order by total desc, word limit 3").collect())
        seen.append(spark.createDataFrame(rdd.map(lambda w: (w, 1)), "w string, n int").groupBy("w").count().orderBy("w").collect())
        seen.append(spark.createDataFrame(rdd, "string").collect()[:1])

    d = dstreams.queue(["aa", "bb", "aa", "c"], [], ["dd"])
    d.foreachRDD(act)
    dstreams.run(count=3)
    check(seen[:9])
    spark.catalog.dropTempView("words")


def test_values_of_the_driver(check, dstreams):
    total = {"n": 0, "batches": 0}
    counter = dstreams.sc.accumulator(0)
    table = dstreams.sc.broadcast({1: "one", 2: "two"})
    names = []

    def act(rdd):
        total["n"] += rdd.sum()
        total["batches"] += 1
        rdd.foreach(lambda x: counter.add(x))
        names.extend(rdd.map(lambda x: table.value.get(x)).collect())

    dstreams.queue([1, 2], [3], [1]).foreachRDD(act)
    dstreams.run(count=3)
    check([total["n"], total["batches"] >= 3, counter.value, names])


def test_outputs_of_a_batch_run_in_order(check, dstreams):
    seen = []
    d = dstreams.queue([1], [2])
    d.foreachRDD(lambda rdd: seen.append(("a", rdd.collect())))
    d.foreachRDD(lambda rdd: seen.append(("b", rdd.collect())))
    d.foreachRDD(lambda rdd: seen.append(("c", rdd.collect())))
    dstreams.run(count=2)
    check(seen[:6])


def test_a_default_argument_counts_as_an_argument(check, dstreams):
    seen = []
    dstreams.queue([1]).foreachRDD(lambda rdd, more=5: seen.append((type(rdd).__name__, type(more).__name__)))
    dstreams.run(count=1)
    check(seen[0])


@pytest.mark.only_ours("PySpark takes what the function gives for an RDD and fails")
def test_what_the_function_gives_is_of_no_interest(dstreams):
    seen = []
    dstreams.queue([1], [2]).foreachRDD(lambda rdd: seen.append(rdd.count()) or rdd.count())
    dstreams.run(count=2)
    assert seen[:2] == [1, 1]
    assert dstreams.ssc.awaitTerminationOrTimeout(1)


@pytest.mark.only_ours("PySpark has no saveAsPickleFiles")
def test_save_as_pickle_files(dstreams):
    out = dstreams.folder / "out"
    dstreams.queue([1, ("k", None)], []).saveAsPickleFiles(str(out / "p"), "s")
    dstreams.run(count=2)
    folders = sorted(out.iterdir())
    assert [sorted(dstreams.sc.pickleFile(str(f)).collect(), key=repr) for f in folders[:2]] == [[("k", None), 1], []]
    assert folders[0].name.endswith(".s") and (folders[0] / "_SUCCESS").exists()
