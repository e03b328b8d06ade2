package source

import (
	"context"
	"io"
	"path"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
)

// stateSplit is all of a store: a version is loaded as a whole.
type stateSplit struct{ t *stateTable }

// Open loads the version on a goroutine of its own, which hands batches over one by one until the reader is closed.
func (s *stateSplit) Open(ctx context.Context, p Pushdown) (Reader, error) {
	columns := p.Columns
	if columns == nil {
		columns = make([]int, len(s.t.schema.Fields))
		for i := range columns {
			columns[i] = i
		}
	}
	view, err := s.t.kept.Open(state.Options{FS: s.t.env.FS, Dir: path.Join(s.t.dir, "state"), Mem: s.t.env.Mem}, s.t.spec.Operator, s.t.spec.Name)
	if err != nil {
		return nil, err
	}
	inner, cancel := context.WithCancel(ctx)
	r := &stateReader{t: s.t, columns: columns, rows: make(chan arrow.RecordBatch), done: make(chan struct{}), cancel: cancel}
	go r.run(inner, view)
	return r, nil
}

type stateReader struct {
	t       *stateTable
	columns []int
	rows    chan arrow.RecordBatch
	err     error // set before done ends
	done    chan struct{}
	cancel  context.CancelFunc
}

func (r *stateReader) run(ctx context.Context, view *state.View) {
	defer close(r.done)
	defer errs.Caught(&r.err)
	defer func() {
		if err := view.Close(); r.err == nil {
			r.err = err
		}
	}()
	give := func(b arrow.RecordBatch) error {
		select {
		case r.rows <- b:
			return nil
		case <-ctx.Done():
			b.Release()
			return ctx.Err()
		}
	}
	if r.t.asked.feed {
		r.err = view.Feed(ctx, r.t.asked.from, r.t.asked.to, func(epoch int64, gone bool, rows arrow.RecordBatch) error {
			return give(r.shape(rows, epoch, gone))
		})
		return
	}
	if r.t.counts {
		r.err = r.count(ctx, view, give)
		return
	}
	r.err = view.Rows(ctx, r.t.asked.batch, func(rows arrow.RecordBatch) error { return give(r.shape(rows, 0, false)) })
}

// count gives each key of a join's side once, with how many rows it has.
func (r *stateReader) count(ctx context.Context, view *state.View, give func(arrow.RecordBatch) error) error {
	width := len(view.Keys) - 1
	kinds := make([]types.Type, width)
	for i := range kinds {
		kinds[i] = view.Keys[i].Type
	}
	groups := state.NewGroups(kinds)
	var counts []int64
	var parts []int32
	err := view.Rows(ctx, r.t.asked.batch, func(rows arrow.RecordBatch) error {
		n := int(rows.NumRows())
		slots := make([]int32, n)
		groups.Slots(rows.Columns()[:width], n, slots)
		of := batch.Values[int32](rows.Column(int(rows.NumCols()) - 1))
		for i, s := range slots {
			for int(s) >= len(counts) {
				counts, parts = append(counts, 0), append(parts, 0)
			}
			counts[s]++
			parts[s] = of[i]
		}
		return nil
	})
	if err != nil {
		return err
	}
	live := groups.Live(nil)
	for lo := 0; lo < len(live); lo += batch.Rows {
		some := live[lo:min(len(live), lo+batch.Rows)]
		number, partition := batch.NewFixed[int64](r.t.env.Mem, len(some)), batch.NewFixed[int32](r.t.env.Mem, len(some))
		for i, s := range some {
			number.Values[i], partition.Values[i] = counts[s], parts[s]
		}
		columns := append(groups.Keys(r.t.env.Mem, some), number.Done(arrow.PrimitiveTypes.Int64, nil), partition.Done(arrow.PrimitiveTypes.Int32, nil))
		fields := append(types.ArrowFields(view.Keys[:width]), arrow.Field{Type: arrow.PrimitiveTypes.Int64}, arrow.Field{Type: arrow.PrimitiveTypes.Int32})
		b := batch.Make(arrow.NewSchema(fields, nil), columns, len(some))
		shaped := r.shape(b, 0, false)
		b.Release()
		if err := give(shaped); err != nil {
			return err
		}
	}
	return nil
}

// shape makes the columns wanted of a table's rows.
func (r *stateReader) shape(rows arrow.RecordBatch, epoch int64, gone bool) arrow.RecordBatch {
	n := int(rows.NumRows())
	fields := types.ArrowFields(r.t.schema.Fields)
	out, of := make([]arrow.Array, len(r.columns)), make([]arrow.Field, len(r.columns))
	for i, c := range r.columns {
		of[i] = fields[c]
		switch r.t.schema.Fields[c].Name {
		case "batch_id":
			b := batch.NewFixed[int64](r.t.env.Mem, n)
			for k := range b.Values {
				b.Values[k] = epoch
			}
			out[i] = b.Done(arrow.PrimitiveTypes.Int64, nil)
		case "change_type":
			out[i] = r.changeType(n, gone)
		case "key":
			out[i] = r.structOf(fields[c].Type.(*arrow.StructType), rows, r.t.keys)
		case "value":
			if gone {
				out[i] = array.MakeArrayOfNull(r.t.env.Mem, fields[c].Type, n)
			} else {
				out[i] = r.structOf(fields[c].Type.(*arrow.StructType), rows, r.t.values)
			}
		case "partition_id":
			out[i] = rows.Column(int(rows.NumCols()) - 1)
			out[i].Retain()
		}
	}
	return batch.Make(arrow.NewSchema(of, nil), out, n)
}

func (r *stateReader) changeType(n int, gone bool) arrow.Array {
	text := "update"
	if gone {
		text = "delete"
	}
	b := array.NewStringBuilder(r.t.env.Mem)
	defer b.Release()
	for range n {
		b.Append(text)
	}
	return b.NewArray()
}

// structOf is columns of the rows as one; -1 is a column of nothing.
func (r *stateReader) structOf(t *arrow.StructType, rows arrow.RecordBatch, columns []int) arrow.Array {
	n := int(rows.NumRows())
	data := make([]arrow.ArrayData, len(columns))
	for i, c := range columns {
		if c < 0 {
			nothing := array.NewNull(n)
			defer nothing.Release()
			data[i] = nothing.Data()
			continue
		}
		data[i] = rows.Column(c).Data()
	}
	d := array.NewData(t, n, []*memory.Buffer{nil}, data, 0, 0)
	defer d.Release()
	return array.NewStructData(d)
}

func (r *stateReader) Next(ctx context.Context) (arrow.RecordBatch, error) {
	select {
	case b := <-r.rows:
		return b, nil
	case <-r.done:
		if r.err != nil {
			return nil, r.err
		}
		return nil, io.EOF
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close ends the goroutine and waits for it: it removes what it made beside the state.
func (r *stateReader) Close() error {
	r.cancel()
	for {
		select {
		case b := <-r.rows:
			b.Release()
		case <-r.done:
			return nil
		}
	}
}
