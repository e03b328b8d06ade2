package planner

import (
	"strings"

	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
)

// horizon is the watermark of a stateful operator over these inputs: the least of theirs, of those that have one. It
// is never below 1970; where no input has a watermark it stays there.
func (b *build) horizon(inputs ...logical.Plan) (exec.Horizon, error) {
	if b.env.OneWatermark {
		return nil, nil
	}
	h, marked, err := b.meet(inputs)
	switch {
	case err != nil:
		return nil, err
	case !marked:
		return func(int64) int64 { return 0 }, nil
	case h == nil:
		return nil, nil
	}
	return func(global int64) int64 { return max(h(global), 0) }, nil
}

// moves says that the watermark of these inputs can move: an operator that evicts by it wants an epoch without data then.
func (b *build) moves(inputs ...logical.Plan) bool {
	_, marked, _ := b.meet(inputs)
	return marked || b.env.OneWatermark && len(b.delays) > 0
}

// flow is the watermark of the rows that a plan gives; marked is false where there is none. A stateful operator gives
// its input's: that is what it evicts by. Operators that hold rows back longer are cases of their own.
func (b *build) flow(p logical.Plan) (h exec.Horizon, marked bool, err error) {
	if w, ok := p.(*logical.Watermark); ok && w.Streaming() {
		if _, marked, err := b.flow(w.Child); err != nil || marked {
			return nil, marked, err
		}
		return nil, true, nil
	}
	if h, marked, err = b.meet(p.Children()); err != nil || !marked {
		return h, marked, err
	}
	switch n := p.(type) {
	case *logical.Join:
		if n.Left.Streaming() && n.Right.Streaming() {
			h = takeApart(n).output(h)
		}
	case *logical.GroupMap:
		if n.State != nil { // its function may give any time
			return nil, false, nil
		}
	}
	return h, marked, nil
}

// meet is the watermark of several inputs' rows together.
func (b *build) meet(inputs []logical.Plan) (h exec.Horizon, marked bool, err error) {
	for _, in := range inputs {
		other, has, err := b.flow(in)
		switch {
		case err != nil:
			return nil, false, err
		case !has:
		case !marked:
			h, marked = other, true
		default:
			h = earlier(h, other)
		}
	}
	return h, marked, nil
}

// earlier is the lesser of two horizons.
func earlier(a, b exec.Horizon) exec.Horizon {
	switch {
	case a == nil && b == nil:
		return nil
	case a == nil:
		return func(global int64) int64 { return min(global, b(global)) }
	case b == nil:
		return func(global int64) int64 { return min(global, a(global)) }
	}
	return func(global int64) int64 { return min(a(global), b(global)) }
}

// redefined is the error of a watermark over rows that have one already; the query ends by it once its watermark moves.
func (b *build) redefined(p logical.Plan) (err error) {
	logical.Walk(p, func(n logical.Plan) bool {
		if w, ok := n.(*logical.Watermark); ok && w.Streaming() && err == nil {
			_, marked, failed := b.flow(w.Child)
			if err = failed; marked && failed == nil {
				err = errs.New("_LEGACY_ERROR_TEMP_3076", "config", conf.AllowMultiple)
			}
		}
		return err == nil && n.Streaming()
	})
	return err
}

// oneTime notes that rows of a stateful operator have several event times, if they do; the query ends by it when it runs.
func (b *build) oneTime(attrs []*expr.Attr) {
	if b.env.OneWatermark || b.broken != nil {
		return
	}
	var names []string
	seen := map[expr.ID]bool{}
	for _, a := range attrs {
		if a.EventTime {
			names = append(names, a.String())
			seen[a.ID] = true
		}
	}
	if len(seen) > 1 {
		b.broken = errs.New("MULTIPLE_EVENT_TIME_COLUMNS", "eventTimeCols", "("+strings.Join(names, ",")+")")
	}
}
