package exec

import (
	"context"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"pysparkcompat/engine/batch"
)

// pairs lets each row meet the kept rows of the other side with its key, emits what matches, and tells which rows have.
func (j *streamJoin) pairs(ctx context.Context, port int, b arrow.RecordBatch, keys []int32, emit Emit) ([]bool, error) {
	met := make([]bool, b.NumRows())
	other := 1 - port
	semi := j.spec.Type == SemiJoin
	fresh := semi && port == 1 // a left row comes out once
	first := semi && port == 0 && j.spec.Condition == nil
	j.probe, j.build = j.probe[:0], j.build[:0]
	for i, k := range keys {
		if k < 0 {
			continue
		}
		for r := j.keys.first(other, k); r >= 0; r = j.keys.after(other, r) {
			if fresh && j.sides[0].rows.met.Get(r) {
				continue
			}
			j.probe, j.build = append(j.probe, int32(i)), append(j.build, r)
			if len(j.probe) == batch.Rows {
				if err := j.flush(ctx, port, b, met, emit); err != nil {
					return nil, err
				}
			}
			if first {
				break
			}
		}
	}
	return met, j.flush(ctx, port, b, met, emit)
}

// flush judges the pairs under way, notes who has met, and emits.
func (j *streamJoin) flush(ctx context.Context, port int, b arrow.RecordBatch, met []bool, emit Emit) error {
	defer func() { j.probe, j.build = j.probe[:0], j.build[:0] }()
	if err := ctx.Err(); err != nil { // where the condition is false, nothing is emitted for long
		return err
	}
	probe, build := j.probe, j.build
	if j.spec.Condition != nil && len(probe) > 0 {
		var err error
		if probe, build, err = j.judge(port, b); err != nil {
			return err
		}
	}
	if len(probe) == 0 {
		return nil
	}
	for _, i := range probe {
		met[i] = true
	}
	j.note(1-port, build)
	if j.spec.Type == SemiJoin {
		return nil
	}
	return j.emitPairs(port, b, probe, build, emit)
}

// note marks kept rows that have met another.
func (j *streamJoin) note(side int, slots []int32) {
	rows := j.sides[side].rows
	leaves := side == 0 && j.spec.Type == SemiJoin
	if !rows.flagged && !leaves {
		return
	}
	var newly []int32
	for _, s := range slots {
		if !rows.met.Get(s) {
			rows.met.Put(s, true)
			newly = append(newly, s)
		}
	}
	if leaves {
		j.gone = append(j.gone, newly...)
		return
	}
	j.sides[side].table.Touch(newly)
}

// emitKept gives the kept left rows that have met a right one, which then go.
func (j *streamJoin) emitKept(emit Emit) error {
	gone, side := j.gone, &j.sides[0]
	if len(gone) == 0 {
		return nil
	}
	j.gone = j.gone[:0]
	if err := emitParts(0, len(gone), func(lo, hi int) arrow.RecordBatch {
		return batch.Make(j.spec.Schema, side.rows.take(batch.Limited(j.i.Mem), gone[lo:hi], nil), hi-lo)
	}, emit); err != nil {
		return err
	}
	for _, s := range gone {
		side.rows.met.Put(s, false)
	}
	// PySpark takes right rows first here: it never keeps those of this epoch.
	numbers := side.table.Key(len(j.spec.Keys), gone)
	for _, n := range batch.Values[int64](numbers) {
		if n/int64(j.partitions) >= side.since {
			j.counts.Updated--
		} else {
			j.counts.Removed++
		}
	}
	numbers.Release()
	j.keys.remove(0, gone)
	side.table.Delete(gone)
	return nil
}

// judge keeps the pairs under way for which the condition is true.
func (j *streamJoin) judge(port int, b arrow.RecordBatch) (probe, build []int32, err error) {
	err = inParts(0, len(j.probe), func(lo, hi int) error {
		p, q := j.probe[lo:hi], j.build[lo:hi]
		r := fits(lo, hi, func(lo, hi int) arrow.RecordBatch {
			return batch.Make(j.spec.PairSchema, j.columnsOf(port, b, p, q, [2][]int{j.spec.Sides[0].Uses, j.spec.Sides[1].Uses}), hi-lo)
		})
		if r == nil {
			return batch.TooLarge
		}
		defer r.Release()
		v, err := column(j.c, j.spec.Condition, r)
		if err != nil {
			return err
		}
		defer v.Release()
		keep := batch.Selected(v, make([]int32, 0, hi-lo))
		for _, k := range keep {
			probe, build = append(probe, p[k]), append(build, q[k])
		}
		return nil
	})
	return probe, build, err
}

