package state

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"path"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/vfs"
)

// Kept is what a state folder holds, for those who read it beside the query or after it. They change nothing of the
// query's: a version is loaded into a store of the reader's own.
type Kept struct {
	Provider   string
	Partitions int
	Tables     []Spec
}

// Look reads what a state folder holds; nil is a folder without state of ours.
func Look(files vfs.FS, dir string) (*Kept, error) {
	file := path.Join(dir, metadataName)
	b, err := vfs.ReadFile(files, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, loading(err, file)
	}
	var m metadata
	if err := json.Unmarshal(b, &m); err != nil {
		return nil, loading(err, file)
	}
	if m.Version != formatVersion {
		return nil, errs.New("CANNOT_LOAD_STATE_STORE.INVALID_CHANGE_LOG_READER_VERSION", "version", itoa(int64(m.Version)))
	}
	k := &Kept{Provider: m.Provider, Partitions: m.Partitions}
	for _, t := range m.Tables {
		spec, err := t.spec()
		if err != nil {
			return nil, loading(err, file)
		}
		k.Tables = append(k.Tables, spec)
	}
	return k, nil
}

// Orphaned is the refusal of a plan that declares none of the tables.
func (k *Kept) Orphaned() error {
	var old []tableMetadata
	for _, s := range k.Tables {
		old = append(old, describeTable(s))
	}
	return notSameOperators(old, nil)
}

// spec is the table that a description is of.
func (t tableMetadata) spec() (Spec, error) {
	s := Spec{Operator: t.Operator, Name: t.Name, OperatorName: t.OperatorName, StoreName: t.StoreName, PartitionBy: t.PartitionBy, Due: t.Due}
	for text, to := range map[string]*[]types.Field{string(t.Keys): &s.Keys, string(t.Values): &s.Values} {
		x, err := types.FromJSON(text)
		if err != nil {
			return s, err
		}
		*to = x.(types.Struct).Fields
	}
	return s, nil
}

// View is one reading: a store of its own, which Close removes.
type View struct {
	store  *logStore
	table  *table
	Keys   []types.Field
	Values []types.Field
}

// Open makes a view of one of the tables. o says where the folder is and what memory it may take.
func (k *Kept) Open(o Options, operator int, name string) (*View, error) {
	o.ReadOnly, o.Partitions = true, k.Partitions
	if o.MemoryBytes == 0 {
		o.MemoryBytes = defaultMemoryBytes
	}
	s := newLogStore(o, k.Provider)
	if k.Provider == PebbleProvider {
		s.disk = &disk{o: &s.o}
	}
	v := &View{store: s}
	for _, spec := range k.Tables {
		t, err := s.Open(spec, 0, 1, &encoded{mem: o.Mem, fields: spec.Values})
		if err != nil {
			return nil, err
		}
		if spec.Operator == operator && spec.Name == name {
			v.table, v.Keys, v.Values = t.(*table), spec.Keys, spec.Values
		}
	}
	if v.table == nil {
		return nil, errs.Internal("the state holds no table %s of operator %d", name, operator)
	}
	return v, nil
}

// tries is how often a reader begins again where the query removed a file that it was about to read.
const tries = 4

func (v *View) restore(ctx context.Context, version int64) (err error) {
	for range tries {
		if err = v.store.Restore(ctx, version); err == nil || !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return err
}

// Rows gives the rows of a version, keys then values then the partition, some at a time, borrowed.
func (v *View) Rows(ctx context.Context, version int64, visit func(arrow.RecordBatch) error) error {
	if err := v.restore(ctx, version); err != nil {
		return err
	}
	err := v.table.Scan(func(slots []int32) error {
		if err := ctx.Err(); err != nil {
			return err
		}
		for lo := 0; lo < len(slots); lo += batch.Rows {
			if err := v.emit(slots[lo:min(len(slots), lo+batch.Rows)], visit); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		err = v.store.Check()
	}
	return err
}

func (v *View) emit(slots []int32, visit func(arrow.RecordBatch) error) error {
	c, err := v.table.puts(slots)
	if err != nil {
		return err
	}
	defer c.rows.Release()
	b := v.partitioned(c.rows)
	defer b.Release()
	return visit(b)
}

// partitioned adds the column that says to which partition each row belongs.
func (v *View) partitioned(rows arrow.RecordBatch) arrow.RecordBatch {
	n := int(rows.NumRows())
	out := batch.NewFixed[int32](v.store.o.Mem, n)
	Partition(v.table.spec.partitionKeys(rows.Columns()[:len(v.Keys)]), n, v.store.o.Partitions, make([]uint64, n), out.Values)
	for _, c := range rows.Columns() {
		c.Retain()
	}
	columns := append(append([]arrow.Array(nil), rows.Columns()...), out.Done(arrow.PrimitiveTypes.Int32, nil))
	fields := append(append([]arrow.Field(nil), rows.Schema().Fields()...), arrow.Field{Name: "partition_id", Type: arrow.PrimitiveTypes.Int32})
	return batch.Make(arrow.NewSchema(fields, nil), columns, n)
}

// Feed gives what the epochs from one to another changed: rows that were set, as Rows gives them, and rows that went,
// whose values are not there.
func (v *View) Feed(ctx context.Context, from, to int64, visit func(epoch int64, gone bool, rows arrow.RecordBatch) error) error {
	if err := v.restore(ctx, from-1); err != nil {
		return err
	}
	frames, err := v.store.index()
	if err != nil {
		return loading(err, v.store.o.Dir)
	}
	chain, err := v.store.chain(frames, from-1, to)
	if err != nil {
		return err
	}
	var epoch int64
	v.store.seen = func(t *table, gone bool, rows arrow.RecordBatch) error {
		if t != v.table {
			return nil
		}
		b := v.partitioned(rows)
		defer b.Release()
		return visit(epoch, gone, b)
	}
	defer func() { v.store.seen = nil }()
	for _, f := range chain {
		epoch = f.epoch
		if err := v.store.replay(ctx, []frame{f}); err != nil {
			return loading(err, v.store.o.Dir)
		}
	}
	return v.store.Check()
}

func (v *View) Close() error { return v.store.Close() }

// encoded is a payload of whatever columns, a row's bytes by slot.
type encoded struct {
	mem    memory.Allocator
	fields []types.Field
	rows   [][]byte
	bytes  int64
}

func (p *encoded) Grow(n int) {
	for len(p.rows) < n {
		p.rows = append(p.rows, nil)
	}
}

func (p *encoded) Read(slots []int32) ([]arrow.Array, error) {
	in := newColumns(p.mem, p.fields)
	for _, s := range slots {
		in.add(p.rows[s])
	}
	return in.done(), nil
}

func (p *encoded) Write(slots []int32, columns []arrow.Array) error {
	encoders := make([]encoder, len(columns))
	for i, a := range columns {
		encoders[i] = newExactEncoder(a)
	}
	var row []byte
	for i, s := range slots {
		row = row[:0]
		for _, e := range encoders {
			row = e(row, i)
		}
		p.bytes += int64(len(row) - len(p.rows[s]))
		p.rows[s] = append([]byte(nil), row...)
	}
	return nil
}

func (p *encoded) Clear(slots []int32) {
	for _, s := range slots {
		p.bytes -= int64(len(p.rows[s]))
		p.rows[s] = nil
	}
}

func (p *encoded) Bytes() int64 { return p.bytes + int64(cap(p.rows)*24) }
