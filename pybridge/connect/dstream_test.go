package connect

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"
	"time"

	"pysparkcompat/engine/errs"
	"pysparkcompat/pybridge/host"
)

// python plays the user's process: it answers the lanes of contexts, each RDD being a token.
type python struct {
	t       *testing.T
	h       *Host
	session int64
	group   sync.WaitGroup

	mu    sync.Mutex
	last  int64
	heard []string
	// raise has a call of this kind and time raise.
	raise string
}

func (p *python) do(op string, body object, parts ...[]byte) (map[string]any, [][]byte) {
	p.t.Helper()
	answer, back, err := p.try(op, body, parts...)
	if err != nil {
		p.t.Fatalf("%s: %v", op, err)
	}
	return answer, back
}

func (p *python) try(op string, body object, parts ...[]byte) (map[string]any, [][]byte, error) {
	p.t.Helper()
	pack, err := host.Pack(body, parts)
	if err != nil {
		p.t.Fatal(err)
	}
	session := p.session
	if strings.HasPrefix(op, "clock.") && op != "clock.attach" || op == "dstream.peek" || op == "dstream.active" {
		session = 0
	}
	out, err := p.h.Do(session, op, pack)
	if err != nil {
		return nil, nil, err
	}
	head, back, err := host.Unpack(out)
	if err != nil {
		p.t.Fatal(err)
	}
	var answer map[string]any
	if err := json.Unmarshal(head, &answer); err != nil {
		p.t.Fatal(err)
	}
	return answer, back, nil
}

// serve answers the lanes of a context until they end.
func (p *python) serve(lanes any) {
	all := lanes.(map[string]any)
	numbers := append([]any{all["graph"], all["events"]}, all["jobs"].([]any)...)
	for _, n := range numbers {
		p.group.Add(1)
		go func() {
			defer p.group.Done()
			p.lane(int64(n.(float64)))
		}()
	}
}

func (p *python) lane(number int64) {
	for {
		out, err := p.h.NextCallback(p.session, number, time.Minute)
		if err != nil {
			return
		}
		var call map[string]any
		if json.Unmarshal(out, &call) != nil || call["status"] != "call" {
			return
		}
		answer, err := json.Marshal(p.answer(call))
		if err != nil {
			return
		}
		p.h.Answer(p.session, int64(call["callback"].(float64)), answer) //nolint:errcheck // dropped where nobody waits
	}
}

func (p *python) answer(call map[string]any) object {
	p.mu.Lock()
	defer p.mu.Unlock()
	kind := strings.TrimPrefix(call["kind"].(string), "dstream.")
	said := kind
	switch kind {
	case "event":
		said = call["event"].(string)
	case "compute":
		said += fmt.Sprintf(" %v@%v tokens=%v previous=%v paths=%v", call["node"], call["time"], call["tokens"], call["previous"], call["paths"])
	case "output":
		said += fmt.Sprintf(" %v@%v token=%v", call["output"], call["time"], call["token"])
	case "forget":
		said += fmt.Sprint(" ", call["tokens"])
	}
	p.heard = append(p.heard, said)
	if p.raise != "" && strings.HasPrefix(said, p.raise) {
		return object{"error": object{"id": 42, "text": "ValueError: bad"}}
	}
	switch kind {
	case "compute":
		p.last++
		return object{"token": p.last}
	case "checkpointed":
		return object{"paths": []any{nil}}
	}
	return object{"ok": true}
}

// wants compares without order: lanes are threads of their own.
func (p *python) wants(want ...string) {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	sort.Strings(p.heard)
	sort.Strings(want)
	if got := strings.Join(p.heard, "\n"); got != strings.Join(want, "\n") {
		p.t.Fatalf("called\n%s\nwant\n%s", got, strings.Join(want, "\n"))
	}
	p.heard = nil
}

// second moves the clock on by a second and waits.
func (p *python) second(clock any) {
	p.do("clock.advance", object{"clock": clock, "ms": 1000})
	for {
		if answer, _ := p.do("clock.settle", object{"clock": clock, "waitMs": 50}); answer["done"] == true {
			return
		}
	}
}

