package exec_test

import (
	"errors"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/internal/testkit"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/vfs"
)

var keyed = testkit.Schema("k", types.String, "t", types.Timestamp)

// first is dropDuplicates over keyed: by k, by k and t, or by k within a delay of 10 seconds.
func first(byTime, within bool) func(state.Store) exec.Feed {
	spec := dedupe(byTime, within)
	return func(store state.Store) exec.Feed {
		x := &exec.Exchange{From: &exec.Leaf{}, Kind: exec.Hash, Keys: spec.Columns, Partitions: store.Partitions()}
		return &exec.Node{Inputs: []exec.Feed{x}, Make: func(i exec.Instance) (exec.Operator, error) { return exec.NewStateDistinct(i, store, spec) }}
	}
}

func dedupe(byTime, within bool) exec.StateDistinctSpec {
	spec := exec.StateDistinctSpec{Columns: []int{0}, Keys: []types.Field{{Name: "k", Type: types.String, Nullable: true}},
		Time: state.DueBy{Set: true, Column: 1, Field: -1}, Within: within, Delay: seconds(10)}
	if byTime {
		spec.Columns, spec.Keys = []int{0, 1}, append(spec.Keys, types.Field{Name: "t", Type: types.Timestamp, Nullable: true})
		spec.Due = state.DueBy{Set: true, Column: 1, Field: -1}
	}
	return spec
}

// at is rows of keyed: a key and its second, "" for null.
func at(rows ...string) []string {
	text := ""
	for i := 0; i < len(rows); i += 2 {
		k, t := `"`+rows[i]+`"`, `"1970-01-01T00:00:`+rows[i+1]+`Z"`
		if rows[i] == "" {
			k = "null"
		}
		if rows[i+1] == "" {
			t = "null"
		}
		if i > 0 {
			text += ","
		}
		text += `{"k":` + k + `,"t":` + t + `}`
	}
	return []string{"[" + text + "]"}
}

func came(k, t string) string { return k + " 1970-01-01T00:00:" + t + "Z" }

func TestStateDistinct(t *testing.T) {
	t.Run("keys stay", testkit.Golden{Schema: keyed, Plan: first(false, false), Epochs: []testkit.Epoch{
		{Splits: at("a", "05", "a", "06", "", "07", "", "", "b", "08"), LateBelow: never, Watermark: never, Want: []string{came("a", "05"), came("(null)", "07"), came("b", "08")}, State: []string{"3 3 0 0"}},
		{Splits: at("a", "50", "c", "02", "d", "", "b", "09"), LateBelow: seconds(8), Watermark: seconds(8), Want: []string{"d (null)"}, State: []string{"4 1 0 1"}},
		{LateBelow: seconds(8), Watermark: seconds(40), Want: []string{}, State: []string{"4 0 0 0"}},
		{Splits: at("c", "41", "a", "59"), LateBelow: seconds(40), Watermark: seconds(40), Want: []string{came("c", "41")}, State: []string{"5 1 0 0"}},
	}}.Run)
	t.Run("keys go with their time", testkit.Golden{Schema: keyed, Plan: first(true, false), Epochs: []testkit.Epoch{
		{Splits: at("a", "05", "a", "06", "a", "05", "b", ""), LateBelow: never, Watermark: never, Want: []string{came("a", "05"), came("a", "06"), "b (null)"}, State: []string{"3 3 0 0"}},
		{Splits: at("a", "06", "b", "", "c", "06"), LateBelow: never, Watermark: seconds(6), Want: []string{came("c", "06")}, State: []string{"1 1 3 0"}},
		{Splits: at("a", "06", "a", "07", "b", ""), LateBelow: seconds(6), Watermark: seconds(6), Want: []string{came("a", "07")}, State: []string{"2 1 0 1"}},
		{LateBelow: seconds(6), Watermark: seconds(7), Want: []string{}, State: []string{"1 0 1 0"}},
	}}.Run)
	t.Run("keys go after a while", testkit.Golden{Schema: keyed, Plan: first(false, true), Epochs: []testkit.Epoch{
		{Splits: at("a", "05", "a", "09", "b", "08", "", ""), LateBelow: never, Watermark: never, Want: []string{came("a", "05"), came("b", "08"), "(null) (null)"}, State: []string{"3 3 0 0"}},
		{Splits: at("a", "16", "c", "05", "", "30"), LateBelow: never, Watermark: seconds(15), Want: []string{came("c", "05")}, State: []string{"1 1 3 0"}},
		{Splits: at("a", "16", "b", "17", "d", "15"), LateBelow: seconds(15), Watermark: seconds(18), Want: []string{came("a", "16")}, State: []string{"1 1 1 1"}},
		{LateBelow: seconds(18), Watermark: seconds(26), Want: []string{}, State: []string{"0 0 1 0"}},
	}}.Run)
}

func TestStateLimit(t *testing.T) {
	plan := func(store state.Store) exec.Feed {
		return &exec.Node{Inputs: []exec.Feed{&exec.Exchange{From: &exec.Leaf{}, Kind: exec.Single}}, Make: func(i exec.Instance) (exec.Operator, error) {
			return exec.NewStateLimit(i, store, 0, 3)
		}}
	}
	testkit.Golden{Schema: keyed, Plan: plan, Epochs: []testkit.Epoch{
		{Want: []string{}, State: []string{"0 0 0 0"}},
		{Splits: at("a", "01", "b", "02"), Want: []string{came("a", "01"), came("b", "02")}, State: []string{"1 1 0 0"}},
		{Splits: at("c", "03", "d", "04"), Want: []string{came("c", "03")}, State: []string{"1 1 0 0"}},
		{Splits: at("e", "05"), Want: []string{}, State: []string{"1 0 0 0"}},
	}}.Run(t)
}

// owning is an operator with a store of its own.
type owning struct {
	exec.Operator
	store state.Store
}

func (o owning) Close() error { return errors.Join(o.Operator.Close(), o.store.Close()) }

// TestStateOperators puts one instance through every split of its input.
func TestStateOperators(t *testing.T) {
	for name, o := range map[string]struct {
		make func(exec.Instance, state.Store) (exec.Operator, error)
		want []string
	}{
		"distinct": {want: []string{came("a", "01"), came("b", "02"), came("(null)", "03"), "(null) (null)"}, make: func(i exec.Instance, s state.Store) (exec.Operator, error) {
			return exec.NewStateDistinct(i, s, dedupe(true, false))
		}},
		"distinct within": {want: []string{came("a", "01"), came("b", "02"), came("(null)", "03")}, make: func(i exec.Instance, s state.Store) (exec.Operator, error) {
			return exec.NewStateDistinct(i, s, dedupe(false, true))
		}},
		"limit": {want: []string{came("a", "01"), came("b", "02"), came("a", "01")}, make: func(i exec.Instance, s state.Store) (exec.Operator, error) {
			return exec.NewStateLimit(i, s, 0, 3)
		}},
	} {
		t.Run(name, testkit.Operator{Stateful: true, Ordered: true, Schemas: []*arrow.Schema{keyed}, Inputs: at("a", "01", "b", "02", "a", "01", "", "03", "", ""), Want: o.want,
			Make: func(i exec.Instance) (exec.Operator, error) {
				store := state.NewMemory(state.Options{FS: vfs.NewMemory(), Dir: "/state", Mem: i.Mem, Partitions: 2})
				op, err := o.make(i, store)
				return owning{op, store}, err
			}}.Run)
	}
}
