package functions

import (
	"bytes"
	"strconv"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// Fuse puts one kernel in the place of several, where that saves what they hand to each other. The value, its type and
// what it raises stay the same.
func Fuse(e expr.Expr) expr.Expr {
	out, _ := expr.Transform(e, func(n expr.Expr) (expr.Expr, error) {
		if a, ok := n.(*expr.Apply); ok && a.Fn == itemFn {
			return fuseSplit(a), nil
		}
		return n, nil
	})
	return out
}

// splitItem is Data of splitItemFn: which part of a text, from 0, and what there is for a text with fewer.
type splitItem struct {
	re   *Regex
	at   int
	item item
}

// fuseSplit makes split(text, pattern)[k] for constants without the list of all parts.
func fuseSplit(a *expr.Apply) expr.Expr {
	split, ok := a.Args[0].(*expr.Apply)
	if !ok || split.Fn != splitFn {
		return a
	}
	k, known := constantOf[int32](a.Args[1])
	limit, whole := constantOf[int32](split.Args[2])
	pattern, plain := constantOf[string](split.Args[1])
	how := a.Data.(item)
	if !known || !whole || !plain || limit > 0 || k < how.base {
		return a
	}
	re, err := CompileRegex(pattern, "split")
	if err != nil {
		return a
	}
	o := *a
	o.Fn, o.Args, o.Data, o.Text = splitItemFn, split.Args[:1], splitItem{re, int(k - how.base), how}, a.String()
	return &o
}

func constantOf[T any](e expr.Expr) (v T, ok bool) {
	l, ok := e.(*expr.Literal)
	if !ok {
		return v, false
	}
	v, ok = l.Value.(T)
	return v, ok
}

var splitItemFn = &expr.Function{Name: "split_item", Fails: true, Kernel: func(c *expr.Context, n int, args []expr.Vector, data any, out types.Type) (expr.Vector, error) {
	t, d := textOf(args[0]), data.(splitItem)
	var fail error
	v, err := pieces(c, n, out, args, len(t.bytes())/4, func(i int) ([]byte, bool) {
		part, found, parts := d.part(t.at(i))
		if !found && d.item.outside != "" && fail == nil {
			fail = errs.New(d.item.outside, "indexValue", strconv.Itoa(d.at+int(d.item.base)), "arraySize", strconv.Itoa(parts))
		}
		return part, found
	})
	return failing(&fail, v, err)
}}

// part is the part of a text, and how many there are where it has none.
func (d splitItem) part(s []byte) (part []byte, found bool, parts int) {
	if len(d.re.literal) == 0 || len(s) == 0 {
		k := 0
		splitText(s, d.re, 0, func(p []byte) {
			if k == d.at {
				part, found = p, true
			}
			k++
		})
		return part, found, k
	}
	one := len(d.re.literal) == 1
	for k := 0; ; k++ {
		end := -1
		if one {
			end = bytes.IndexByte(s, d.re.literal[0])
		} else {
			end = bytes.Index(s, d.re.literal)
		}
		switch {
		case k == d.at && end < 0:
			return s, true, 0
		case k == d.at:
			return s[:end], true, 0
		case end < 0:
			return nil, false, k + 1
		}
		s = s[end+len(d.re.literal):]
	}
}