// columnsOf gives columns of pairs, the left side's first; nil is all.
func (j *streamJoin) columnsOf(port int, b arrow.RecordBatch, probe, build []int32, wanted [2][]int) []arrow.Array {
	mem := batch.Limited(j.i.Mem)
	var sides [2][]arrow.Array
	own := j.own(port, b)
	if wanted[port] != nil {
		own = make([]arrow.Array, len(wanted[port]))
		for i, c := range wanted[port] {
			own[i] = b.Column(c)
		}
	}
	sides[port] = takeColumns(mem, own, probe, nil)
	sides[1-port] = j.sides[1-port].rows.take(mem, build, wanted[1-port])
	return append(sides[0], sides[1]...)
}

func (j *streamJoin) emitPairs(port int, b arrow.RecordBatch, probe, build []int32, emit Emit) error {
	if j.stopped {
		return nil
	}
	return emitParts(0, len(probe), func(lo, hi int) arrow.RecordBatch {
		return batch.Make(j.spec.Schema, j.columnsOf(port, b, probe[lo:hi], build[lo:hi], [2][]int{}), hi-lo)
	}, emit)
}

// emitLeft gives the left rows that have met a right one.
func (j *streamJoin) emitLeft(b arrow.RecordBatch, met []bool, emit Emit) error {
	var rows []int32
	for i, m := range met {
		if m {
			rows = append(rows, int32(i))
		}
	}
	if len(rows) == 0 {
		return nil
	}
	return emitParts(0, len(rows), func(lo, hi int) arrow.RecordBatch {
		return batch.Make(j.spec.Schema, takeColumns(batch.Limited(j.i.Mem), j.own(0, b), rows[lo:hi], nil), hi-lo)
	}, emit)
}

// emitAlone gives rows of one side with nulls for the other.
func (j *streamJoin) emitAlone(side, rows int, emit Emit, columns func(lo, hi int) []arrow.Array) error {
	if rows == 0 || j.stopped {
		return nil
	}
	others := j.spec.Schema.Fields()[len(j.sides[0].Columns):]
	if side == 1 {
		others = j.spec.Schema.Fields()[:len(j.sides[0].Columns)]
	}
	return emitParts(0, rows, func(lo, hi int) arrow.RecordBatch {
		var sides [2][]arrow.Array
		sides[side] = columns(lo, hi)
		for _, f := range others {
			sides[1-side] = append(sides[1-side], array.MakeArrayOfNull(j.i.Mem, f.Type, hi-lo))
		}
		return batch.Make(j.spec.Schema, append(sides[0], sides[1]...), hi-lo)
	}, emit)
}

// evict lets rows go that the watermark has passed; those of an outer side that met none come out.
func (j *streamJoin) evict(emit Emit) error {
	began := j.now()
	for s := range j.sides {
		side := &j.sides[s]
		if !side.Due.Set || side.upTo == noWatermark {
			continue
		}
		due := side.table.Due(side.upTo)
		if side.outer {
			if err := j.emitUnmet(s, due, emit); err != nil {
				return err
			}
		}
		j.keys.remove(s, due)
		side.table.Delete(due)
		j.counts.Removed += int64(len(due))
	}
	j.counts.RemoveNanos += int64(j.now().Sub(began))
	return nil
}

func (j *streamJoin) emitUnmet(s int, due []int32, emit Emit) error {
	rows := j.sides[s].rows
	unmet := make([]int32, 0, len(due))
	for _, slot := range due {
		if !rows.met.Get(slot) {
			unmet = append(unmet, slot)
		}
	}
	for lo := 0; lo < len(unmet); lo += batch.Rows {
		some := unmet[lo:min(len(unmet), lo+batch.Rows)]
		if err := j.emitAlone(s, len(some), emit, func(lo, hi int) []arrow.Array {
			return rows.take(batch.Limited(j.i.Mem), some[lo:hi], nil)
		}); err != nil {
			return err
		}
	}
	return nil
}
