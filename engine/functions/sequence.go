package functions

import (
	"sort"
	"strconv"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/zone"
)

// sequence(start, stop[, step]) over integers, dates and timestamps.

// maxElements is the longest array that Spark makes.
const maxElements = batch.MostElements

var sequenceFn = &expr.Function{Name: "sequence", Kernel: sequenceKernel, Fails: true}

// sortedRange appends the rows [lo, hi) in order, ties as they stand.
func sortedRange(dst []int32, lo, hi int32, order batch.Compare) []int32 {
	at := len(dst)
	for k := lo; k < hi; k++ {
		dst = append(dst, k)
	}
	part := dst[at:]
	sort.SliceStable(part, func(a, b int) bool { return order(int(part[a]), int(part[b])) < 0 })
	return dst
}

func bindSequence(e *Env, c *expr.Call) (expr.Expr, error) {
	text := callText("sequence", c.Args)
	wrong := func() error {
		return mismatch("SEQUENCE_WRONG_INPUT_TYPES", text, "functionName", Quote("sequence"), "startType", `("TIMESTAMP" or "TIMESTAMP_NTZ" or "DATE")`,
			"stepType", `("INTERVAL" or "INTERVAL YEAR TO MONTH" or "INTERVAL DAY TO SECOND")`, "otherStartType", `"INTEGRAL"`)
	}
	t := expr.Wider(c.Args[0].Type(), c.Args[1].Type(), e.ANSI)
	if t == nil {
		return nil, wrong()
	}
	args := []expr.Expr{e.cast(c.Args[0], t), e.cast(c.Args[1], t)}
	switch {
	case types.IsIntegral(t):
		for i := range c.Args[:2] {
			args[i] = e.cast(args[i], types.Long)
		}
		if len(c.Args) == 3 {
			if !types.IsIntegral(c.Args[2].Type()) {
				return nil, wrong()
			}
			args = append(args, e.cast(c.Args[2], types.Long))
		}
		a := apply(sequenceFn, types.Array{Elem: types.Long}, args...)
		a.Text, a.Null = text, anyNull(c.Args)
		if t.Kind() == types.KLong {
			return a, nil
		}
		out := &expr.Cast{Child: a, To: types.Array{Elem: t}, Mode: expr.CastLegacy, Implicit: true}
		return out, nil
	case isTime(t):
		if len(c.Args) == 3 {
			if !isInterval(c.Args[2].Type()) {
				return nil, wrong()
			}
			args = append(args, c.Args[2])
		}
		a := apply(sequenceFn, types.Array{Elem: t}, args...)
		a.Text, a.Null = text, anyNull(c.Args)
		return a, nil
	}
	return nil, wrong()
}

// step moves a value on: by months on the calendar, then by days on the wall clock, then by microseconds.
type step struct {
	months, days int32
	micros       int64
}

func (s step) sign() int {
	switch v := float64(s.months)*28*float64(types.MicrosPerDay) + float64(s.days)*float64(types.MicrosPerDay) + float64(s.micros); {
	case v > 0:
		return 1
	case v < 0:
		return -1
	}
	return 0
}

// times is n steps at once.
func (s step) times(n int64) step {
	return step{int32(int64(s.months) * n), int32(int64(s.days) * n), s.micros * n}
}

// add moves a local time.
func (s step) add(local int64) int64 {
	if s.months != 0 {
		days := types.FloorDiv(local, types.MicrosPerDay)
		y, m, d := types.CivilFromDays(int(days))
		total := int64(y)*12 + int64(m-1) + int64(s.months)
		ny, nm := int(types.FloorDiv(total, 12)), int(types.FloorMod(total, 12))+1
		local += (int64(types.DaysFromCivil(ny, nm, min(d, types.DaysInMonth(ny, nm)))) - days) * types.MicrosPerDay
	}
	return local + int64(s.days)*types.MicrosPerDay
}

func stepReader(v expr.Vector) func(i int) step {
	switch v.DataType().ID() {
	case arrow.INT64:
		x := operandOf[int64](v)
		return func(i int) step { return step{micros: x.at(i)} }
	case arrow.DURATION:
		x := operandOf[int64](v)
		return func(i int) step {
			return step{days: int32(x.at(i) / types.MicrosPerDay), micros: x.at(i) % types.MicrosPerDay}
		}
	case arrow.INTERVAL_MONTHS:
		x := operandOf[int32](v)
		return func(i int) step { return step{months: x.at(i)} }
	}
	x := operandOf[arrow.MonthDayNanoInterval](v)
	return func(i int) step {
		d := x.at(i)
		return step{d.Months, d.Days, d.Nanoseconds / 1000}
	}
}

