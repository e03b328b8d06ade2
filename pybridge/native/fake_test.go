package native

import (
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/errs"
	"pysparkcompat/pybridge/host"
)

// fake is a host whose plans are JSON that says what the task shall do.
type fake struct {
	mu    sync.Mutex
	alloc memory.Allocator
	tasks map[int64]*fakeTask
	last  int64
}

type fakeTask struct {
	Batches int    `json:"batches"`
	Rows    int    `json:"rows"`
	Error   string `json:"error"`
	Hang    bool   `json:"hang"`
}

func newFake(alloc memory.Allocator) *fake {
	return &fake{alloc: alloc, tasks: map[int64]*fakeTask{}}
}

func (f *fake) id() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	return f.last
}

func (f *fake) Open(conf []byte) (int64, error)                    { return f.id(), nil }
func (f *fake) Close(int64) error                                  { return nil }
func (f *fake) Config(_ int64, request []byte) ([]byte, error)     { return request, nil }
func (f *fake) Analyze(_ int64, request []byte) ([]byte, error)    { return request, nil }
func (f *fake) Query(_ int64, request []byte) ([]byte, error)      { return request, nil }
func (f *fake) Do(_ int64, _ string, pack []byte) ([]byte, error)  { return pack, nil }
func (f *fake) Drop(_ int64, handles []string) error               { return nil }
func (f *fake) Answer(session, callback int64, reply []byte) error { return nil }

func (f *fake) Frame(_ int64, relation []byte) ([]byte, error) {
	if len(relation) == 0 {
		return nil, errs.New("UNRESOLVED_COLUMN.WITHOUT_SUGGESTION", "objectName", "`a`").
			WithContext(&errs.Context{Fragment: "a", CallSite: "select", Start: 0, Stop: 1})
	}
	return fmt.Appendf(nil, `{"handle":"%d","schema":{"type":"struct","fields":[]},"streaming":false}`, f.id()), nil
}

func (f *fake) Run(_ int64, plan []byte) (int64, error) {
	task := &fakeTask{}
	if err := json.Unmarshal(plan, task); err != nil {
		return 0, err
	}
	id := f.id()
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tasks[id] = task
	return id, nil
}

func (f *fake) Next(id int64, wait time.Duration) (host.Event, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	task := f.tasks[id]
	switch {
	case task == nil:
		return host.Event{}, errs.Internal("no task %d", id)
	case task.Hang:
		f.mu.Unlock()
		<-time.After(wait)
		f.mu.Lock()
		return host.Event{Kind: host.Again}, nil
	case task.Batches > 0:
		task.Batches--
		return host.Event{Kind: host.Batch, Batch: f.batch(task.Rows)}, nil
	case task.Error != "":
		return host.Event{}, errs.Internal("%s", task.Error)
	}
	delete(f.tasks, id)
	return host.Event{Kind: host.End}, nil
}

func (f *fake) batch(rows int) arrow.RecordBatch {
	schema := arrow.NewSchema([]arrow.Field{{Name: "id", Type: arrow.PrimitiveTypes.Int64}, {Name: "name", Type: arrow.BinaryTypes.String, Nullable: true}}, nil)
	b := array.NewRecordBuilder(f.alloc, schema)
	defer b.Release()
	for i := range rows {
		b.Field(0).(*array.Int64Builder).Append(int64(i))
		b.Field(1).(*array.StringBuilder).Append(fmt.Sprint("row ", i))
	}
	return b.NewRecordBatch()
}

func (f *fake) Cancel(task int64) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.tasks, task)
	return nil
}

func (f *fake) NextCallback(session, lane int64, wait time.Duration) ([]byte, error) {
	<-time.After(wait)
	return []byte(`{"status":"again"}`), nil
}
