"""Random streaming programs: a seed gives a plan, its files, its mode and the places where the query stops and starts.

A plan is a list of steps over rows (k, ts, v); every step gives such rows again, so that any may follow any. What PySpark
leaves to chance is left out: which rows a limit takes behind a shuffle, which of equal rows two sources give first.
"""

import json
import random

from streams import Feed, Run, writer

STATIC = [("a", 1), ("b", 2), ("b", 3), ("z", 9), (None, 5)]


class Program:
    def __init__(self, seed):
        self.random = r = random.Random(seed)
        self.seed = seed
        self.policy = r.choice(["min", "min", "max"])
        self.nodata = r.random() < 0.8
        self.way = r.choice(["steps", "available"])
        self.shape = r.choice(["one"] * 6 + ["union"] * 2 + ["join"] * 3)
        self.sources = 1 if self.shape == "one" else 2
        self.delays = [r.choice([None] + [0, 5, 10, 20] * 3) for _ in range(self.sources)]
        self.first = [self.before() for _ in range(self.sources)]
        self.join = self.joined() if self.shape == "join" else None
        self.mode = r.choice(["append"] * 4 + ["update"] * 2 + ["complete"])
        self.counted = False  # only the number of rows is known
        self.steps = self.chain()
        self.segments = [[[source, self.joinable(rows)] for source, rows in segment] for segment in self.files()]

    def before(self):
        r = self.random
        steps = []
        if r.random() < 0.3:
            steps.append(["filter", r.choice(["v > 1", "k is not null", "ts > '2024-01-01 00:00:10'", "v % 2 = 0 or k = 'a'"])])
        if r.random() < 0.2:
            steps.append(["project"])
        return steps

    def joined(self):
        r = self.random
        kind = r.choice(["inner", "inner", "left", "right", "full", "left_semi"])
        return {"kind": kind, "on": r.choice(["range", "range", "time", "key and time", "key", "lower", "window"]), "gap": r.choice([0, 5, 20]), "side": r.choice(["left", "right"])}

    def chain(self):
        r = self.random
        steps = []
        length = r.choice([0, 1, 1, 1, 2, 2, 3]) if self.shape != "join" else r.choice([0, 0, 0, 1, 1, 2])
        if self.mode == "complete":
            length = max(length, 1)
        for i in range(length):
            steps.append(self.step(i, i == length - 1))
        if self.mode == "complete" and not any(s[0] in ("window", "session", "group") for s in steps) and r.random() < 0.9:
            steps[-1] = self.aggregate()
        if r.random() < 0.1 and not self.counted:
            steps.append(["filter", "v > 2"])
        return [s for s in steps if s]

    def step(self, i, last):
        r = self.random
        kinds = ["aggregate"] * 6 + ["dedup"] * 3 + ["within"] * 2 + ["static"] * 2 + ["filter", "project"]
        if last:
            kinds += ["limit"] * 2
        kind = r.choice(kinds)
        if kind == "aggregate":
            return self.aggregate()
        if kind == "dedup":
            loose = i == 0 and self.shape == "one"
            return ["dedup", r.choice([["k"], ["ts"], ["k", "ts"]]) if loose else r.choice([["k", "ts"], ["k", "ts", "v"]]), not loose]
        if kind == "within":
            if self.shape != "one":
                self.way = "steps"  # else rows of both sources meet in a batch
            return ["within", r.choice([["k"], ["k", "v"], ["v"]]) if i == 0 and self.shape != "join" else ["k", "ts", "v"]]
        if kind == "static":
            return ["static", r.choice(["inner", "left", "left_semi", "left_anti"] + ["right"] * (r.random() < 0.1))]
        if kind == "limit":
            self.counted = i > 0 or self.shape != "one"
            return ["limit", r.choice([1, 3, 5, 8])]
        if kind == "filter":
            return ["filter", r.choice(["v > 1", "k is not null"])]
        return ["project"]

    def aggregate(self):
        r = self.random
        call = r.choice(["count", "sum", "max", "min", "avg", "list", "distinct"])
        keys = r.choice([[], ["k"], ["k"]])
        kind = r.choice(["window"] * 5 + ["sliding"] * 2 + ["session"] * 2 + ["group", "time"])
        if kind == "window":
            return ["window", r.choice([5, 10, 30]), None, r.choice([0, 0, 0, 3]), keys, call]
        if kind == "sliding":
            return ["window", 10, r.choice([5, 4, 3]), r.choice([0, 2]), keys, call]
        if kind == "session":
            return ["session", r.choice([3, 5, 10]), keys or ["k"], call]
        if kind == "time":
            return ["time", keys, call]
        return ["group", keys, call]

    def files(self):
        """Segments of the query's life, each a list of (source, rows)."""
        r = self.random
        n = r.choice([3, 4, 4, 5, 6])
        at = 0
        files = []
        for _ in range(n):
            at += r.choice([0, 5, 10, 20, 40])
            rows = []
            for _ in range(r.choice([0, 1, 2, 3, 4, 5])):
                second = max(0, at + r.choice([0, 0, 1, 2, 3, 5, 8, -1, -3, -10, -30]))
                rows.append([r.choice(["a", "a", "b", "c", None]) if r.random() < 0.9 else "d", None if r.random() < 0.06 else second, r.choice([1, 1, 2, 3, 4, None])])
            files.append([r.randrange(self.sources), rows])
        segments = [[]]
        for f in files:
            segments[-1].append(f)
            if r.random() < 0.25:
                segments.append([])
        return [s for s in segments if s]

    def joinable(self, rows):
        """Without the null keys of full joins of streams: those match in PySpark, and do not here."""
        if self.join is None or self.join["kind"] != "full":
            return rows
        keys = {"time": [1], "key and time": [0, 1], "window": [0, 1]}.get(self.join["on"], [0])
        return [row for row in rows if all(row[i] is not None for i in keys)]

    def describe(self):
        keys = ["seed", "shape", "delays", "first", "join", "steps", "mode", "way", "nodata", "policy", "segments"]
        return {k: getattr(self, k) for k in keys}


