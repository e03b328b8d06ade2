"""An engine of a few lines behind pyspark_compat._native: it keeps what was asked and answers as PROTOCOL says.

It analyses nothing: a frame has the schema of its input unless the relation says it plainly, and rows are those of
local data and ranges, through limit, offset and projections of names.
"""

import json
import queue
import threading
import uuid

import pyarrow as pa

from pyspark_compat._proto import base, relations
from pyspark_compat_worker import arrow_types
from pyspark_compat_worker.types_nested import StructType

LONG = {"type": "long", "nullable": False, "metadata": {}}
STATIC = ("spark.master", "spark.app.name", "spark.app.id")


class Fake:
    def __init__(self):
        self.requests, self.frames, self.tasks, self.settings = [], {}, {}, {}
        self.dropped, self.answers, self.closed = [], [], []
        self.lanes, self.errors = {}, {}
        self.queries = {}
        self.numbers = iter(range(1, 1 << 30))

    def install(self, monkeypatch):
        from pyspark_compat import _native

        for name in ("open_session", "close_session", "config", "frame", "drop", "analyze", "run", "events",
                     "next_callback", "answer", "query"):
            monkeypatch.setattr(_native, name, getattr(self, name))
        return self

    # sessions and settings
    def open_session(self, conf):
        session = next(self.numbers)
        self.requests.append(("open", conf))
        self.settings[session] = {**conf["conf"], "spark.app.id": f"local-{session}", "spark.sql.session.timeZone": "UTC"}
        return session

    def close_session(self, session):
        self.closed.append(session)
        for (owner, _), lane in self.lanes.items():
            if owner == session:
                lane.put(None)

    def config(self, session, data):
        request = base.ConfigRequest.FromString(data)
        kept = self.settings[session]
        kind = request.operation.WhichOneof("op_type")
        m = getattr(request.operation, kind)
        reply = base.ConfigResponse()
        if kind == "set":
            for p in m.pairs:
                if p.key in STATIC:
                    raise self.error("AnalysisException", "CANNOT_MODIFY_STATIC_CONFIG", key=p.key)
                kept[p.key] = p.value
        elif kind == "unset":
            for key in m.keys:
                kept.pop(key, None)
        elif kind == "get_all":
            for key, value in kept.items():
                reply.pairs.add(key=key, value=value)
        elif kind == "get_with_default":
            for p in m.pairs:
                value = kept.get(p.key, p.value if p.HasField("value") else None)
                reply.pairs.add(key=p.key, **({} if value is None else {"value": value}))
        elif kind == "is_modifiable":
            for key in m.keys:
                reply.pairs.add(key=key, value="false" if key in STATIC else "true")
        else:
            for key in m.keys:
                if key not in kept and kind == "get":
                    raise self.error("SparkNoSuchElementException", "SQL_CONF_NOT_FOUND", sqlConf=f'"{key}"')
                reply.pairs.add(key=key, **({"value": kept[key]} if key in kept else {}))
        return reply.SerializeToString()

    def error(self, kind, condition, **parameters):
        from pyspark_compat.errors.exceptions import from_engine

        return from_engine({"class": kind, "condition": condition, "messageParameters": parameters,
                            "message": str(parameters), "sqlState": "42000"})

    # frames
    def frame(self, session, data):
        r = relations.Relation.FromString(data)
        kind = r.WhichOneof("rel_type")
        self.requests.append((kind, r))
        if kind in self.errors:
            raise self.errors[kind]
        handle = str(next(self.numbers))
        self.frames[handle] = found = getattr(self, "on_" + kind, self.pass_on)(r, kind)
        return {"handle": handle, "schema": found[0], "streaming": found[2]}

    def pass_on(self, r, kind):
        m = getattr(r, kind)
        child = next((getattr(m, f) for f in ("input", "left", "left_input") if f in m.DESCRIPTOR.fields_by_name), None)
        return self.frames[child.cached_remote_relation.relation_id]

    def on_local_relation(self, r, kind):
        schema = json.loads(r.local_relation.schema)
        return schema, pa.ipc.open_stream(r.local_relation.data).read_all(), False

    def on_range(self, r, kind):
        numbers = range(r.range.start, r.range.end, r.range.step)
        schema = {"type": "struct", "fields": [{"name": "id", **LONG}]}
        return schema, pa.table({"id": pa.array(numbers, pa.int64())}), False

    def on_read(self, r, kind):
        given = r.read.data_source.schema
        schema = json.loads(given) if given else {"type": "struct", "fields": [{"name": "value", **LONG, "type": "string"}]}
        return schema, self.empty(schema), r.read.is_streaming

    def on_sql(self, r, kind):
        return self.on_range(relations.Relation(range=relations.Range(start=0, end=1, step=1)), kind)

    def on_limit(self, r, kind):
        schema, table, streaming = self.pass_on(r, kind)
        return schema, table.slice(0, min(r.limit.limit, table.num_rows)), streaming

    def on_tail(self, r, kind):
        schema, table, streaming = self.pass_on(r, kind)
        return schema, table.slice(max(0, table.num_rows - r.tail.limit)), streaming

    def on_aggregate(self, r, kind):
        schema, table, streaming = self.pass_on(r, kind)
        out = {"type": "struct", "fields": [{"name": "count", **LONG}]}
        return out, pa.table({"count": pa.array([table.num_rows], pa.int64())}), streaming

    def on_project(self, r, kind):
        schema, table, streaming = self.pass_on(r, kind)
        names = [e.unresolved_attribute.unparsed_identifier for e in r.project.expressions]
        fields = {f["name"]: f for f in schema["fields"]}
        for name in names:
            if name not in fields:
                raise self.error("AnalysisException", "UNRESOLVED_COLUMN.WITH_SUGGESTION", objectName=f"`{name}`", proposal="`x`")
        return {"type": "struct", "fields": [fields[n] for n in names]}, table.select(names), streaming

    def empty(self, schema):
        arrow = arrow_types.arrow_schema(StructType.fromJson(schema))
        return pa.Table.from_batches([], schema=arrow)

    def drop(self, session, handles):
        self.dropped += handles
        for handle in handles:
            self.frames.pop(handle, None)

    # questions and tasks
    def analyze(self, session, data):
        request = base.AnalyzePlanRequest.FromString(data)
        kind = request.WhichOneof("analyze")
        self.requests.append((kind, request))
        reply = base.AnalyzePlanResponse()
        getattr(reply, kind).SetInParent()
        if kind == "explain":
            reply.explain.explain_string = "== Physical Plan ==\n"
        elif kind == "get_storage_level":
            reply.get_storage_level.storage_level.use_memory = True
        return reply.SerializeToString()

    def run(self, session, data):
        plan = base.Plan.FromString(data)
        task = next(self.numbers)
        self.tasks[task] = session, plan
        return task

    def events(self, task):
        session, plan = self.tasks.pop(task)
        if plan.WhichOneof("op_type") == "command":
            kind = plan.command.WhichOneof("command_type")
            self.requests.append((kind, getattr(plan.command, kind)))
            if kind in self.errors:
                raise self.errors[kind]
            if kind == "write_stream_operation_start":
                yield self.start(session, plan.command.write_stream_operation_start)
            return
        kind = plan.root.WhichOneof("rel_type")
        if kind != "cached_remote_relation":
            self.requests.append((kind, plan.root))
        if kind in ("show_string", "html_string"):
            yield {"text": f"<{kind}>"}
        elif kind == "catalog":
            yield {"value": True}
        else:
            yield from self.frames[plan.root.cached_remote_relation.relation_id][1].to_batches(max_chunksize=2)

    # streaming
    def start(self, session, m):
        run = {"id": str(uuid.uuid4()), "runId": str(uuid.uuid4()), "name": m.query_name or None,
               "timestamp": "2024-01-01T00:00:00.000Z", "lane": 0, "session": 0}
        if m.HasField("foreach_batch") or m.format == "console":
            run["lane"] = next(self.numbers)
            self.lanes[session, run["lane"]] = queue.Queue()
        self.queries[run["runId"]] = {"run": run, "active": False, "error": None, "progress": [], "stopped": False,
                                      "session": session, "done": threading.Event()}
        return run

    def call(self, owner, lane, /, **call):
        """Puts a call on a lane and gives its answer."""
        number = next(self.numbers)
        self.lanes[owner, lane].put({"callback": number, **call})
        return number

    def next_callback(self, session, lane):
        return self.lanes[session, lane].get(timeout=60)

    def answer(self, session, callback, reply):
        self.answers.append((callback, reply))

    def query(self, session, request):
        self.requests.append(("query", dict(request)))
        operation = request["op"]
        return getattr(self, "query_" + operation)(session, self.queries.get(request.get("runId")), request)

    def query_begin(self, session, q, request):
        q["active"] = True
        return {}

    def query_info(self, session, q, request):
        return {**q["run"], "active": q["active"]}

    def query_stop(self, session, q, request):
        q["active"] = False
        q["done"].set()
        lane = self.lanes.get((session, q["run"]["lane"]))
        if lane is not None:
            lane.put(None)
        return {"timeoutMs": 0}

    def query_await(self, session, q, request):
        done = q["done"].wait(request["waitMs"] / 1000)
        return {"done": done, "error": q["error"] if done else None}

    def query_processAll(self, session, q, request):
        return {"done": True, "error": q["error"]}

    def query_status(self, session, q, request):
        return {"message": "Stopped", "isDataAvailable": False, "isTriggerActive": False}

    def query_progress(self, session, q, request):
        return {"progress": q["progress"][-1] if q["progress"] else None}

    def query_recent(self, session, q, request):
        return {"progress": q["progress"]}

    def query_exception(self, session, q, request):
        return {"error": q["error"]}

    def query_explain(self, session, q, request):
        return {"text": "== Physical Plan =="}

    def query_restart(self, session, q, request):
        run = {**q["run"], "runId": str(uuid.uuid4())}
        if run["lane"]:
            run["lane"] = next(self.numbers)
            self.lanes[session, run["lane"]] = queue.Queue()
        self.queries[run["runId"]] = {**q, "run": run, "active": False, "done": threading.Event()}
        return run

    def query_active(self, session, q, request):
        return {"queries": [q["run"] for q in self.queries.values() if q["active"]]}

    def query_get(self, session, q, request):
        return {"query": next((q["run"] for q in self.queries.values()
                               if q["active"] and q["run"]["id"] == request["id"]), None)}

    def query_awaitAny(self, session, q, request):
        return {"done": any(q["done"].is_set() for q in self.queries.values()), "error": None}

    def query_resetTerminated(self, session, q, request):
        return {}

    def query_listen(self, session, q, request):
        if not request["on"]:
            self.lanes[session, self.listeners].put(None)
            return {"lane": 0}
        self.listeners = next(self.numbers)
        self.lanes[session, self.listeners] = queue.Queue()
        return {"lane": self.listeners}

    # what tests ask
    def last(self, kind):
        return next(r for k, r in reversed(self.requests) if k == kind)
