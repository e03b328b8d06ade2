package exec

import (
	"context"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/state"
)

// JoinType is a join's kind, of its left side with its right.
type JoinType string

const (
	InnerJoin JoinType = "Inner"
	LeftJoin  JoinType = "LeftOuter"
	RightJoin JoinType = "RightOuter"
	FullJoin  JoinType = "FullOuter"
	SemiJoin  JoinType = "LeftSemi"
	AntiJoin  JoinType = "LeftAnti"
)

// JoinSpec is a hash join, compiled for one instance. Without keys every row meets every other: a cross join, or with
// a condition a nested loop join.
type JoinSpec struct {
	Type  JoinType
	Table *JoinTable
	// BuildLeft says that the table holds the left side; else the right.
	BuildLeft bool
	// Keys over probe rows, in the order of the table's.
	Keys []expr.Evaluator
	// Condition over left columns then right ones, beyond the keys; or nil. PairSchema is those columns.
	Condition  expr.Evaluator
	PairSchema *arrow.Schema
	// Schema of the output: left then right, or left alone for semi and anti.
	Schema *arrow.Schema
	Text   string
}

// join streams the probe side past the table.
type join struct {
	spec  JoinSpec
	c     *expr.Context
	i     Instance
	table *joinTable
	find  state.Groups
	slots []int32
	// What a probe row and a build row are good for.
	keepProbe, keepBuild, marks bool

	probe, build []int32 // pairs under way
}

// NewJoin makes the probe side of a join. A join that asks which build rows were met (outer on that side, or semi and
// anti over a left table) needs a table of its own for each instance.
func NewJoin(i Instance, spec JoinSpec) (Operator, error) {
	j := &join{spec: spec, c: i.Context(), i: i}
	left, right := spec.Type == LeftJoin || spec.Type == FullJoin, spec.Type == RightJoin || spec.Type == FullJoin
	j.keepProbe, j.keepBuild = left, right
	if spec.BuildLeft {
		j.keepProbe, j.keepBuild = right, left
	}
	j.marks = j.keepBuild || spec.BuildLeft && j.onlyLeft()
	if n := len(spec.Table.tables); n != i.Count && (n != 1 || j.marks) {
		return nil, errs.Internal("a %s join by %d instances cannot use a table in %d parts", spec.Type, i.Count, n)
	}
	return j, nil
}

func (j *join) onlyLeft() bool { return j.spec.Type == SemiJoin || j.spec.Type == AntiJoin }

// open takes the epoch's table.
func (j *join) open() error {
	part := 0
	if len(j.spec.Table.tables) > 1 {
		part = j.i.Index
	}
	j.table = j.spec.Table.tables[part]
	if j.table == nil {
		return errs.Internal("a join runs before its table is built")
	}
	j.find = j.table.groups.Reader()
	if j.marks {
		j.table.matched = make([]bool, j.table.rows.NumRows())
	}
	return nil
}

func (j *join) Process(ctx context.Context, _ int, b arrow.RecordBatch, emit Emit) error {
	n := int(b.NumRows())
	if len(j.slots) < n {
		j.slots = make([]int32, n)
	}
	slots := j.slots[:n]
	keys, err := columns(j.c, j.spec.Keys, b)
	if err != nil {
		return err
	}
	j.find.Find(keys, n, slots)
	if ok := j.spec.Table.matchable(keys, n); ok != nil {
		for i := range slots {
			if !ok[i] {
				slots[i] = -1
			}
		}
	}
	batch.Release(keys...)
	j.c.RowBase += int64(n)
	if j.onlyLeft() && !j.spec.BuildLeft && j.spec.Condition == nil {
		return j.emitOnly(b, slots, emit)
	}
	return j.pairs(ctx, b, slots, emit)
}

// emitOnly is semi and anti without a condition: whether there is a match is all that counts.
func (j *join) emitOnly(b arrow.RecordBatch, slots []int32, emit Emit) error {
	rows := make([]int32, 0, len(slots))
	for i, s := range slots {
		met := s >= 0 && j.table.first[s] >= 0
		if met == (j.spec.Type == SemiJoin) {
			rows = append(rows, int32(i))
		}
	}
	return j.emitProbe(b, rows, emit)
}

