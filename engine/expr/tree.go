package expr

import (
	"bytes"
	"fmt"
	"reflect"
	"sync/atomic"

	"pysparkcompat/engine/types"
)

var lastID atomic.Uint64

// NewID gives an ID that nothing in this process has.
func NewID() ID { return ID(lastID.Add(1)) }

// Transform rewrites a tree from the leaves up: fn gets each node over rewritten children and gives its
// replacement, or the node itself. Nodes that nothing changes are shared, not copied.
func Transform(e Expr, fn func(Expr) (Expr, error)) (Expr, error) {
	e, err := TryChildren(e, func(c Expr) (Expr, error) { return Transform(c, fn) })
	if err != nil {
		return nil, err
	}
	return fn(e)
}

// MapChildren is a node over what fn gives for each child; the node itself where nothing changes.
func MapChildren(e Expr, fn func(Expr) Expr) Expr {
	e, _ = TryChildren(e, func(c Expr) (Expr, error) { return fn(c), nil })
	return e
}

// TryChildren is MapChildren with an fn that may fail.
func TryChildren(e Expr, fn func(Expr) (Expr, error)) (Expr, error) {
	changed, err := Replaced(e.Children(), fn)
	if err != nil || changed == nil {
		return e, err
	}
	return e.With(changed), nil
}

// Replaced gives what fn gives for each of a list, or nil where that is the list.
func Replaced[T comparable](list []T, fn func(T) (T, error)) ([]T, error) {
	var changed []T
	for i, x := range list {
		n, err := fn(x)
		if err != nil {
			return nil, err
		}
		if n != x && changed == nil {
			changed = append(make([]T, 0, len(list)), list...)
		}
		if changed != nil {
			changed[i] = n
		}
	}
	return changed, nil
}

// Find gives the first node, parents before children, for which is holds, or nil.
func Find(e Expr, is func(Expr) bool) Expr {
	if is(e) {
		return e
	}
	for _, c := range e.Children() {
		if f := Find(c, is); f != nil {
			return f
		}
	}
	return nil
}

// Walk calls visit on every node, parents before children; where visit answers false the children are passed over.
func Walk(e Expr, visit func(Expr) bool) {
	if !visit(e) {
		return
	}
	for _, c := range e.Children() {
		Walk(c, visit)
	}
}

// Attrs gives every attribute that the trees refer to, once each, in order of first use.
func Attrs(trees ...Expr) []*Attr {
	var out []*Attr
	seen := map[ID]bool{}
	for _, t := range trees {
		Walk(t, func(e Expr) bool {
			if a, ok := e.(*Attr); ok && !seen[a.ID] {
				seen[a.ID] = true
				out = append(out, a)
			}
			return true
		})
	}
	return out
}

// Resolved says that no node of the tree waits for analysis.
func Resolved(e Expr) bool { return Find(e, func(n Expr) bool { return n.Type() == nil }) == nil }

// Foldable says that the tree's value is the same for every row and call.
func Foldable(e Expr) bool {
	return Find(e, func(n Expr) bool {
		switch n := n.(type) {
		case *Literal, *Cast, *Lambda, *LambdaVar:
			return false
		case *Alias:
			return false
		case *Apply:
			return n.Fn.Volatile || len(n.Args) == 0 && !constantNames[n.Fn.Name]
		}
		return true
	}) == nil
}

// constantNames are the functions without arguments whose value is not the moment's or the row's.
var constantNames = map[string]bool{"array": true, "map": true, "struct": true, "named_struct": true, "pi": true, "e": true}

// Deterministic says that evaluating the tree again over the same row gives the same value.
func Deterministic(e Expr) bool {
	return Find(e, func(n Expr) bool {
		switch n := n.(type) {
		case *Apply:
			return n.Fn.Volatile
		case *UDF:
			return !n.Deterministic
		}
		return false
	}) == nil
}

