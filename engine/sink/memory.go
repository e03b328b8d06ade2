package sink

import (
	"context"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
)

// Memory is a table in memory that the session reads while the query fills it. It outlives the query.
type Memory struct {
	gather
	schema types.Struct
	mode   Mode

	rows  sync.Mutex
	table []arrow.RecordBatch
	last  int64
}

// NewMemory is an empty table. In complete mode an epoch takes the place of the one before, else it is added.
func NewMemory(schema types.Struct, mode Mode) *Memory {
	return &Memory{schema: schema, mode: mode, last: -1}
}

func openMemory(_ context.Context, e *Env) (Sink, error) {
	if e.Name == "" {
		return nil, errs.New("_LEGACY_ERROR_TEMP_1194")
	}
	return NewMemory(e.Schema, e.Mode), nil
}

// Schema is the table's, Snapshot its rows as they are now, owned by the caller.
func (m *Memory) Schema() types.Struct { return m.schema }
func (m *Memory) Snapshot() []arrow.RecordBatch {
	m.rows.Lock()
	defer m.rows.Unlock()
	for _, b := range m.table {
		b.Retain()
	}
	return append([]arrow.RecordBatch(nil), m.table...)
}

// Clear forgets all rows.
func (m *Memory) Clear() {
	m.rows.Lock()
	defer m.rows.Unlock()
	release(m.table)
	m.table = nil
}

func (m *Memory) Begin(_ context.Context, epoch int64) (bool, error) {
	m.begin()
	return epoch <= m.last, nil
}

func (m *Memory) Writer(_ context.Context, _ int64, instance int) (Writer, error) {
	return m.writer(instance), nil
}

func (m *Memory) Commit(_ context.Context, epoch int64) error {
	rows := m.take()
	m.rows.Lock()
	defer m.rows.Unlock()
	if m.mode == Complete {
		release(m.table)
		m.table = nil
	}
	m.table = append(m.table, rows...)
	m.last = epoch
	return nil
}

func (m *Memory) Abort(int64) error { release(m.take()); return nil }
func (m *Memory) Describe() string  { return "MemorySink" }
func (m *Memory) Idempotent() bool  { return true }
func (m *Memory) RowsKnown() bool   { return true }
func (m *Memory) Close() error      { release(m.take()); return nil }