func (j *join) emitProbe(b arrow.RecordBatch, rows []int32, emit Emit) error {
	if len(rows) == 0 {
		return nil
	}
	out := takeColumns(j.i.Mem, b.Columns(), rows, nil)
	r := batch.Make(j.spec.Schema, out, len(rows))
	defer r.Release()
	return emit(r)
}

// pairs gathers pairs of rows and gives them on when there are enough, at the end of a probe row.
func (j *join) pairs(ctx context.Context, b arrow.RecordBatch, slots []int32, emit Emit) error {
	inline := j.keepProbe && j.spec.Condition == nil
	splits := !j.keepProbe && !j.onlyLeft()
	j.probe, j.build = j.probe[:0], j.build[:0]
	from := 0
	for i, s := range slots {
		first := int32(-1)
		if s >= 0 {
			first = j.table.first[s]
		}
		if first < 0 && inline {
			j.probe, j.build = append(j.probe, int32(i)), append(j.build, -1)
		}
		for row := first; row >= 0; row = j.table.next[row] {
			j.probe, j.build = append(j.probe, int32(i)), append(j.build, row)
			if splits && len(j.probe) >= batch.Rows {
				if err := j.flush(ctx, b, i, i, emit); err != nil {
					return err
				}
			}
		}
		if len(j.probe) >= batch.Rows {
			if err := j.flush(ctx, b, from, i+1, emit); err != nil {
				return err
			}
			from = i + 1
		}
	}
	return j.flush(ctx, b, from, len(slots), emit)
}

// flush judges the pairs under way, which are all pairs of probe rows from to to, and emits.
func (j *join) flush(ctx context.Context, b arrow.RecordBatch, from, to int, emit Emit) error {
	defer func() { j.probe, j.build = j.probe[:0], j.build[:0] }()
	if err := ctx.Err(); err != nil { // where the condition is false, nothing is emitted for long
		return err
	}
	probe, build := j.probe, j.build
	if j.spec.Condition != nil && len(probe) > 0 {
		var err error
		if probe, build, err = j.judge(b, probe, build); err != nil {
			return err
		}
	}
	if j.marks {
		for _, row := range build {
			if row >= 0 {
				j.table.matched[row] = true
			}
		}
	}
	switch {
	case j.onlyLeft() && j.spec.BuildLeft:
		return nil
	case j.onlyLeft():
		return j.emitProbe(b, j.only(probe, from, to), emit)
	case j.keepProbe && j.spec.Condition != nil:
		probe, build = withUnmatched(probe, build, from, to)
	}
	return j.emitPairs(b, probe, build, emit)
}

// judge keeps the pairs for which the condition is true.
func (j *join) judge(b arrow.RecordBatch, probe, build []int32) ([]int32, []int32, error) {
	r := batch.Make(j.spec.PairSchema, j.side(j.i.Mem, b, probe, build), len(probe))
	defer r.Release()
	v, err := column(j.c, j.spec.Condition, r)
	if err != nil {
		return nil, nil, err
	}
	defer v.Release()
	keep := batch.Selected(v, make([]int32, 0, len(probe)))
	p, q := make([]int32, len(keep)), make([]int32, len(keep))
	for i, k := range keep {
		p[i], q[i] = probe[k], build[k]
	}
	return p, q, nil
}

// only is the probe rows among from to to that have a pair (semi) or none (anti).
func (j *join) only(probe []int32, from, to int) []int32 {
	var out []int32
	at := 0
	for i := int32(from); i < int32(to); i++ {
		met := false
		for ; at < len(probe) && probe[at] == i; at++ {
			met = true
		}
		if met == (j.spec.Type == SemiJoin) {
			out = append(out, i)
		}
	}
	return out
}

