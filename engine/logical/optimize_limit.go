package logical

import "math"

// pushLimits cuts rows early: two limits become one, a limit goes beneath a projection, and the inputs of a bounded
// union are cut too. A stream's limit stays where it is: it counts over the query's whole life.
func pushLimits(p Plan) Plan {
	return MapChildren(pushLimit(p), pushLimits)
}

func pushLimit(p Plan) Plan {
	top, ok := p.(*Limit)
	if !ok || top.Tail || top.Local {
		return p
	}
	if n, ok := mostRows(top.Child); ok && top.Streaming() && n <= top.N {
		return pushLimit(top.Child)
	}
	if top.Streaming() && top.N == 0 {
		// State beneath is nobody's either.
		return top.With([]Plan{&Union{node: done(top.Child.Output()), Inputs: unreadStreams(top.Child, top.Child.Output())}})
	}
	if top.Streaming() {
		return pushStreamLimit(top)
	}
	switch n := top.Child.(type) {
	case *Limit:
		if !n.Tail {
			return pushLimit(&Limit{Child: n.Child, N: min(top.N, n.N)})
		}
	case *Project:
		return n.With([]Plan{pushLimit(&Limit{Child: n.Child, N: top.N})})
	case *Union:
		inputs := make([]Plan, len(n.Inputs))
		for i, in := range n.Inputs {
			inputs[i] = pushLimit(limited(in, top.N))
		}
		return &Limit{Child: n.With(inputs), N: top.N}
	}
	return p
}

// mostRows is how many rows a stream's plan gives at most, where PySpark knows it too and so drops limits above.
func mostRows(p Plan) (int64, bool) {
	switch n := p.(type) {
	case *Filter:
		if n.never() {
			return 0, true
		}
		return mostRows(n.Child)
	case *Project:
		return mostRows(n.Child)
	case *Distinct:
		return mostRows(n.Child)
	case *Aggregate:
		if len(n.Keys) == 0 {
			return 1, true
		}
		return mostRows(n.Child)
	case *Union:
		total := int64(0)
		for _, in := range n.Inputs {
			most, ok := mostRows(in)
			if total += most; !ok || total < 0 {
				return 0, false
			}
		}
		return total, true
	case *Limit:
		return n.N, !n.Tail && !n.Local
	}
	return mostOfJoin(p)
}

func mostOfJoin(p Plan) (int64, bool) {
	j, ok := p.(*Join)
	if !ok {
		return 0, false
	}
	left, ok := mostRows(j.Left)
	switch {
	case !ok || j.Type == LeftSemi || j.Type == LeftAnti:
		return left, ok
	case j.Type != Inner && j.Type != Cross:
		return 0, false
	}
	right, ok := mostRows(j.Right)
	if left != 0 && right > math.MaxInt64/left {
		return 0, false
	}
	return left * right, ok
}

// limited cuts a plan at n rows unless it is cut already.
func limited(p Plan, n int64) Plan {
	if l, ok := p.(*Limit); ok && !l.Tail && l.N <= n {
		return p
	}
	return &Limit{Child: p, N: n}
}

// pushStreamLimit makes one of a limit and the one beneath it, also beneath a projection, and cuts early what each epoch
// brings: all of it where nothing beneath has state, else an outer join's or a union's inputs.
func pushStreamLimit(top *Limit) Plan {
	if p, ok := top.Child.(*Project); ok {
		if n, ok := p.Child.(*Limit); ok && !n.Tail && !n.Local {
			return p.With([]Plan{pushLimit(&Limit{Child: n.Child, N: min(top.N, n.N)})})
		}
	}
	if n, ok := top.Child.(*Limit); ok && !n.Tail && !n.Local {
		return pushLimit(&Limit{Child: n.Child, N: min(top.N, n.N)})
	}
	if keepsState(top.Child) {
		return top.With([]Plan{cutInputs(top.Child, top.N)})
	}
	return top.With([]Plan{cutEarly(top.Child, top.N)})
}

// cutInputs cuts, in each epoch, the inputs of which each row gives a row at least. The rows that are left out must be
// PySpark's: they do not move watermarks, and so decide when an outer join gives its rows.
func cutInputs(p Plan, n int64) Plan {
	switch at := p.(type) {
	case *Project:
		return at.With([]Plan{cutInputs(at.Child, n)})
	case *Union:
		inputs := make([]Plan, len(at.Inputs))
		for i, in := range at.Inputs {
			inputs[i] = cutEarly(in, n)
		}
		return at.With(inputs)
	case *Join:
		left, right := at.Left, at.Right
		all := at.Condition == nil && (at.Type == Inner || at.Type == Cross)
		if all || at.Type == LeftOuter || at.Condition == nil && (at.Type == LeftSemi || at.Type == LeftAnti) {
			left = cutEarly(left, n)
		}
		if all || at.Type == RightOuter {
			right = cutEarly(right, n)
		}
		return at.With([]Plan{left, right})
	}
	return p
}

// cutEarly cuts a stream beneath its watermark; what operators with state give is left whole, for they must see all.
func cutEarly(p Plan, n int64) Plan {
	switch at := p.(type) {
	case *Project:
		return at.With([]Plan{cutEarly(at.Child, n)})
	case *Watermark:
		return at.With([]Plan{cutEarly(at.Child, n)})
	case *Limit:
		if at.Tail || at.N <= n {
			return p
		}
		p = at.Child
	}
	if !p.Streaming() || keepsState(p) {
		return p
	}
	return &Limit{Child: cutInputs(p, n), N: n, Local: true}
}

// keepsState says that a plan has an operator with state.
func keepsState(p Plan) (found bool) {
	Walk(p, func(n Plan) bool {
		switch n := n.(type) {
		case *Aggregate, *Distinct, *GroupMap:
			found = true
		case *Limit:
			found = found || !n.Local
		case *Join:
			found = found || n.Left.Streaming() && n.Right.Streaming()
		}
		return !found && n.Streaming()
	})
	return found
}
