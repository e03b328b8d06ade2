package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
)

// distinct passes the first row of each key of an epoch, at once.
type distinct struct {
	i       Instance
	columns []int
	groups  state.Groups
	partial bool
	slots   []int32
	text    string
}

// NewDistinct makes distinct and dropDuplicates over columns, by number. It stands behind an exchange over them;
// a partial one below the exchange forgets what it has seen when it holds too much.
func NewDistinct(i Instance, columns []int, keyTypes []types.Type, partial bool, text string) Operator {
	return &distinct{i: i, columns: columns, groups: state.NewGroups(keyTypes), partial: partial, text: text}
}

func (d *distinct) Process(_ context.Context, _ int, b arrow.RecordBatch, emit Emit) error {
	n := int(b.NumRows())
	if len(d.slots) < n {
		d.slots = make([]int32, n)
	}
	keys := make([]arrow.Array, len(d.columns))
	for i, c := range d.columns {
		keys[i] = b.Column(c)
	}
	made := d.groups.Slots(keys, n, d.slots[:n])
	if len(made) == n {
		return emit(b)
	}
	if len(made) == 0 {
		return nil
	}
	out := batch.TakeBatch(d.i.Mem, b, made)
	defer out.Release()
	if d.partial && d.groups.Len() > flushGroups {
		d.groups.Reset()
	}
	return emit(out)
}

func (d *distinct) Mark(_ context.Context, _ int, m Mark, _ Emit) error {
	if m.Kind == End {
		d.groups.Reset()
	}
	return nil
}

func (d *distinct) Explain() string { return "Distinct " + d.text }
func (d *distinct) Close() error    { return nil }