// TreeEqual says that two trees compute the same: attributes by ID, whatever names and texts they show.
func TreeEqual(a, b Expr) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil || reflect.TypeOf(a) != reflect.TypeOf(b) || !sameNode(a, b) {
		return false
	}
	ac, bc := a.Children(), b.Children()
	if len(ac) != len(bc) {
		return false
	}
	for i := range ac {
		if !TreeEqual(ac[i], bc[i]) {
			return false
		}
	}
	return true
}

// sameNode compares two nodes of one kind, children aside.
func sameNode(a, b Expr) bool {
	switch a := a.(type) {
	case *Attr:
		return a.ID == b.(*Attr).ID
	case *LambdaVar:
		o := b.(*LambdaVar)
		return a.ID == o.ID && (a.ID != 0 || a.Name == o.Name)
	case *Literal:
		o := b.(*Literal)
		return types.Equal(a.DataType, o.DataType) && sameValue(a.Value, o.Value)
	case *Cast:
		o := b.(*Cast)
		return types.Equal(a.To, o.To) && a.Mode == o.Mode
	case *Apply:
		o := b.(*Apply)
		return a.Fn == o.Fn && !a.Fn.Volatile && types.Equal(a.DataType, o.DataType) && reflect.DeepEqual(a.Data, o.Data)
	case *Agg:
		o := b.(*Agg)
		return a.Fn == o.Fn && a.Distinct == o.Distinct && (a.Filter == nil) == (o.Filter == nil) &&
			types.Equal(a.DataType, o.DataType) && reflect.DeepEqual(a.Data, o.Data)
	case *Generate:
		o := b.(*Generate)
		return a.Fn == o.Fn && a.Outer == o.Outer
	case *Alias:
		return a.ID == b.(*Alias).ID && fmt.Sprint(a.Names) == fmt.Sprint(b.(*Alias).Names)
	case *Call:
		o := b.(*Call)
		return fmt.Sprint(a.Name) == fmt.Sprint(o.Name) && a.Distinct == o.Distinct &&
			(a.Filter == nil) == (o.Filter == nil) && len(a.Args) == len(o.Args)
	case *Sort:
		o := b.(*Sort)
		return a.Descending == o.Descending && a.NullsFirst == o.NullsFirst
	case *TimeWindow:
		o := b.(*TimeWindow)
		return (a.End == nil) == (o.End == nil) && a.Duration == o.Duration && a.Slide == o.Slide && a.Start == o.Start
	case *UDF:
		o := b.(*UDF)
		return a.Deterministic && o.Deterministic && a.EvalType == o.EvalType && types.Equal(a.Out, o.Out) &&
			bytes.Equal(a.Command, o.Command) && fmt.Sprint(a.ArgNames) == fmt.Sprint(o.ArgNames)
	case *Name:
		o := b.(*Name)
		return fmt.Sprint(a.Parts) == fmt.Sprint(o.Parts) && a.PlanID == o.PlanID
	case *Update:
		return fmt.Sprint(a.Path) == fmt.Sprint(b.(*Update).Path)
	case *Over:
		o := b.(*Over)
		return len(a.Partition) == len(o.Partition) && len(a.Order) == len(o.Order) && sameFrame(a.Frame, o.Frame)
	case *Star:
		return fmt.Sprint(a.Target) == fmt.Sprint(b.(*Star).Target) && a.PlanID == b.(*Star).PlanID
	case *Regex:
		return *a == *b.(*Regex)
	}
	return true
}

func sameFrame(a, b *Frame) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Rows == b.Rows && (a.Lower == nil) == (b.Lower == nil) && (a.Upper == nil) == (b.Upper == nil)
}

// sameValue compares literal values; NaN equals itself.
func sameValue(a, b any) bool {
	switch x := a.(type) {
	case float64:
		y, ok := b.(float64)
		return ok && (x == y || x != x && y != y)
	case float32:
		y, ok := b.(float32)
		return ok && (x == y || x != x && y != y)
	}
	return reflect.DeepEqual(a, b)
}
