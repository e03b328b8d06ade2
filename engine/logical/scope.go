package logical

import (
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/functions"
	"pysparkcompat/engine/types"
)

// scope is what names mean to the expressions of one node. One goroutine uses it.
type scope struct {
	a *Analyzer
	// levels are the columns that names are looked up in: the node's input, then what may be fetched from beneath it.
	levels [][]*expr.Attr
	// frames are the plans beneath the node, where the tags of frames are looked for.
	frames []Plan
	// vars are the parameters of the lambdas around an expression, innermost last.
	vars []*expr.LambdaVar
	// earlier are the aliases of a select list before the expression, which it may refer to.
	earlier []*expr.Alias
	// equality is set while the sides of df.x == df.x in a self-join's condition are resolved: 1 left, 2 right.
	equality int
	// windows are the window() calls met so far.
	windows []timeWindow
	env     functions.Env
	// having is the aggregation beneath a HAVING; grouped is set inside of an aggregate function there.
	having  *Aggregate
	grouped bool
}

// over is the scope of a node with these children.
func (a *Analyzer) over(children ...Plan) *scope {
	s := &scope{a: a, frames: children}
	if len(children) == 1 {
		s.levels = [][]*expr.Attr{children[0].Output()}
	} else {
		var input []*expr.Attr
		for _, c := range children {
			input = append(input, c.Output()...)
		}
		s.levels = [][]*expr.Attr{input}
	}
	s.env = functions.Env{ANSI: a.Conf.ANSI, CaseSensitive: a.Conf.CaseSensitive, Zone: a.Conf.Zone, ParseType: types.ParseType,
		Lookup: s.lookup, Body: s.body}
	return s
}

func (a *Analyzer) same(x, y string) bool {
	return x == y || !a.Conf.CaseSensitive && strings.EqualFold(x, y)
}

// lookup binds a function that another one is made of.
func (s *scope) lookup(name string, args ...expr.Expr) (expr.Expr, error) {
	return functions.Bind(&s.env, &expr.Call{Name: []string{name}, Args: args, Internal: true})
}

// body types a lambda's body with its parameters bound.
func (s *scope) body(l *expr.Lambda, vars []*expr.LambdaVar) (expr.Expr, error) {
	depth := len(s.vars)
	for i, v := range vars {
		named := *v
		named.Name = l.Params[i]
		s.vars = append(s.vars, &named)
	}
	out, err := s.expr(l.Body)
	s.vars = s.vars[:depth]
	return out, err
}

// expr resolves one expression.
func (s *scope) expr(e expr.Expr) (expr.Expr, error) {
	switch e := e.(type) {
	case *expr.Name:
		return s.name(e)
	case *expr.Attr, *expr.Literal:
		return e, nil
	case *expr.Call:
		return s.call(e)
	case *expr.Star, *expr.Regex:
		return nil, errs.New("INVALID_USAGE_OF_STAR_OR_REGEX", "elem", "'"+e.String()+"'", "prettyName", "this place")
	case *expr.LambdaVar:
		return s.lambdaVar(e)
	case *expr.Lambda:
		return nil, errs.New("INVALID_LAMBDA_FUNCTION_CALL.PARAMETER_DOES_NOT_ACCEPT_LAMBDA_FUNCTION")
	case *expr.Cast:
		return s.cast(e)
	case *expr.Extract:
		return s.extractKey(e)
	case *expr.Over:
		return s.over(e)
	case *expr.Alias:
		return s.alias(e)
	case *expr.UDF:
		return s.udf(e)
	}
	return s.rest(e)
}

// rest resolves children and, for Update, binds what is left.
func (s *scope) rest(e expr.Expr) (expr.Expr, error) {
	children := e.Children()
	if len(children) > 0 {
		resolved, err := s.exprs(children)
		if err != nil {
			return nil, err
		}
		e = e.With(resolved)
	}
	switch u := e.(type) {
	case *expr.Update:
		return s.update(u)
	case *expr.Sort:
		return e, s.a.checkOrder(u)
	}
	return e, nil
}

func (s *scope) alias(e *expr.Alias) (expr.Expr, error) {
	if star, ok := e.Child.(*expr.Star); ok {
		return nil, errs.New("INVALID_USAGE_OF_STAR_OR_REGEX", "elem", "'"+star.String()+"'", "prettyName", "expression `alias`")
	}
	child, err := s.expr(e.Child)
	if err != nil {
		return nil, err
	}
	o := *e
	o.Child = child
	if o.ID == 0 {
		o.ID = expr.NewID()
	}
	return &o, nil
}

func (s *scope) udf(e *expr.UDF) (expr.Expr, error) {
	args, err := s.exprs(e.Args)
	if err != nil {
		return nil, err
	}
	for i := range args {
		args[i] = unaliased(args[i])
	}
	o := *e
	o.Args = args
	if o.ID == 0 {
		o.ID = expr.NewID()
	}
	return &o, nil
}

func (s *scope) lambdaVar(v *expr.LambdaVar) (expr.Expr, error) {
	if v.DataType != nil {
		return v, nil
	}
	if found := s.variable(v.Name); found != nil {
		return found, nil
	}
	return nil, unresolved([]string{v.Name}, nil)
}

func (s *scope) variable(name string) expr.Expr {
	for i := len(s.vars) - 1; i >= 0; i-- {
		if s.a.same(s.vars[i].Name, name) {
			return s.vars[i]
		}
	}
	return nil
}

// unaliased takes aliases off the top: inside an expression a name means nothing.
func unaliased(e expr.Expr) expr.Expr {
	for {
		a, ok := e.(*expr.Alias)
		if !ok {
			return e
		}
		e = a.Child
	}
}