// withUnmatched adds probe rows without a pair, in their place.
func withUnmatched(probe, build []int32, from, to int) ([]int32, []int32) {
	p, q := make([]int32, 0, len(probe)+to-from), make([]int32, 0, len(probe)+to-from)
	at := 0
	for i := int32(from); i < int32(to); i++ {
		if at >= len(probe) || probe[at] != i {
			p, q = append(p, i), append(q, -1)
		}
		for ; at < len(probe) && probe[at] == i; at++ {
			p, q = append(p, i), append(q, build[at])
		}
	}
	return p, q
}

// side gives the columns of pairs, left then right.
func (j *join) side(mem memory.Allocator, b arrow.RecordBatch, probe, build []int32) []arrow.Array {
	if j.spec.BuildLeft {
		return takeColumns(mem, b.Columns(), probe, takeColumns(mem, j.table.rows.Columns(), build, nil))
	}
	return takeColumns(mem, j.table.rows.Columns(), build, takeColumns(mem, b.Columns(), probe, nil))
}

// takeColumns appends columns at these rows; a negative row is nulls.
func takeColumns(mem memory.Allocator, columns []arrow.Array, rows []int32, to []arrow.Array) []arrow.Array {
	same := len(columns) > 0 && len(rows) == columns[0].Len()
	for at := 0; same && at < len(rows); at++ {
		same = rows[at] == int32(at)
	}
	for _, c := range columns {
		if same {
			c.Retain()
			to = append(to, c)
			continue
		}
		to = append(to, batch.Take(mem, c, rows))
	}
	return to
}

func (j *join) emitPairs(b arrow.RecordBatch, probe, build []int32, emit Emit) error {
	if len(probe) == 0 {
		return nil
	}
	mem := batch.Limited(j.i.Mem)
	return emitParts(0, len(probe), func(lo, hi int) arrow.RecordBatch {
		return batch.Make(j.spec.Schema, j.side(mem, b, probe[lo:hi], build[lo:hi]), hi-lo)
	}, emit)
}

func (j *join) Mark(_ context.Context, _ int, m Mark, emit Emit) error {
	follow(j.c, m)
	switch m.Kind {
	case Begin:
		return j.open()
	case End:
		if j.marks {
			return j.emitBuild(emit)
		}
	}
	return nil
}

// emitBuild gives the build rows that the probe side has met (semi) or has not (outer and anti).
func (j *join) emitBuild(emit Emit) error {
	var rows []int32
	for i, met := range j.table.matched {
		if met == (j.spec.Type == SemiJoin) {
			rows = append(rows, int32(i))
		}
	}
	for lo := 0; lo < len(rows); lo += batch.Rows {
		some := rows[lo:min(len(rows), lo+batch.Rows)]
		r := batch.Make(j.spec.Schema, j.buildColumns(some), len(some))
		err := emit(r)
		r.Release()
		if err != nil {
			return err
		}
	}
	return nil
}

// buildColumns is build rows with nulls for the probe side.
func (j *join) buildColumns(rows []int32) []arrow.Array {
	own := takeColumns(j.i.Mem, j.table.rows.Columns(), rows, nil)
	if j.onlyLeft() {
		return own
	}
	var nulls []arrow.Array
	others := j.spec.Schema.Fields()[len(own):]
	if !j.spec.BuildLeft {
		others = j.spec.Schema.Fields()[:j.spec.Schema.NumFields()-len(own)]
	}
	for _, f := range others {
		nulls = append(nulls, array.MakeArrayOfNull(j.i.Mem, f.Type, len(rows)))
	}
	if j.spec.BuildLeft {
		return append(own, nulls...)
	}
	return append(nulls, own...)
}

func (j *join) Explain() string {
	side := "BuildRight"
	if j.spec.BuildLeft {
		side = "BuildLeft"
	}
	name := "HashJoin"
	if len(j.spec.Table.tables) == 1 {
		name = "BroadcastHashJoin"
	}
	return fmt.Sprintf("%s %s %s, %s", name, j.spec.Text, j.spec.Type, side)
}

func (j *join) Close() error { return nil }
