package connect

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"pysparkcompat/engine/errs"
	"pysparkcompat/pybridge/host"
)

// do is one operation: its answer's JSON and attachments.
func do(t *testing.T, h *Host, s int64, op, body string, parts ...[]byte) (map[string]any, [][]byte, error) {
	t.Helper()
	request, err := host.Pack(json.RawMessage(body), parts)
	if err != nil {
		t.Fatal(err)
	}
	out, err := h.Do(s, op, request)
	if err != nil {
		return nil, nil, err
	}
	head, attachments, err := host.Unpack(out)
	if err != nil {
		t.Fatal(err)
	}
	var reply map[string]any
	if string(head) != "null" && head[0] == '{' {
		if err := json.Unmarshal(head, &reply); err != nil {
			t.Fatal(err)
		}
	}
	return reply, attachments, nil
}

const source = `{"id": 1, "partitions": 2, "step": -1, "payloads": [0, 1], "name": "made here"}`

func TestJobsOfOperations(t *testing.T) {
	h, s := opened(t)
	if _, _, err := do(t, h, s, "rdd.define", `{"nodes": [`+source+`]}`, []byte("a"), []byte("b")); err != nil {
		t.Fatal(err)
	}
	_, _, err := do(t, h, s, "rdd.run", `{"call": 7, "node": 1, "function": -1, "partitions": [], "name": "count at x.py:1",
		"properties": {"spark.jobGroup.id": "g", "spark.job.tags": "x,y"}}`)
	if err != nil {
		t.Fatal(err)
	}
	for over := false; !over; {
		reply, _, err := do(t, h, s, "rdd.next", `{"call": 7}`)
		if err != nil {
			t.Fatal(err)
		}
		over = reply["over"].(bool)
	}
	if _, _, err := do(t, h, s, "rdd.next", `{"call": 7}`); err == nil {
		t.Error("a job that is over goes on")
	}
	job, _, err := do(t, h, s, "rdd.status", `{"kind": "job", "id": 0}`)
	if err != nil || job["status"] != "SUCCEEDED" {
		t.Error(job, err)
	}
	stage, _, err := do(t, h, s, "rdd.status", `{"kind": "stage", "id": 0}`)
	if err != nil || stage["name"] != "count at x.py:1" || stage["numTasks"] != 0.0 {
		t.Error(stage, err)
	}
	for _, body := range []string{`{"kind": "group", "group": "g"}`, `{"kind": "group", "group": null}`, `{"kind": "jobs"}`, `{"kind": "stages"}`,
		`{"kind": "executor"}`, `{"kind": "job", "id": 7}`, `{"kind": "stage", "id": 7}`} {
		if _, _, err := do(t, h, s, "rdd.status", body); err != nil {
			t.Errorf("%s: %v", body, err)
		}
	}
	for _, body := range []string{`{"kind": "all"}`, `{"kind": "job", "id": 0}`, `{"kind": "group", "value": "g"}`, `{"kind": "tag", "value": "x"}`} {
		if _, _, err := do(t, h, s, "rdd.cancel", body); err != nil {
			t.Errorf("%s: %v", body, err)
		}
	}
	if stored, _, err := do(t, h, s, "rdd.stored", `{"node": 1}`); err != nil || stored["partitions"] != 0.0 {
		t.Error(stored, err)
	}
	if _, updates, err := do(t, h, s, "accumulators.drain", `null`); err != nil || len(updates) != 0 {
		t.Error(updates, err)
	}
}

func TestOperationsThatAreRefused(t *testing.T) {
	h, s := opened(t)
	if _, err := h.Do(s, "rdd.status", []byte("short")); err == nil {
		t.Error("a request that is no pack passed")
	}
	if _, err := h.Do(99, "rdd.status", nil); errs.As(err) == nil || errs.As(err).Name != errs.Unnamed+"SESSION_STOPPED" {
		t.Error(err)
	}
	for _, c := range []struct{ op, body, want string }{
		{"rdd.unknown", `{}`, "no operation"},
		{"rdd.status", `{"kind": "weather"}`, "weather"},
		{"rdd.cancel", `{"kind": "weather"}`, "weather"},
		{"rdd.status", `[]`, "cannot be read"},
		{"rdd.next", `{"call": 5}`, "no job of call 5"},
		{"rdd.run", `{"node": 5, "function": -1}`, "no node 5"},
		{"rdd.run", `{"node": 5, "function": 3}`, "attachment 3 of 0"},
		{"rdd.define", `{"nodes": [{"id": 1, "partitions": 1, "step": 2}]}`, "attachment 2 of 0"},
		{"rdd.define", `{"nodes": [{"id": 1, "partitions": 1, "step": -1, "payloads": [-1, -1]}]}`, "1 partitions and 2 payloads"},
		{"rdd.define", `{"nodes": [{"id": 1, "partitions": 1, "step": -1, "parents": [{"node": 9}]}]}`, "no node 9"},
		{"rdd.define", `{"changes": [{"node": 9, "checkpoint": "/x"}]}`, "no node 9"},
		{"rdd.define", `{"changes": [{"node": 9, "level": {"memory": true}}]}`, "no node 9"},
	} {
		if _, _, err := do(t, h, s, c.op, c.body); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %s: %v", c.op, c.body, err)
		}
	}
	if _, _, err := do(t, h, s, "rdd.end", `{"call": 5}`); err != nil {
		t.Error(err) // whose results were read meanwhile
	}
}

func TestSiblingsAndClonesShareTheirJobs(t *testing.T) {
	h, s := opened(t)
	other, err := h.Open(fmt.Appendf(nil, `{"parent": %d}`, s))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := do(t, h, other, "rdd.define", `{"nodes": [`+source+`]}`, []byte("a"), []byte("b")); err != nil {
		t.Fatal(err)
	}
	if _, _, err := do(t, h, s, "rdd.run", `{"node": 1, "function": -1, "partitions": []}`); err != nil {
		t.Error(err)
	}
}