def content(rows):
    lines = []
    for k, second, v in rows:
        row = {"k": k, "v": v}
        if second is not None:
            row["ts"] = f"2024-01-01T00:{second // 60:02d}:{second % 60:02d}Z"
        lines.append(json.dumps({name: value for name, value in row.items() if value is not None}))
    return "\n".join(lines) + "\n" if lines else ""


def frame(p, spark, F, feeds):
    """The program's frame over its feeds."""
    inputs = []
    for i, feed in enumerate(feeds):
        d = feed.frame()
        if p.delays[i] is not None:
            d = d.withWatermark("ts", f"{p.delays[i]} seconds")
        for s in p.first[i]:
            d = step(d, s, spark, F)
        inputs.append(d)
    d = inputs[0]
    if p.shape == "union":
        d = d.union(inputs[1])
    elif p.shape == "join":
        d = joined(inputs, p.join, F)
    for s in p.steps:
        d = step(d, s, spark, F)
    return d


def joined(inputs, how, F):
    left, right = inputs[0].toDF("lk", "lts", "lv"), inputs[1].toDF("rk", "rts", "rv")
    gap = how["gap"]
    if how["on"] == "window":
        left = left.withColumn("lw", F.window("lts", "10 seconds"))
        right = right.withColumn("rw", F.window("rts", "10 seconds"))
    on = {
        "range": f"lk = rk and rts >= lts - interval {gap} seconds and rts <= lts + interval 5 seconds",
        "lower": f"lk = rk and rts >= lts - interval {gap} seconds",
        "time": "lts = rts",
        "key and time": "lk = rk and lts = rts",
        "key": "lk = rk",
        "window": "lk = rk and lw = rw",
    }[how["on"]]
    d = left.join(right, F.expr(on), how["kind"])
    if how["kind"] == "left_semi":
        return d.select(F.col("lk").alias("k"), F.col("lts").alias("ts"), F.col("lv").alias("v"))
    side = how["side"][0]
    return d.select(F.coalesce("lk", "rk").alias("k"), F.col(side + "ts").alias("ts"), F.expr("coalesce(lv, 0) * 100 + coalesce(rv, -1)").alias("v"))


