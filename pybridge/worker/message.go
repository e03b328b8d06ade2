// Package worker is the pool of Python processes that run the user's functions.
//
// It is not the functions' runtime (python/pyspark_compat_worker) and holds no operator. pybridge/connect makes one
// pool a session and gives it to the engine as its udf.Runner. Invariants: a process serves one stream of batches at
// a time; a process that did not end its stream cleanly is killed, never used again; when this process dies, so do
// all of them within a second, whatever user code does; nothing that was sent is lost when a worker dies.
package worker

import (
	"bytes"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/ipc"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"google.golang.org/grpc/mem"

	"pysparkcompat/engine/errs"
)

// The kinds of message: the first byte of a frame. See proto/pyspark_compat/worker.proto.
const (
	hello  = 'H' // worker: JSON {"pid", "token"}
	open   = 'O' // pool: a spec (spec.go)
	ready  = 'R' // worker: the functions are unpickled
	data   = 'B' // both: one record batch as an Arrow IPC stream
	taken  = 'T' // worker: the function took one of the batches sent
	finish = 'F' // pool: no batch follows; worker: no result follows
	failed = 'E' // worker: JSON of a Python exception; the stream is over
	finals = 'X' // worker: what the stream reports at its end (accumulators), before its finish
)

// frame is one message: the raw codec passes it on without copying.
type frame struct{ body []byte }

// codec moves frames as they are.
type codec struct{}

func (codec) Name() string { return "raw" }

func (codec) Marshal(v any) (mem.BufferSlice, error) {
	f, ok := v.(*frame)
	if !ok {
		return nil, fmt.Errorf("the raw codec got a %T", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(f.body)}, nil
}

func (codec) Unmarshal(data mem.BufferSlice, v any) error {
	f, ok := v.(*frame)
	if !ok {
		return fmt.Errorf("the raw codec got a %T", v)
	}
	f.body = data.Materialize()
	return nil
}

// encode packs a batch into a frame.
func encode(b arrow.RecordBatch) (*frame, error) {
	var out bytes.Buffer
	out.Grow(int(size(b)) + 1024)
	out.WriteByte(data)
	w := ipc.NewWriter(&out, ipc.WithSchema(b.Schema()))
	if err := w.Write(b); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return &frame{out.Bytes()}, nil
}

// size is the bytes of a batch's buffers, whole ones where the batch is a slice.
func size(b arrow.RecordBatch) (n int64) {
	for _, c := range b.Columns() {
		n += int64(c.Data().SizeInBytes())
	}
	return n
}

// decode unpacks a batch; its memory is the frame's where the encoding allows.
func decode(mem memory.Allocator, body []byte) (arrow.RecordBatch, error) {
	r, err := ipc.NewReader(bytes.NewReader(body), ipc.WithAllocator(mem))
	if err != nil {
		return nil, errs.Internal("a worker's batch cannot be read: %v", err)
	}
	defer r.Release()
	if !r.Next() {
		return nil, errs.Internal("a worker sent no batch: %v", r.Err())
	}
	b := r.RecordBatch()
	b.Retain()
	return b, nil
}
