package expr

import (
	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
)

// Closure is a compiled lambda: the form of a higher-order function gets it as an argument and calls Over.
type Closure struct {
	body Evaluator
	// captures evaluate, over the outer batch, what the body uses from outside; they follow the parameters.
	captures []Evaluator
	params   int
}

func (s scope) lambda(l *Lambda) (Evaluator, error) {
	inner, c := scope{}, &Closure{params: len(l.Vars)}
	for i, v := range l.Vars {
		inner[v.ID] = i
	}
	var failure error
	Walk(l.Body, func(e Expr) bool {
		id, t := ID(0), types.Type(nil)
		switch e := e.(type) {
		case *Attr:
			id, t = e.ID, e.DataType
		case *LambdaVar:
			id, t = e.ID, e.DataType
			if _, outer := s[id]; !outer {
				return true // a parameter of this lambda or of one inside it
			}
		default:
			return true
		}
		if _, known := inner[id]; known {
			return true
		}
		column, err := s.column(id, e.String(), t)
		if err != nil {
			failure = err
			return true
		}
		inner[id] = c.params + len(c.captures)
		c.captures = append(c.captures, column)
		return true
	})
	if failure != nil {
		return nil, failure
	}
	var err error
	c.body, err = inner.compile(l.Body)
	return c, err
}

// Type is the body's.
func (c *Closure) Type() types.Type { return c.body.Type() }

// Eval is never called: a lambda has no value of its own.
func (c *Closure) Eval(*Context, arrow.RecordBatch) (Vector, error) {
	return Vector{}, errs.Internal("a lambda stands outside of a higher-order function")
}

// Over evaluates the body once for each entry of parents, which names the row of the outer batch it belongs to. params
// are the parameters' columns, as long as parents; those beyond what the lambda names are passed over.
// They are borrowed, the result is the caller's.
func (c *Closure) Over(ctx *Context, outer arrow.RecordBatch, parents []int32, params ...arrow.Array) (arrow.Array, error) {
	inner := &rows{n: len(parents), columns: make([]arrow.Array, 0, c.params+len(c.captures))}
	inner.columns = append(inner.columns, params[:min(len(params), c.params)]...)
	for len(inner.columns) < c.params {
		inner.columns = append(inner.columns, nil)
	}
	for _, e := range c.captures {
		v, err := e.Eval(ctx, outer)
		if err != nil {
			batch.Release(inner.columns[c.params:]...)
			return nil, err
		}
		inner.columns = append(inner.columns, batch.Take(ctx.Mem, v.Array, parents))
		v.Release()
	}
	defer func() { batch.Release(inner.columns[c.params:]...) }()
	return Column(ctx, c.body, inner)
}
