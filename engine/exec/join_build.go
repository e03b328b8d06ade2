package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/state"
	"pysparkcompat/engine/types"
)

// JoinTable is a join's build side: the planner makes it, the JoinBuild instances fill it in a Build stage, and the
// Join instances, whose stage runs after that one, read it. One table is shared by all instances (broadcast);
// as many as the Join has instances are one each (partitioned by the keys). It lives until the next epoch's build.
type JoinTable struct {
	// Keys are the types of the join keys.
	Keys []types.Type
	// NullSafe says, by key, that null matches null (<=>); nil is none.
	NullSafe []bool
	Schema   *arrow.Schema
	tables   []*joinTable
}

// NewJoinTable makes a table in a number of parts: 1 is broadcast.
func NewJoinTable(parts int, keys []types.Type, nullSafe []bool, schema *arrow.Schema) *JoinTable {
	return &JoinTable{Keys: keys, NullSafe: nullSafe, Schema: schema, tables: make([]*joinTable, parts)}
}

// joinTable is one part: all its rows in one batch, and for each distinct key the list of its rows in their order.
type joinTable struct {
	rows    arrow.RecordBatch
	groups  state.Groups
	first   []int32 // by slot
	next    []int32 // by row, -1 ends
	matched []bool  // by row, where a join asks for it
}

func (t *JoinTable) matchable(keys []arrow.Array, rows int) []bool {
	return matchable(keys, t.NullSafe, rows)
}

// matchable marks rows whose keys can equal any: none of them null, but for null-safe ones. nil is all.
func matchable(keys []arrow.Array, nullSafe []bool, rows int) []bool {
	var out []bool
	for k, a := range keys {
		valid := batch.Valid(a)
		if valid.All() || nullSafe != nil && nullSafe[k] {
			continue
		}
		if out == nil {
			out = make([]bool, rows)
			for i := range out {
				out[i] = true
			}
		}
		for i := range out {
			out[i] = out[i] && valid.Get(i)
		}
	}
	return out
}

// joinBuild gathers the build side's rows.
type joinBuild struct {
	c     *expr.Context
	table *JoinTable
	part  int
	keys  []expr.Evaluator
	held  []arrow.RecordBatch
}

// NewJoinBuild makes the root of a join's Build stage.
func NewJoinBuild(i Instance, table *JoinTable, keys []expr.Evaluator) Operator {
	return &joinBuild{c: i.Context(), table: table, part: i.Index, keys: keys}
}

func (j *joinBuild) Process(_ context.Context, _ int, b arrow.RecordBatch, _ Emit) error {
	b.Retain()
	j.held = append(j.held, b)
	return nil
}

func (j *joinBuild) Mark(_ context.Context, _ int, m Mark, _ Emit) error {
	follow(j.c, m)
	switch m.Kind {
	case Begin:
		j.release()
	case End:
		return j.build()
	}
	return nil
}

func (j *joinBuild) build() error {
	all, err := batch.ConcatBatches(j.c.Mem, j.table.Schema, j.held)
	j.drop()
	if err != nil {
		return err
	}
	batch.Settle(all.Columns()...)
	t := &joinTable{rows: all, groups: state.NewGroups(j.table.Keys)}
	j.table.tables[j.part] = t
	n := int(all.NumRows())
	keys, err := columns(j.c, j.keys, all)
	if err != nil {
		return err
	}
	defer batch.Release(keys...)
	slots := make([]int32, n)
	t.groups.Slots(keys, n, slots)
	t.next = make([]int32, n)
	t.first = make([]int32, t.groups.Size())
	for i := range t.first {
		t.first[i] = -1
	}
	ok := j.table.matchable(keys, n)
	for row := n - 1; row >= 0; row-- {
		if ok != nil && !ok[row] {
			continue
		}
		t.next[row] = t.first[slots[row]]
		t.first[slots[row]] = int32(row)
	}
	return nil
}

func (j *joinBuild) drop() {
	for _, b := range j.held {
		b.Release()
	}
	j.held = nil
}

func (j *joinBuild) release() {
	if t := j.table.tables[j.part]; t != nil {
		t.rows.Release()
		j.table.tables[j.part] = nil
	}
}

func (j *joinBuild) Explain() string { return "HashJoinBuild" }

func (j *joinBuild) Close() error {
	j.drop()
	j.release()
	return nil
}
