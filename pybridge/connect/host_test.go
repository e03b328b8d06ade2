package connect

import (
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"pysparkcompat/engine/errs"
	pb "pysparkcompat/proto/spark/connect"
	"pysparkcompat/pybridge/host"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// opened is a host with one session.
func opened(t *testing.T) (*Host, int64) {
	t.Helper()
	h := New(memory.NewGoAllocator())
	s, err := h.Open([]byte(`{"conf":{"spark.master":"local[2]","spark.sql.session.timeZone":"UTC"},"cwd":"/"}`))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { h.Close(s) })
	return h, s
}

func bytesOf(t *testing.T, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func numbers(n int64) *pb.Relation {
	return &pb.Relation{RelType: &pb.Relation_Range{Range: &pb.Range{End: n, Step: 1}}}
}

func handle(h string) *pb.Relation {
	return &pb.Relation{RelType: &pb.Relation_CachedRemoteRelation{CachedRemoteRelation: &pb.CachedRemoteRelation{RelationId: h}}}
}

func frame(t *testing.T, h *Host, s int64, r *pb.Relation) frameReply {
	t.Helper()
	out, err := h.Frame(s, bytesOf(t, r))
	if err != nil {
		t.Fatal(err)
	}
	var f frameReply
	if err := json.Unmarshal(out, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// events runs a plan to its end.
func events(t *testing.T, h *Host, s int64, p *pb.Plan) (ids []int64, messages []string, err error) {
	t.Helper()
	task, err := h.Run(s, bytesOf(t, p))
	if err != nil {
		return nil, nil, err
	}
	for {
		e, err := h.Next(task, time.Minute)
		if err != nil || e.Kind == host.End {
			return ids, messages, err
		}
		if e.Kind == host.Batch {
			ids = append(ids, e.Batch.Column(0).(*array.Int64).Int64Values()...)
			e.Batch.Release()
		}
		if e.Kind == host.Message {
			messages = append(messages, string(e.Message))
		}
	}
}

func root(r *pb.Relation) *pb.Plan { return &pb.Plan{OpType: &pb.Plan_Root{Root: r}} }

func TestFramesAreMadeFromHandlesAndRun(t *testing.T) {
	h, s := opened(t)
	base := frame(t, h, s, numbers(5))
	condition := &pb.Expression{ExprType: &pb.Expression_ExpressionString_{ExpressionString: &pb.Expression_ExpressionString{Expression: "id > 2"}}}
	kept := frame(t, h, s, &pb.Relation{RelType: &pb.Relation_Filter{Filter: &pb.Filter{Input: handle(base.Handle), Condition: condition}}})
	ids, _, err := events(t, h, s, root(handle(kept.Handle)))
	if err != nil || len(ids) != 2 || ids[0] != 3 || ids[1] != 4 {
		t.Fatalf("rows %v, %v", ids, err)
	}
	_, messages, err := events(t, h, s, root(&pb.Relation{RelType: &pb.Relation_ShowString{ShowString: &pb.ShowString{Input: handle(kept.Handle), NumRows: 1, Truncate: 20}}}))
	if err != nil || len(messages) != 1 || messages[0] != `{"text":"+---+\n| id|\n+---+\n|  3|\n+---+\nonly showing top 1 row"}` {
		t.Fatalf("shown %q, %v", messages, err)
	}
	if err := h.Drop(s, []string{kept.Handle, "no such"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := events(t, h, s, root(handle(kept.Handle))); errs.As(err) == nil {
		t.Fatalf("a dropped frame ran: %v", err)
	}
}

func TestWhatIsNotBuiltRaisesByName(t *testing.T) {
	h, s := opened(t)
	base := frame(t, h, s, numbers(1))
	for want, r := range map[string]*pb.Relation{
		"GroupedData.pivot": {RelType: &pb.Relation_Aggregate{Aggregate: &pb.Aggregate{Input: handle(base.Handle), GroupType: pb.Aggregate_GROUP_TYPE_PIVOT}}},
		"DataFrame.unpivot": {RelType: &pb.Relation_Unpivot{Unpivot: &pb.Unpivot{Input: handle(base.Handle)}}},
	} {
		_, err := h.Frame(s, bytesOf(t, r))
		if e := errs.As(err); e == nil || e.Name != "NOT_IMPLEMENTED" || e.Params["feature"] != want {
			t.Errorf("%s: %v", want, err)
		}
	}
}

func TestConfig(t *testing.T) {
	h, s := opened(t)
	configure := func(op *pb.ConfigRequest_Operation) ([]*pb.KeyValue, error) {
		out, err := h.Config(s, bytesOf(t, &pb.ConfigRequest{Operation: op}))
		if err != nil {
			return nil, err
		}
		var r pb.ConfigResponse
		if err := proto.Unmarshal(out, &r); err != nil {
			t.Fatal(err)
		}
		return r.GetPairs(), nil
	}
	get := func(key string) *pb.ConfigRequest_Operation {
		return &pb.ConfigRequest_Operation{OpType: &pb.ConfigRequest_Operation_Get{Get: &pb.ConfigRequest_Get{Keys: []string{key}}}}
	}
	if pairs, err := configure(get("spark.sql.shuffle.partitions")); err != nil || pairs[0].GetValue() != "2" {
		t.Fatalf("partitions %v, %v", pairs, err)
	}
	if _, err := configure(get("no.such")); errs.As(err) == nil || errs.As(err).Name != "SQL_CONF_NOT_FOUND" {
		t.Fatalf("an unknown key gave %v", err)
	}
	value := "7"
	set := &pb.ConfigRequest_Operation{OpType: &pb.ConfigRequest_Operation_Set{Set: &pb.ConfigRequest_Set{Pairs: []*pb.KeyValue{{Key: "my.key", Value: &value}}}}}
	if _, err := configure(set); err != nil {
		t.Fatal(err)
	}
	if pairs, err := configure(get("my.key")); err != nil || pairs[0].GetValue() != "7" {
		t.Fatalf("set key %v, %v", pairs, err)
	}
}

// foreachBatch starts a query over a folder whose epochs the test itself answers.
func foreachBatch(t *testing.T, h *Host, s int64, dir string) (runID string, lane int64) {
	t.Helper()
	format, schema := "text", "value STRING"
	source := frame(t, h, s, &pb.Relation{RelType: &pb.Relation_Read{Read: &pb.Read{IsStreaming: true,
		ReadType: &pb.Read_DataSource_{DataSource: &pb.Read_DataSource{Format: &format, Schema: &schema, Paths: []string{dir}}}}}})
	start := &pb.WriteStreamOperationStart{Input: handle(source.Handle), OutputMode: "append", ForeachBatch: &pb.StreamingForeachFunction{}}
	_, messages, err := events(t, h, s, &pb.Plan{OpType: &pb.Plan_Command{Command: &pb.Command{CommandType: &pb.Command_WriteStreamOperationStart{WriteStreamOperationStart: start}}}})
	if err != nil {
		t.Fatal(err)
	}
	var reply started
	if err := json.Unmarshal([]byte(messages[0]), &reply); err != nil {
		t.Fatal(err)
	}
	ask(t, h, s, map[string]any{"op": "begin", "runId": reply.RunID})
	return reply.RunID, reply.Lane
}

func ask(t *testing.T, h *Host, s int64, q map[string]any) (out map[string]any) {
	t.Helper()
	text, err := json.Marshal(q)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := h.Query(s, text)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(answer, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestACallbackThatRaisesEndsTheQuery(t *testing.T) {
	h, s := opened(t)
	dir := t.TempDir()
	write(t, dir+"/a.txt", "one\n")
	run, lane := foreachBatch(t, h, s, dir)
	call := next(t, h, s, lane)
	if call["kind"] != "foreachBatch" || call["epoch"] != float64(0) {
		t.Fatalf("call %v", call)
	}
	if err := h.Answer(s, int64(call["callback"].(float64)), []byte(`{"error":{"type":"ValueError","message":"no","traceback":"ValueError: no"}}`)); err != nil {
		t.Fatal(err)
	}
	for {
		out := ask(t, h, s, map[string]any{"op": "await", "runId": run, "waitMs": 50})
		if out["done"] != true {
			continue
		}
		failed := out["error"].(map[string]any)
		cause := failed["cause"].(map[string]any)
		if failed["condition"] != "STREAM_FAILED" || cause["condition"] != "FOREACH_BATCH_USER_FUNCTION_ERROR" {
			t.Fatalf("ended by %v", failed)
		}
		break
	}
	if raw, err := h.NextCallback(s, lane, time.Minute); err != nil || string(raw) != `{"status":"end"}` {
		t.Fatalf("the lane of an ended query gave %s, %v", raw, err)
	}
}

// TestStopWaitsForACallback: what the user's function does is not to go on behind the back of who stopped the query.
func TestStopWaitsForACallback(t *testing.T) {
	h, s := opened(t)
	dir := t.TempDir()
	write(t, dir+"/a.txt", "one\n")
	run, lane := foreachBatch(t, h, s, dir)
	call := next(t, h, s, lane)
	ask(t, h, s, map[string]any{"op": "stop", "runId": run})
	if ask(t, h, s, map[string]any{"op": "await", "runId": run, "waitMs": 50})["done"] == true {
		t.Fatal("the query ended while its function ran")
	}
	if err := h.Answer(s, int64(call["callback"].(float64)), []byte(`{"ok":true}`)); err != nil {
		t.Fatal(err)
	}
	for ask(t, h, s, map[string]any{"op": "await", "runId": run, "waitMs": 50})["done"] != true {
		continue
	}
	if out := ask(t, h, s, map[string]any{"op": "exception", "runId": run}); out["error"] != nil {
		t.Fatalf("a stopped query has the exception %v", out["error"])
	}
}

func TestClosingDoesNotWaitForACallback(t *testing.T) {
	h, s := opened(t)
	dir := t.TempDir()
	write(t, dir+"/a.txt", "one\n")
	_, lane := foreachBatch(t, h, s, dir)
	next(t, h, s, lane)
	if err := h.Close(s); err != nil {
		t.Fatal(err)
	}
}

func next(t *testing.T, h *Host, s, lane int64) (call map[string]any) {
	t.Helper()
	raw, err := h.NextCallback(s, lane, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &call); err != nil || call["status"] != "call" {
		t.Fatalf("callback %s, %v", raw, err)
	}
	return call
}

func TestAfterCloseCallsAnswerWithAnError(t *testing.T) {
	h, s := opened(t)
	base := frame(t, h, s, numbers(1))
	if err := h.Close(s); err != nil {
		t.Fatal(err)
	}
	if err := h.Close(s); err != nil {
		t.Fatalf("a second close: %v", err)
	}
	if _, err := h.Run(s, bytesOf(t, root(handle(base.Handle)))); errs.As(err) == nil {
		t.Fatalf("a closed session ran a plan: %v", err)
	}
}

func TestCancelledTaskIsForgotten(t *testing.T) {
	h, s := opened(t)
	base := frame(t, h, s, numbers(100_000_000))
	task, err := h.Run(s, bytesOf(t, root(handle(base.Handle))))
	if err != nil {
		t.Fatal(err)
	}
	if err := h.Cancel(task); err != nil {
		t.Fatal(err)
	}
	if err := h.Cancel(task); err != nil {
		t.Fatalf("a second cancel: %v", err)
	}
	if _, err := h.Next(task, 0); err == nil || errors.Is(err, errCancelled) {
		t.Fatalf("a cancelled task still answers: %v", err)
	}
}

func TestASiblingSharesTheApplicationAndEndsAlone(t *testing.T) {
	h, first := opened(t)
	second, err := h.Open([]byte(fmt.Sprintf(`{"parent":%d,"conf":{},"cwd":"/"}`, first)))
	if err != nil {
		t.Fatal(err)
	}
	a, b := h.sessions[first], h.sessions[second]
	if a.pool != b.pool || a.engine.Conf().String("spark.app.id") != b.engine.Conf().String("spark.app.id") {
		t.Fatal("a session of its own application")
	}
	mine := frame(t, h, second, numbers(3))
	if ids, _, err := events(t, h, first, root(handle(mine.Handle))); err != nil || len(ids) != 3 {
		t.Fatalf("a frame of the sibling: %v, %v", ids, err)
	}
	if err := h.Close(second); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Frame(first, bytesOf(t, handle(mine.Handle))); errs.As(err) == nil {
		t.Fatalf("a frame of a sibling that has ended: %v", err)
	}
	base := frame(t, h, first, numbers(2))
	if ids, _, err := events(t, h, first, root(handle(base.Handle))); err != nil || len(ids) != 2 {
		t.Fatalf("after the sibling's end: %v, %v", ids, err)
	}
	if _, err := h.Open([]byte(`{"parent":12345}`)); errs.As(err) == nil {
		t.Fatalf("a sibling of nobody: %v", err)
	}
}
