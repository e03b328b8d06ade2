"""The methods of a DataFrame that give rows, text or facts."""
from pyspark_compat import _expressions as ex
from pyspark_compat import _plan, _requests
from pyspark_compat.errors import PySparkValueError
from pyspark_compat.errors.exceptions import user_facing
from pyspark_compat.storagelevel import StorageLevel
from pyspark_compat_worker.errors import wrong_type


class Actions:
    """Rows, text and facts of a frame."""

    # rows
    def _batches(self, plan=None):
        """The record batches that the frame's rows come in."""
        for event in self._session._engine.events(plan or _requests.rows(self._id)):
            if not isinstance(event, dict):
                yield event

    def _rows(self):
        """The rows, batch by batch."""
        to_rows = None
        for batch in self._batches():
            if to_rows is None:
                from pyspark_compat_worker.convert import to_rows
            yield from to_rows(batch, self.schema)

    @user_facing
    def collect(self):
        """All rows, as a list of Row."""
        return list(self._rows())

    @user_facing
    def toLocalIterator(self, prefetchPartitions=False):
        """All rows, one at a time; they are not kept."""
        rows = self._rows()
        first = next(rows, None)
        return iter(()) if first is None else _following(first, rows)

    @user_facing
    def take(self, num):
        """The first `num` rows."""
        return self.limit(num).collect()

    @user_facing
    def tail(self, num):
        """The last `num` rows."""
        if not isinstance(num, int):
            raise wrong_type("int", "num", num)
        return self._then(_plan.tail(self._id, num)).collect()

    @user_facing
    def head(self, n=None):
        """The first row (None where there is none), or a list of the first n."""
        if n is None:
            rows = self.take(1)
            return rows[0] if rows else None
        return self.take(n)

    @user_facing
    def first(self):
        """The first row, None where there is none."""
        return self.head()

    @user_facing
    def count(self):
        """The number of rows."""
        from pyspark_compat_worker.types_base import LongType

        one = ex.function("count", [ex.literal(1, LongType())])
        counted = self._then(_plan.aggregate(self._id, [], [ex.alias(one, ["count"])]))
        return counted.collect()[0][0]

    @user_facing
    def isEmpty(self):
        """Whether there is no row."""
        bare = self._then(_plan.project(self._id, []))  # held: a frame that dies is dropped at the next call
        some = bare._then(_plan.limit(bare._id, 1))
        return not any(batch.num_rows for batch in some._batches())

    @user_facing
    def toPandas(self):
        """All rows as a pandas DataFrame, with timestamps in the session's zone."""
        from pyspark_compat.sql.pandas.conversion import to_pandas

        return to_pandas(self)

    @user_facing
    def toArrow(self):
        """All rows as a pyarrow Table."""
        from pyspark_compat.sql.pandas.conversion import to_table

        return to_table(self)

    @user_facing
    def foreach(self, f):
        """Calls a function in the workers with each row."""
        def each(rows):
            for row in rows:
                f(row)
        self._for_partitions(each)

    @user_facing
    def foreachPartition(self, f):
        """Calls a function in the workers with the rows of each partition, as an iterator."""
        self._for_partitions(f)

    def _for_partitions(self, f):
        schema = self.schema

        def run(batches):
            from pyspark_compat_worker.convert import to_rows

            f(row for batch in batches for row in to_rows(batch, schema))
            return iter(())
        for _ in self.mapInArrow(run, "nothing int")._batches():
            pass

    # text
    @user_facing
    def show(self, n=20, truncate=True, vertical=False):
        """Prints the first n rows as a table, cells cut to 20 characters or to `truncate` of them."""
        print(self._show_string(n, truncate, vertical))

    def _show_string(self, n=20, truncate=True, vertical=False):
        if not isinstance(n, int) or isinstance(n, bool):
            raise wrong_type("int", "n", n)
        if not isinstance(vertical, bool):
            raise wrong_type("bool", "vertical", vertical)
        if truncate is True:
            width = 20
        else:
            try:
                width = int(truncate)
            except ValueError:
                raise wrong_type("bool", "truncate", truncate) from None
        return self._session._engine.message(_requests.show(self._id, n, width, vertical))["text"]

    @user_facing
    def printSchema(self, level=None):
        """Prints the columns as a tree, down to `level`."""
        print(self.schema.treeString(level) if level else self.schema.treeString())

    @user_facing
    def explain(self, extended=None, mode=None):
        """Prints the plan: simple, extended, codegen, cost or formatted."""
        if extended is not None and mode is not None:
            raise PySparkValueError(
                errorClass="CANNOT_SET_TOGETHER", messageParameters={"arg_list": "extended and mode"})
        if extended is not None and not isinstance(extended, (bool, str)):
            raise wrong_type("bool or str", "extended", extended)
        if mode is not None and not isinstance(mode, str):
            raise wrong_type("str", "mode", mode)
        wanted = mode if mode is not None else extended
        if wanted is None or isinstance(wanted, bool):
            wanted = "extended" if wanted else "simple"
        number = _requests.EXPLAIN_MODES.get(wanted.lower())
        if number is None:
            from pyspark_compat.errors.exceptions.captured import IllegalArgumentException

            raise IllegalArgumentException(
                desc=f"Unknown explain mode: {wanted}. There are {', '.join(map(repr, _requests.EXPLAIN_MODES))}.")
        print(self._session._engine.ask(_requests.explain(self._id, number)).explain.explain_string)

    def _eager(self):
        """The rows and the width to show at once in a notebook, where the settings ask for it."""
        keys = ["spark.sql.repl.eagerEval." + name for name in ("enabled", "maxNumRows", "truncate")]
        enabled, rows, width = [value for _, value in self._session._engine.settings("get_option", keys)]
        return (int(rows or 20), int(width or 20)) if enabled == "true" else None

    def __repr__(self):
        if not self._support_repr_html:
            eager = self._eager()
            if eager:
                return self._session._engine.message(_requests.show(self._id, *eager, False))["text"]
        return "DataFrame[%s]" % ", ".join("%s: %s" % pair for pair in self.dtypes)

    def _repr_html_(self):
        self._support_repr_html = True
        eager = self._eager()
        return self._session._engine.message(_requests.html(self._id, *eager))["text"] if eager else None

    # facts
    @user_facing
    def isLocal(self):
        """Whether collect and take need no running."""
        return self._session._engine.ask(_requests.ask("is_local", self._id)).is_local.is_local

    @user_facing
    def inputFiles(self):
        """The files that the frame reads."""
        self._refuse_stream()
        return list(self._session._engine.ask(_requests.ask("input_files", self._id)).input_files.files)

    @user_facing
    def sameSemantics(self, other):
        """Whether both frames give the same rows by the same plan."""
        if not isinstance(other, Actions):
            raise wrong_type("DataFrame", "other", other)
        return self._session._engine.ask(_requests.same_semantics(self._id, self._other(other))).same_semantics.result

    @user_facing
    def semanticHash(self):
        """A number that frames of the same semantics share."""
        return self._session._engine.ask(_requests.ask("semantic_hash", self._id)).semantic_hash.result

    # rows that are kept
    @user_facing
    def persist(self, storageLevel=StorageLevel.MEMORY_AND_DISK_DESER):
        """Keeps the rows once they were computed. Gives the frame itself."""
        if not isinstance(storageLevel, StorageLevel):
            raise TypeError("storageLevel must be of type pyspark.StorageLevel")
        self._session._engine.ask(_requests.persist(self._id, storageLevel))
        self.is_cached = True
        return self

    @user_facing
    def cache(self):
        """Keeps the rows once they were computed. Gives the frame itself."""
        return self.persist()

    @user_facing
    def unpersist(self, blocking=False):
        """Forgets rows that were kept. Gives the frame itself."""
        self._session._engine.ask(_requests.unpersist(self._id, blocking))
        self.is_cached = False
        return self

    @property
    @user_facing
    def storageLevel(self):
        m = self._session._engine.ask(_requests.storage_level(self._id)).get_storage_level.storage_level
        return StorageLevel(m.use_disk, m.use_memory, m.use_off_heap, m.deserialized, m.replication or 1)


def _following(first, rows):
    yield first
    yield from rows
