package logical

// pushLimits cuts rows early: two limits become one, a limit goes beneath a projection, and the inputs of a bounded
// union are cut too. Streams keep theirs where they are: a stream's limit counts over its whole life.
func pushLimits(p Plan) Plan {
	return mapChildren(pushLimit(p), pushLimits)
}

func pushLimit(p Plan) Plan {
	top, ok := p.(*Limit)
	if !ok || top.Tail || top.Streaming() {
		return p
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
