package logical

import (
	"strconv"

	"pysparkcompat/engine/expr"
)

// splitAggregates brings every Aggregate to its plain form: a projection beneath computes keys and arguments, the
// Aggregate has attributes only, and a projection above computes what is made of keys and results.
func splitAggregates(p Plan) Plan {
	return mapUp(p, func(n Plan) Plan {
		if a, ok := n.(*Aggregate); ok {
			return splitAggregate(a)
		}
		return n
	})
}

type splitter struct {
	keys []expr.Expr
	// keyAttrs are the attributes of the keys, in turn.
	keyAttrs []*expr.Attr
	// inputs are what the projection beneath computes or passes on.
	inputs []expr.Expr
	aggs   []*expr.Alias
}

func splitAggregate(n *Aggregate) Plan {
	s := &splitter{keys: n.Keys}
	for i, k := range n.Keys {
		s.keyAttrs = append(s.keyAttrs, s.input(k, "_key"+strconv.Itoa(i)))
	}
	outputs := make([]expr.Expr, len(n.Outputs))
	plain := true
	for i, o := range n.Outputs {
		outputs[i] = s.output(o)
		plain = plain && s.isPlain(outputs[i], o)
	}
	child := s.over(n.Child)
	keys := exprsOf(s.keyAttrs)
	if plain {
		for i, o := range outputs {
			if a, ok := o.(*expr.Alias); ok {
				outputs[i] = &expr.Alias{Child: s.aggOf(a.Child), Names: a.Names, ID: a.ID, Metadata: a.Metadata}
			}
		}
		return &Aggregate{node: n.node, Child: child, Keys: keys, Outputs: outputs}
	}
	inner := exprsOf(s.keyAttrs)
	for _, a := range s.aggs {
		inner = append(inner, a)
	}
	return &Project{node: n.node, Child: aggregate(child, keys, inner), Exprs: outputs}
}

// over is the child with the inputs computed. What the windows above do not matter to is computed beneath them, once a
// row and not once a window.
func (s *splitter) over(child Plan) Plan {
	if passes(s.inputs) {
		return child
	}
	w, ok := child.(*Windowed)
	for _, e := range s.inputs {
		if _, attr := e.(*expr.Attr); !attr {
			ok = ok && !refers(e, w.Attr) && expr.Deterministic(e)
		}
	}
	if !ok {
		return project(child, s.inputs)
	}
	beneath := exprsOf(w.Child.Output())
	for _, e := range s.inputs {
		if al, is := e.(*expr.Alias); is {
			beneath = append(beneath, al)
		}
	}
	below := project(w.Child, beneath)
	return windowed(below, w.Window, w.Attr, below.Output())
}

// isPlain says that an output is a key's attribute, or an alias of one aggregate's result.
func (s *splitter) isPlain(e, original expr.Expr) bool {
	switch e := e.(type) {
	case *expr.Attr:
		return true
	case *expr.Alias:
		return isAgg(unaliased(original)) && s.aggOf(e.Child) != nil
	}
	return false
}

// aggOf is the aggregate whose result an attribute is, or nil.
func (s *splitter) aggOf(e expr.Expr) expr.Expr {
	at, ok := e.(*expr.Attr)
	if !ok {
		return nil
	}
	for _, a := range s.aggs {
		if a.ID == at.ID {
			return a.Child
		}
	}
	return nil
}

// passes says that a list holds attributes only.
func passes(list []expr.Expr) bool {
	for _, e := range list {
		if _, ok := e.(*expr.Attr); !ok {
			return false
		}
	}
	return true
}

// input gives the attribute that the projection beneath has for an expression.
func (s *splitter) input(e expr.Expr, name string) *expr.Attr {
	for _, have := range s.inputs {
		if expr.TreeEqual(unaliased(have), e) {
			return attrFor(have)
		}
	}
	if at, ok := e.(*expr.Attr); ok {
		s.inputs = append(s.inputs, at)
		return at
	}
	al := &expr.Alias{Child: e, Names: []string{name}, ID: expr.NewID()}
	s.inputs = append(s.inputs, al)
	return attrFor(al)
}

// output rewrites one output over keys and results.
func (s *splitter) output(e expr.Expr) expr.Expr {
	for i, k := range s.keys {
		if expr.TreeEqual(e, k) {
			return s.keyAttrs[i]
		}
	}
	if isUDAF(e) {
		return s.udaf(e.(*expr.UDF))
	}
	switch e := e.(type) {
	case *expr.Agg:
		return s.agg(e)
	case *expr.Attr:
		return e
	}
	return expr.MapChildren(e, s.output)
}

// agg gives the attribute of an aggregate's result; equal aggregates are computed once.
func (s *splitter) agg(e *expr.Agg) expr.Expr {
	args := make([]expr.Expr, len(e.Children()))
	for i, c := range e.Children() {
		if _, literal := c.(*expr.Literal); literal {
			args[i] = c
			continue
		}
		if e.Filter != nil && i < len(e.Args) && expr.CanFail(c) {
			// computed by the aggregate, of the rows that FILTER leaves
			expr.Find(c, func(part expr.Expr) bool {
				if at, ok := part.(*expr.Attr); ok {
					s.input(at, at.Name)
				}
				return false
			})
			args[i] = c
			continue
		}
		args[i] = s.input(c, "_arg"+strconv.Itoa(len(s.inputs)))
	}
	plain := e
	if len(args) > 0 {
		plain = e.With(args).(*expr.Agg)
	}
	for _, a := range s.aggs {
		if expr.TreeEqual(a.Child, plain) {
			return attrFor(a)
		}
	}
	al := &expr.Alias{Child: plain, Names: []string{e.String()}, ID: expr.NewID()}
	s.aggs = append(s.aggs, al)
	return attrFor(al)
}

// udaf is agg for an aggregate in Python, whose arguments are all columns.
func (s *splitter) udaf(e *expr.UDF) expr.Expr {
	args := make([]expr.Expr, len(e.Args))
	for i, c := range e.Args {
		args[i] = s.input(c, "_arg"+strconv.Itoa(len(s.inputs)))
	}
	plain := *e
	plain.Args = args
	for _, a := range s.aggs {
		if e.Deterministic && expr.TreeEqual(a.Child, &plain) {
			return attrFor(a)
		}
	}
	al := &expr.Alias{Child: &plain, Names: []string{e.String()}, ID: expr.NewID()}
	s.aggs = append(s.aggs, al)
	return attrFor(al)
}
