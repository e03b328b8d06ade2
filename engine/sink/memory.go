package sink

import (
	"context"
	"strconv"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
)

func itoa(n int64) string { return strconv.FormatInt(n, 10) }

// Memory keeps rows as a table that the session can read while the query runs and after it stopped.
type Memory struct {
	schema types.Struct
	mode   Mode
	held   staging

	mu     sync.Mutex
	latest int64
	rows   []arrow.RecordBatch
	freed  bool
}

func openMemory(_ context.Context, e *Env) (Sink, error) {
	if e.Name == "" {
		return nil, errs.New("_LEGACY_ERROR_TEMP_1194")
	}
	return &Memory{schema: e.Schema, mode: e.Mode, latest: -1}, nil
}

// staging collects an epoch's batches by instance. Writers of several goroutines add to it.
type staging struct {
	mu    sync.Mutex
	parts map[int][]arrow.RecordBatch
}

func (s *staging) add(instance int, b arrow.RecordBatch) {
	b.Retain()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.parts == nil {
		s.parts = map[int][]arrow.RecordBatch{}
	}
	s.parts[instance] = append(s.parts[instance], b)
}

// take gives the batches in order of instances; the caller owns them.
func (s *staging) take() []arrow.RecordBatch {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []arrow.RecordBatch
	for i := 0; len(s.parts) > 0; i++ {
		out = append(out, s.parts[i]...)
		delete(s.parts, i)
	}
	return out
}

func (s *staging) drop() { releaseAll(s.take()) }

func releaseAll(batches []arrow.RecordBatch) {
	for _, b := range batches {
		b.Release()
	}
}

// stagingWriter is one instance's.
type stagingWriter struct {
	to       *staging
	instance int
}

func (w stagingWriter) Write(_ context.Context, b arrow.RecordBatch) error {
	if b.NumRows() > 0 {
		w.to.add(w.instance, b)
	}
	return nil
}
func (w stagingWriter) Close(bool) error { return nil }

func (m *Memory) Begin(_ context.Context, epoch int64) (bool, error) {
	m.held.drop()
	m.mu.Lock()
	defer m.mu.Unlock()
	return epoch <= m.latest, nil
}

func (m *Memory) Writer(_ context.Context, _ int64, instance int) (Writer, error) {
	return stagingWriter{&m.held, instance}, nil
}

func (m *Memory) Commit(_ context.Context, epoch int64) error {
	rows := m.held.take()
	m.mu.Lock()
	defer m.mu.Unlock()
	if epoch <= m.latest || m.freed {
		releaseAll(rows)
		return nil
	}
	if m.mode == Complete {
		releaseAll(m.rows)
		m.rows = nil
	}
	m.rows = append(m.rows, rows...)
	m.latest = epoch
	return nil
}

func (m *Memory) Abort(int64) error {
	m.held.drop()
	return nil
}

// Schema is the table's.
func (m *Memory) Schema() types.Struct { return m.schema }

// Batches gives the rows committed so far, each batch retained for the caller.
func (m *Memory) Batches() []arrow.RecordBatch {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := append([]arrow.RecordBatch(nil), m.rows...)
	for _, b := range out {
		b.Retain()
	}
	return out
}

// Free gives up the rows: the table is gone.
func (m *Memory) Free() {
	m.mu.Lock()
	defer m.mu.Unlock()
	releaseAll(m.rows)
	m.rows, m.freed = nil, true
}

func (m *Memory) Describe() string { return "MemorySink" }
func (m *Memory) Idempotent() bool { return false }
func (m *Memory) RowsKnown() bool  { return true }

// Close keeps the rows: the table outlives its query.
func (m *Memory) Close() error {
	m.held.drop()
	return nil
}
