package testkit

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"go.uber.org/goleak"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/exec"
)

// Operator is one operator under test.
type Operator struct {
	Make func(i exec.Instance) (exec.Operator, error)
	// Schemas and Inputs, by port: up to 8 rows of JSON each.
	Schemas []*arrow.Schema
	Inputs  []string
	// Want is the rows of an epoch as Texts shows them; nil compares the splits with each other only.
	Want []string
	// Ordered compares rows in their order.
	Ordered bool
	// Rows says that only the number of rows is the same whatever the split (a limit without an order).
	Count bool
	// Partial operators may give more rows when their input comes in more batches; only leaks and errors are checked.
	Partial bool
	// Epoch is what the marks carry; ID and the rest as given.
	Epoch exec.Epoch
	// Stateful operators' second epoch is not the first again.
	Stateful bool
	// KeepNulls leaves out the inputs with rows of nulls.
	KeepNulls bool
}

var errEmit = errors.New("the next operator failed")

// Run puts the operator through every split of its inputs into batches, with empty batches between, with each row in
// turn made null, over two epochs, with a next operator that fails and one that stops at each of its calls: the rows
// do not depend on it, nothing leaks, no goroutine is left.
func (o Operator) Run(t *testing.T) {
	t.Helper()
	defer goleak.VerifyNone(t)
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	inputs := make([]arrow.RecordBatch, len(o.Inputs))
	for i, text := range o.Inputs {
		inputs[i] = Rows(t, mem, o.Schemas[i], text)
		defer inputs[i].Release()
		if inputs[i].NumRows() > 8 {
			t.Fatalf("port %d has %d rows; every split of more than 8 takes too long", i, inputs[i].NumRows())
		}
	}
	want := o.splits(t, mem, inputs)
	if o.Want != nil && !Same(want, o.Want, o.Ordered) {
		t.Fatalf("got %s\nwant %s", Show(want), Show(o.Want))
	}
	for port := range inputs {
		for i := 0; !o.KeepNulls && i < int(inputs[port].NumRows()); i++ {
			holed := append([]arrow.RecordBatch(nil), inputs...)
			holed[port] = withNull(mem, inputs[port], i)
			o.splits(t, mem, holed)
			holed[port].Release()
		}
	}
	o.failures(t, mem, inputs)
}

// splits runs every split and gives the rows, which are the same for all.
func (o Operator) splits(t *testing.T, mem memory.Allocator, inputs []arrow.RecordBatch) []string {
	t.Helper()
	rows := 0
	for _, in := range inputs {
		rows = max(rows, int(in.NumRows()))
	}
	var first []string
	for cuts := 0; cuts < 1<<max(rows-1, 0); cuts++ {
		for _, empty := range []bool{false, true} {
			got, err := o.run(mem, inputs, cuts, empty, nil)
			if err != nil {
				t.Fatalf("split %b: %v", cuts, err)
			}
			if first == nil {
				first = got
			}
			if o.Count && len(got) == len(first) || o.Partial {
				continue
			}
			if !Same(got, first, o.Ordered) {
				t.Fatalf("split %b (empty batches: %v): %s\nin one batch: %s", cuts, empty, Show(got), Show(first))
			}
		}
	}
	return first
}

// failures lets the next operator fail, and stop, at each of its calls.
func (o Operator) failures(t *testing.T, mem memory.Allocator, inputs []arrow.RecordBatch) {
	t.Helper()
	for _, failure := range []error{errEmit, errs.Stop} {
		for at := 1; ; at++ {
			calls := 0
			_, err := o.run(mem, inputs, 0b1010101, false, func() error {
				if calls++; calls == at {
					return failure
				}
				return nil
			})
			if calls < at {
				break
			}
			if failure == errs.Stop && err != nil || failure == errEmit && !errors.Is(err, errEmit) {
				t.Fatalf("the next operator answered %q at call %d: %v", failure, at, err)
			}
		}
	}
}

// run drives a fresh operator through two epochs. cuts has a bit for each place where a batch ends.
func (o Operator) run(mem memory.Allocator, inputs []arrow.RecordBatch, cuts int, empty bool, next func() error) (rows []string, err error) {
	ctx := context.Background()
	op, err := o.Make(exec.NewInstance(0, 1, mem))
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, op.Close()) }()
	var again []string
	for epoch := 0; epoch < 2; epoch++ {
		rows = again
		again = []string{}
		emit := func(b arrow.RecordBatch) error {
			if next != nil {
				if err := next(); err != nil {
					return err
				}
			}
			again = append(again, Texts(b)...)
			return nil
		}
		if err := o.epoch(ctx, op, inputs, cuts, empty, emit); err != nil {
			return nil, err
		}
		if o.Stateful || next != nil {
			return again, nil
		}
	}
	if !o.Count && !o.Partial && !Same(rows, again, o.Ordered) {
		return nil, fmt.Errorf("the second epoch gave %s\nthe first %s", Show(again), Show(rows))
	}
	return again, nil
}

func (o Operator) epoch(ctx context.Context, op exec.Operator, inputs []arrow.RecordBatch, cuts int, empty bool, emit exec.Emit) error {
	mark := func(port int, kind exec.MarkKind) error {
		return unlessStop(op.Mark(ctx, port, exec.Mark{Kind: kind, Epoch: o.Epoch}, emit))
	}
	if err := mark(0, exec.Begin); err != nil {
		return err
	}
	for port, in := range inputs {
		if err := mark(port, exec.Split); err != nil {
			return err
		}
		if err := unlessStop(feed(ctx, op, port, in, cuts, empty, emit)); err != nil {
			return err
		}
		if err := mark(port, exec.SplitEnd); err != nil {
			return err
		}
		if err := mark(port, exec.End); err != nil {
			return err
		}
	}
	return nil
}

// feed gives a port its rows in batches that end where cuts says.
func feed(ctx context.Context, op exec.Operator, port int, in arrow.RecordBatch, cuts int, empty bool, emit exec.Emit) error {
	n := int(in.NumRows())
	give := func(lo, hi int) error {
		b := in.NewSlice(int64(lo), int64(hi))
		defer b.Release()
		return op.Process(ctx, port, b, emit)
	}
	lo := 0
	for i := 1; i <= n; i++ {
		if i < n && cuts>>(i-1)&1 == 0 {
			continue
		}
		if empty {
			if err := give(lo, lo); err != nil {
				return err
			}
		}
		if err := give(lo, i); err != nil {
			return err
		}
		lo = i
	}
	if empty || n == 0 {
		return give(n, n)
	}
	return nil
}

func unlessStop(err error) error {
	if err == errs.Stop {
		return nil
	}
	return err
}