func TestDStreamsOverTheOperations(t *testing.T) {
	h, session := opened(t)
	p := &python{t: t, h: h, session: session}
	made, _ := p.do("clock.make", object{"startMs": 500})
	clock := made["clock"]
	folder := t.TempDir()
	opened, _ := p.do("dstream.open", object{"batchMs": 1000, "clock": clock})
	context := opened["context"]
	p.serve(opened["lanes"])
	node := func(body object) float64 {
		body["context"] = context
		answer, _ := p.do("dstream.node", body)
		return answer["node"].(float64)
	}
	files := node(object{"kind": "files", "directory": "file://" + folder + "/in"})
	state := node(object{"kind": "state", "parents": []any{files}})
	p.do("dstream.output", object{"context": context, "node": state, "name": "pprint at a.py:1", "description": "a.py:1"})
	p.do("dstream.listen", object{"context": context, "on": true})
	answer, _ := p.do("dstream.checkpoint", object{"context": context, "directory": filepath.Join(folder, "ck")})
	if answer["directory"] != "file:"+folder+"/ck" {
		t.Fatal(answer)
	}
	if err := os.Mkdir(folder+"/in", 0o755); err != nil {
		t.Fatal(err)
	}
	p.do("dstream.start", object{"context": context, "conf": object{"spark.app.name": "x"}}, []byte("functions"))
	if active, _ := p.do("dstream.active", object{}); active["context"] != context {
		t.Fatal(active)
	}
	p.second(clock)
	p.wants("streamingStarted", "compute 0@1000 tokens=[] previous=<nil> paths=[]", "compute 1@1000 tokens=[1] previous=<nil> paths=[]",
		"batchSubmitted", "batchStarted", "outputOperationStarted", "output 0@1000 token=2", "outputOperationCompleted", "batchCompleted")
	p.raise = "output 0@2000"
	p.second(clock)
	failed, _ := p.do("dstream.await", object{"context": context, "waitMs": 50})
	if e, _ := failed["error"].(map[string]any); e == nil || e["id"] != 42.0 || e["text"] != "ValueError: bad" || failed["stopped"] != false {
		t.Fatal(failed)
	}
	sliced, _ := p.do("dstream.slice", object{"context": context, "node": state, "fromMs": 1000, "toMs": 2000})
	for done := false; !done; {
		answer, _ := p.do("dstream.sliced", object{"context": context, "slice": sliced["slice"], "waitMs": 50})
		if done = answer["done"] == true; done && len(answer["tokens"].([]any)) != 2 {
			t.Fatal(answer)
		}
	}
	graph := opened["lanes"].(map[string]any)["graph"]
	if _, _, err := p.try("dstream.slice", object{"context": context, "node": state, "lane": graph}); err == nil {
		t.Error("a slice inside a transform was taken")
	}
	for done := false; !done; {
		answer, _ := p.do("dstream.stop", object{"context": context, "graceful": true, "waitMs": 50})
		done = answer["done"] == true
	}
	p.group.Wait()
	p.recovers(folder, clock)
}

// recovers goes on from the checkpoint that the context left.
func (p *python) recovers(folder string, clock any) {
	t := p.t
	p.heard, p.raise = nil, ""
	peeked, _ := p.do("dstream.peek", object{"directory": folder + "/ck"})
	if peeked["found"] != true || peeked["batchMs"] != 1000.0 || peeked["conf"].(map[string]any)["spark.app.name"] != "x" {
		t.Fatal(peeked)
	}
	if nothing, _ := p.do("dstream.peek", object{"directory": folder + "/nothing"}); nothing["found"] != false {
		t.Fatal(nothing)
	}
	made, parts := p.do("dstream.recover", object{"directory": folder + "/ck", "clock": clock})
	nodes := made["nodes"].([]any)
	first := nodes[0].(map[string]any)
	if len(parts) != 1 || string(parts[0]) != "functions" || len(nodes) != 2 || first["kind"] != "files" || first["slideMs"] != 1000.0 ||
		made["outputs"].([]any)[0].(map[string]any)["node"] != 1.0 {
		t.Fatalf("%v, %q", made, parts)
	}
	p.serve(made["lanes"])
	p.do("dstream.start", object{"context": made["context"]})
	p.second(clock)
	p.mu.Lock()
	again := strings.Contains(strings.Join(p.heard, "\n"), "output 0@2000")
	p.mu.Unlock()
	if !again {
		t.Errorf("the batch that failed did not run again: %v", p.heard)
	}
	if err := p.h.Close(p.session); err != nil { // with a context that runs
		t.Fatal(err)
	}
	p.group.Wait()
	if active, _ := p.do("dstream.active", object{}); active["context"] != nil {
		t.Error(active)
	}
}

func TestErrorsOfDStreamsNameJavasClasses(t *testing.T) {
	h, session := opened(t)
	p := &python{t: t, h: h, session: session}
	made, _ := p.do("dstream.open", object{"batchMs": 1000})
	_, _, err := p.try("dstream.start", object{"context": made["context"]})
	if e := errs.As(err); e == nil || e.Class != errs.Py4J || !strings.HasPrefix(e.Message(), "java.lang.IllegalArgumentException: requirement failed: No output operations registered, so nothing to execute") {
		t.Error(err)
	}
	if _, _, err := p.try("dstream.checkpoint", object{"context": made["context"], "directory": "hdfs://host/x"}); err == nil {
		t.Error("a folder of HDFS was taken")
	}
	if _, _, err := p.try("dstream.state", object{"context": 999}); err == nil {
		t.Error("a context that is not there answered")
	}
}