func sequenceKernel(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	valid, none := nullsOf(c.Mem, n, args...)
	if none {
		return expr.Nulls(c.Mem, out), nil
	}
	elem := out.(types.Array).Elem
	walk := newWalk(c, elem, args)
	buf, offsets := offsetsFor(c.Mem, n)
	var values []int64
	for i := 0; i < n; i++ {
		if valid.Get(i) {
			var err error
			if values, err = walk(values, i); err != nil {
				valid.Drop()
				buf.Release()
				return expr.Vector{}, err
			}
			batch.Room(c.Mem, i+1, len(values))
		}
		offsets[i+1] = int32(len(values))
	}
	var child arrow.Array
	if elem.Kind() == types.KDate {
		f := batch.NewFixed[int32](c.Mem, len(values))
		for i, v := range values {
			f.Values[i] = int32(v)
		}
		child = f.Done(types.Arrow(elem), nil)
	} else {
		f := batch.NewFixed[int64](c.Mem, len(values))
		copy(f.Values, values)
		child = f.Done(types.Arrow(elem), nil)
	}
	return makeList(out, n, buf, child, valid), nil
}

// newWalk gives what appends the sequence of row i.
func newWalk(c *expr.Context, elem types.Type, args []expr.Vector) func(dst []int64, i int) ([]int64, error) {
	read := func(v expr.Vector) func(int) int64 {
		if elem.Kind() == types.KDate {
			x := operandOf[int32](v)
			return func(i int) int64 { return int64(x.at(i)) }
		}
		return operandOf[int64](v).at
	}
	start, stop := read(args[0]), read(args[1])
	by := func(i int) step {
		down := stop(i) < start(i)
		switch {
		case elem.Kind() == types.KLong && down:
			return step{micros: -1}
		case elem.Kind() == types.KLong:
			return step{micros: 1}
		case down:
			return step{days: -1}
		}
		return step{days: 1}
	}
	if len(args) == 3 {
		by = stepReader(args[2])
	}
	clock := zone.NewClock(nil)
	if elem.Kind() == types.KTimestamp {
		clock = zone.NewClock(c.Zone)
	}
	return func(dst []int64, i int) ([]int64, error) {
		a, b, s := start(i), stop(i), by(i)
		sign := s.sign()
		if a == b && sign == 0 {
			return append(dst, a), nil
		}
		if sign == 0 || sign > 0 && a > b || sign < 0 && a < b {
			return nil, &errs.Error{Row: errs.Row{Class: errs.IllegalArgument, Text: "Illegal sequence boundaries: " +
				strconv.FormatInt(a, 10) + " to " + strconv.FormatInt(b, 10) + " by " + strconv.FormatInt(s.micros, 10)}}
		}
		if elem.Kind() == types.KDate {
			return dates(dst, a, b, s, sign), nil
		}
		if s.months == 0 && s.days == 0 {
			return evenly(dst, a, b, s.micros)
		}
		local := clock.Local(a)
		for k := int64(0); len(dst) < maxElements; k++ {
			m := s.times(k)
			v := clock.Instant(m.add(local)) + m.micros
			if sign > 0 && v > b || sign < 0 && v < b {
				break
			}
			dst = append(dst, v)
		}
		return dst, nil
	}
}

// evenly walks by one amount.
func evenly(dst []int64, a, b, by int64) ([]int64, error) {
	if n := (float64(b) - float64(a)) / float64(by); n >= maxElements {
		return nil, errs.New("COLLECTION_SIZE_LIMIT_EXCEEDED.PARAMETER", "numberOfElements", strconv.FormatFloat(n+1, 'f', 0, 64),
			"maxRoundedArrayLength", strconv.Itoa(maxElements), "parameter", "`start`, `stop`, `step`", "functionName", "`sequence`")
	}
	for v := a; by > 0 && v <= b || by < 0 && v >= b; {
		dst = append(dst, v)
		next := v + by
		if (next > v) != (by > 0) {
			break
		}
		v = next
	}
	return dst, nil
}

// dates walks days; a step's time part counts in whole days.
func dates(dst []int64, a, b int64, s step, sign int) []int64 {
	for k := int64(0); ; k++ {
		m := s.times(k)
		v := types.FloorDiv(m.add(a*types.MicrosPerDay)+m.micros, types.MicrosPerDay)
		if sign > 0 && v > b || sign < 0 && v < b {
			return dst
		}
		dst = append(dst, v)
	}
}