def step(d, s, spark, F):
    kind, *args = s
    if kind == "filter":
        return d.where(args[0])
    if kind == "project":
        return d.select(F.upper("k").alias("k"), "ts", (F.col("v") + 1).alias("v"))
    if kind == "static":
        table = spark.createDataFrame(STATIC, "sk string, sv int")
        d = d.join(table, F.expr("k = sk"), args[0])
        return d if args[0] in ("left_semi", "left_anti") else d.select("k", "ts", F.expr("v + coalesce(sv, 0) * 10").alias("v"))
    if kind == "dedup":
        keys, only = args
        return d.dropDuplicates(keys).select("k", "ts", F.lit(1).alias("v") if only and "v" not in keys else "v")
    if kind == "within":
        return d.dropDuplicatesWithinWatermark(args[0]).select("k", "ts", "v")
    if kind == "limit":
        return d.limit(args[0])
    return aggregated(d, kind, args, F)


CALLS = {"count": "count(*)", "sum": "sum(v)", "max": "max(v)", "min": "min(v)", "avg": "cast(avg(v) * 8 as long)", "list": "size(collect_list(v))", "distinct": "approx_count_distinct(v)"}


def aggregated(d, kind, args, F):
    *args, keys, call = args
    value = F.expr(CALLS[call]).alias("v")
    key = F.col("k") if keys else F.lit("all").alias("k")
    if kind == "window":
        size, slide, start = args
        w = F.window("ts", f"{size} seconds", f"{slide or size} seconds", f"{start} seconds")
        return d.groupBy(w, *keys).agg(value).select(key, F.window_time("window").alias("ts"), "v")
    if kind == "session":
        return d.groupBy(F.session_window("ts", f"{args[0]} seconds"), *keys).agg(value).select(key, F.window_time("session_window").alias("ts"), "v")
    if kind == "time":
        return d.groupBy("ts", *keys).agg(value).select(key, "ts", "v")
    return d.groupBy(*keys).agg(value).select(key, F.lit(None).cast("timestamp").alias("ts"), "v")


def outcome(seed, spark, F, folder):
    """What the program gives: batches by life of the query, and the error that ended it, or None."""
    p = Program(seed)
    spark.conf.set("spark.sql.streaming.multipleWatermarkPolicy", p.policy)
    spark.conf.set("spark.sql.streaming.noDataMicroBatches.enabled", str(p.nodata).lower())
    feeds = [Feed(spark, folder / f"in{i}") for i in range(p.sources)]
    got = []
    try:
        d = frame(p, spark, F, feeds)
        for segment in p.segments:
            run = Run()
            try:
                live(writer(d, p.mode, False, folder / "checkpoint", run), p, feeds, segment)
            finally:
                got.append([[i, len(rows) if p.counted else rows] for i, rows in run.batches if rows])
    except Exception as e:  # PySpark's own; anything else is the caller's failure
        if not hasattr(e, "getCondition"):
            raise
        return got, e
    return got, None


def live(writer, p, feeds, segment):
    """One life of the query: its files one by one, or all at once."""
    if p.way == "steps":
        query = writer.start()
        try:
            for source, rows in segment:
                feeds[source].write(content(rows))
                query.processAllAvailable()
        finally:
            query.stop()
        return
    for source, rows in segment:
        feeds[source].write(content(rows))
    query = writer.trigger(availableNow=True).start()
    try:
        if not query.awaitTermination(300):
            raise TimeoutError(f"program {p.seed} does not end")
    finally:
        query.stop()
