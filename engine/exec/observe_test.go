package exec_test

import (
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/internal/testkit"
	"pysparkcompat/engine/types"
)

func observation() *exec.Observation {
	two := testkit.Schema("s", types.Long, "n", types.Long)
	return &exec.Observation{Buffers: two, Results: two, Schema: testkit.Schema("n", types.Long, "s", types.Long),
		Calls:   func() ([]exec.Call, error) { return []exec.Call{sumOf(1), countAll()}, nil },
		Outputs: func() ([]expr.Evaluator, error) { return []expr.Evaluator{col{1, types.Long}, col{0, types.Long}}, nil }}
}

// observing is an operator that takes what it left along when it is closed.
type observing struct {
	exec.Operator
	o *exec.Observation
}

func (x observing) Close() error {
	x.o.Close()
	return x.Operator.Close()
}

func TestObserveLetsRowsPass(t *testing.T) {
	testkit.Operator{Ordered: true, Schemas: []*arrow.Schema{pair}, Inputs: []string{pairs},
		Want: []string{"a 1", "b 2", "a 3", "(null) 4", "b (null)", "c 6", "(null) 7"},
		Make: func(i exec.Instance) (exec.Operator, error) {
			o := observation()
			op, err := o.Operator(i)
			return observing{op, o}, err
		}}.Run(t)
}

// TestObserveCountsAnEpoch: the instances' counts are one row, and an epoch's do not come to the next.
func TestObserveCountsAnEpoch(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
	defer mem.AssertSize(t, 0)
	b := testkit.Rows(t, mem, pair, pairs)
	defer b.Release()
	o := observation()
	defer o.Close()
	var ends []error
	var c testkit.Collector
	p, err := exec.New(c.Node(&exec.Node{Inputs: []exec.Feed{&exec.Leaf{}}, Make: o.Operator}),
		exec.Config{Instance: exec.NewInstance(0, 1, mem), Cores: 3, Ended: func(err error) error { ends = append(ends, err); return err }})
	must(t, err)
	row := func() []string {
		r, err := o.Row(exec.NewInstance(0, 1, mem))
		must(t, err)
		defer r.Release()
		return testkit.Texts(r)
	}
	for _, epoch := range []struct {
		batches []arrow.RecordBatch
		want    string
	}{{[]arrow.RecordBatch{b, b, b, b, b}, "35 115"}, {nil, "(null) (null)"}, {[]arrow.RecordBatch{b}, "7 23"}} {
		must(t, p.Run(t.Context(), exec.Epoch{}, []exec.StageInput{{Splits: splitsOf(epoch.batches...)}}))
		if got := row(); len(got) != 1 || got[0] != epoch.want {
			t.Fatalf("%d batches: %v, want %s", len(epoch.batches), got, epoch.want)
		}
	}
	must(t, p.Close())
	if len(ends) != 3 || ends[0] != nil {
		t.Fatalf("the ends of epochs: %v", ends)
	}
}
