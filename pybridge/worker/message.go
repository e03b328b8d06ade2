// Package worker is the pool of Python processes that run the user's functions.
//
// It is not the functions' runtime (python/pyspark_compat_worker) and holds no operator. pybridge/connect makes one
// pool a session and gives it to the engine as its udf.Runner. Invariants: a process serves one stream of batches at
// a time; a process that did not end its stream cleanly is killed, never used again; when this process dies, so do
// all of them within a second, whatever user code does; nothing that was sent is lost when a worker dies.
package worker

import (
	"encoding/binary"
	"fmt"

	"google.golang.org/grpc/mem"
)

// The kinds of frame. See proto/pyspark_compat/worker.proto.
const (
	hello  = 'H' // worker, on gRPC: JSON {"pid", "token"}
	offer  = 'U' // pool, on gRPC: JSON {"socket"}, the bulk socket or empty
	agreed = 'R' // worker, on gRPC: JSON {"bulk"}, whether it has dialled that
	begin  = 'O' // pool: a spec (spec.go)
	schema = 'S' // both: the schema of the batches that follow, an Arrow IPC message
	data   = 'B' // both: a record batch, an Arrow IPC message
	taken  = 'T' // worker: the function took one of the batches sent
	finish = 'F' // pool: no batch follows; worker: no result follows
	failed = 'E' // worker: JSON of a Python exception; the run is over
	finals = 'X' // worker: what was added to accumulators, before its finish
)

// headerSize is what each frame begins with: its kind, seven zeros and the body's length, little endian. It keeps the
// body, and so the columns, aligned.
const headerSize = 16

// biggest is the largest body that a header may announce.
const biggest = 1 << 40

// header makes a frame's first bytes.
func header(kind byte, size int) []byte {
	h := make([]byte, headerSize)
	h[0] = kind
	binary.LittleEndian.PutUint64(h[8:], uint64(size))
	return h
}

func parseHeader(h []byte) (kind byte, size int, err error) {
	n := binary.LittleEndian.Uint64(h[8:])
	if n > biggest {
		return 0, 0, fmt.Errorf("a frame of %d bytes was announced", n)
	}
	return h[0], int(n), nil
}

// frame is a whole message on gRPC: the raw codec passes it on without copying.
type frame struct{ bytes []byte }

// newFrame copies parts into a frame: gRPC may keep what it was given.
func newFrame(kind byte, parts ...[]byte) *frame {
	size := 0
	for _, p := range parts {
		size += len(p)
	}
	out := make([]byte, 0, headerSize+size)
	out = append(out, header(kind, size)...)
	for _, p := range parts {
		out = append(out, p...)
	}
	return &frame{out}
}

// open gives a frame's kind and body.
func (f *frame) open() (kind byte, body []byte, err error) {
	if len(f.bytes) < headerSize {
		return 0, nil, fmt.Errorf("a frame of %d bytes", len(f.bytes))
	}
	kind, size, err := parseHeader(f.bytes)
	if err != nil || size != len(f.bytes)-headerSize {
		return 0, nil, fmt.Errorf("a frame of %d bytes says that it has %d", len(f.bytes)-headerSize, size)
	}
	return kind, f.bytes[headerSize:], nil
}

// codec moves frames as they are.
type codec struct{}

func (codec) Name() string { return "raw" }

func (codec) Marshal(v any) (mem.BufferSlice, error) {
	f, ok := v.(*frame)
	if !ok {
		return nil, fmt.Errorf("the raw codec got a %T", v)
	}
	return mem.BufferSlice{mem.SliceBuffer(f.bytes)}, nil
}

func (codec) Unmarshal(data mem.BufferSlice, v any) error {
	f, ok := v.(*frame)
	if !ok {
		return fmt.Errorf("the raw codec got a %T", v)
	}
	f.bytes = data.Materialize()
	return nil
}
