// Package engine is sessions, frames and queries: what a driver of any language asks for.
//
// It knows no Python, no protobuf and no port: pybridge does. Everything else of engine lies beneath it. Invariants: a
// frame is analysed once, when it is made; what a frame reads is decided when it is made and read when it is run; a
// session that is closed has ended its queries.
package engine

import (
	"math/rand/v2"
	"time"

	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/query"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/vfs"
)

// Options are what tests replace; the zero value is the machine's own.
type Options struct {
	FS    vfs.FS
	Clock clock.Clock
	Mem   memory.Allocator
	// Seed makes random identifiers and rand() repeat; 0 takes a random one.
	Seed int64
}

// Engine is what the sessions of a process share. Safe for concurrent use.
type Engine struct {
	fs       vfs.FS
	clock    clock.Clock
	mem      memory.Allocator
	registry *query.Registry
	seed     int64
}

// New is an engine without sessions.
func New(o Options) *Engine {
	e := &Engine{fs: o.FS, clock: o.Clock, mem: o.Mem, registry: query.NewRegistry(), seed: o.Seed}
	if e.fs == nil {
		e.fs = vfs.OS{}
	}
	if e.clock == nil {
		e.clock = clock.Real{}
	}
	if e.mem == nil {
		e.mem = memory.NewGoAllocator()
	}
	if e.seed == 0 {
		e.seed = rand.Int64()
	}
	return e
}

// FS is the file system that all of it uses.
func (e *Engine) FS() vfs.FS { return e.fs }

// Memory is the allocator that batches are made with.
func (e *Engine) Memory() memory.Allocator { return e.mem }

// Schema is a frame's schema.
type Schema = types.Struct

// micros is a time as the engine's columns hold it.
func micros(t time.Time) int64 { return t.UnixMicro() }
