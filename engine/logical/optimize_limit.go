package logical

// pushLimits cuts rows early: two limits become one, a limit goes beneath a projection, and the inputs of a bounded
// union are cut too. A stream's limit stays where it is: it counts over the query's whole life.
func pushLimits(p Plan) Plan {
	return mapChildren(pushLimit(p), pushLimits)
}

func pushLimit(p Plan) Plan {
	top, ok := p.(*Limit)
	if !ok || top.Tail {
		return p
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

// limited cuts a plan at n rows unless it is cut already.
func limited(p Plan, n int64) Plan {
	if l, ok := p.(*Limit); ok && !l.Tail && l.N <= n {
		return p
	}
	return &Limit{Child: p, N: n}
}

// pushStreamLimit makes one of a limit and the one beneath it, also beneath a projection.
func pushStreamLimit(top *Limit) Plan {
	if p, ok := top.Child.(*Project); ok {
		if n, ok := p.Child.(*Limit); ok && !n.Tail {
			return p.With([]Plan{pushLimit(&Limit{Child: n.Child, N: min(top.N, n.N)})})
		}
	}
	if n, ok := top.Child.(*Limit); ok && !n.Tail {
		return pushLimit(&Limit{Child: n.Child, N: min(top.N, n.N)})
	}
	return top
}
