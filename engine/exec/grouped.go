package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/udf"
)

// GroupedSpec is a foreign function over the rows of each group, of one port or of two.
type GroupedSpec struct {
	Runner udf.Runner
	// Spec says what the worker does; Partition and Epoch are filled in.
	Spec     udf.Spec
	Ports    []GroupedPort
	KeyTypes []types.Type
	// PartRows is how many rows of a group go at once.
	PartRows int
	// Keyed puts the keys before what the function gave for each group; EmptyToo calls it, without keys, for no rows too.
	Keyed bool
	// Schema is that of the rows out.
	Schema *arrow.Schema
	Text   string
}

// grouped gathers an epoch's rows, and at its end sends them to a worker group by group.
type grouped struct {
	spec  GroupedSpec
	i     Instance
	rows  *gathered
	input *arrow.Schema
	epoch int64
	ended int
	in    udf.Instance
	stop  bool

	keys     []arrow.Array // by place
	answered int           // groups, where one row answers each
}

// NewGrouped makes applyInPandas, applyInArrow, cogroup and the aggregates in Python. It stands behind exchanges over the keys.
func NewGrouped(i Instance, spec GroupedSpec) Operator {
	return &grouped{spec: spec, i: i, rows: newGathered(i.Mem, spec.Ports, spec.KeyTypes)}
}

func (g *grouped) Process(_ context.Context, port int, b arrow.RecordBatch, _ Emit) error {
	if b.NumRows() == 0 {
		return nil
	}
	return g.rows.add(port, b)
}

func (g *grouped) Mark(ctx context.Context, _ int, m Mark, emit Emit) error {
	switch m.Kind {
	case Begin:
		g.epoch, g.ended, g.stop = m.Epoch.ID, 0, false
	case End:
		if g.ended++; g.ended == len(g.spec.Ports) {
			return g.end(ctx, emit)
		}
	}
	return nil
}

func (g *grouped) end(ctx context.Context, emit Emit) (err error) {
	defer func() {
		batch.Release(g.keys...)
		g.keys = nil
		g.rows.reset()
		if closeErr := g.release(); unlessStop(err) == nil && closeErr != nil {
			err = closeErr
		}
	}()
	count := g.rows.groups.Len()
	if count == 0 {
		return nil
	}
	if g.keys, err = g.rows.arrange(); err != nil {
		return err
	}
	g.answered = 0
	s := g.spec.Spec
	s.Partition, s.Epoch = g.i.Index, g.epoch
	if g.in, err = g.spec.Runner.Open(ctx, s); err != nil {
		return err
	}
	err = g.rows.parcels(count, g.spec.PartRows, func(c *parcel) error {
		columns, err := g.rows.columns(c)
		if err != nil {
			return err
		}
		if err := send(ctx, g.in, &g.input, columns, len(c.places)); err != nil {
			return err
		}
		return g.receive(ctx, false, emit)
	})
	if err != nil {
		return err
	}
	if err := g.in.Finish(ctx); err != nil {
		return err
	}
	if err := g.receive(ctx, true, emit); err != nil {
		return err
	}
	if g.spec.Keyed && g.answered != count {
		return errs.Internal("a worker answered for %d of %d groups", g.answered, count)
	}
	return nil
}

// send gives columns, which it takes over, to the worker. input keeps their schema.
func send(ctx context.Context, in udf.Instance, input **arrow.Schema, columns []arrow.Array, rows int) error {
	if *input == nil {
		fields := make([]arrow.Field, len(columns))
		for i, c := range columns {
			fields[i] = arrow.Field{Name: "c", Type: c.DataType(), Nullable: true}
		}
		*input = arrow.NewSchema(fields, nil)
	}
	b := batch.Make(*input, columns, rows)
	defer b.Release()
	return in.Send(ctx, b)
}

func (g *grouped) receive(ctx context.Context, wait bool, emit Emit) error {
	return answers(ctx, g.in, func() bool { return wait }, func(r arrow.RecordBatch) error { return g.answer(r, emit) })
}

func (g *grouped) answer(r arrow.RecordBatch, emit Emit) error {
	n := int(r.NumRows())
	if n == 0 {
		return nil
	}
	var out []arrow.Array
	if g.spec.Keyed {
		for _, k := range g.keys {
			if g.answered+n > k.Len() {
				return errs.Internal("a worker answered for more than %d groups", k.Len())
			}
			out = append(out, array.NewSlice(k, int64(g.answered), int64(g.answered+n)))
		}
		g.answered += n
	}
	for _, c := range r.Columns() {
		c.Retain()
		out = append(out, c)
	}
	b := batch.Make(g.spec.Schema, out, n)
	defer b.Release()
	return emit(b)
}

func (g *grouped) release() error {
	if g.in == nil {
		return nil
	}
	in := g.in
	g.in = nil
	return in.Close()
}

func (g *grouped) Explain() string { return g.spec.Text }

func (g *grouped) Close() error {
	g.rows.reset()
	return g.release()
}
