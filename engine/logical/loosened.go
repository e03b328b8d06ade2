package logical

import (
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

// loosened is the columns of a stateful operator's rows: any may be null, and anything inside them, as PySpark declares
// them so that state outlives a change of what is beneath.
func loosened(attrs []*expr.Attr) []*expr.Attr {
	out := make([]*expr.Attr, len(attrs))
	for i, a := range attrs {
		t, changed := loose(a.DataType)
		if out[i] = a; changed || !a.Null {
			n := *a
			n.Null, n.DataType = true, t
			out[i] = &n
		}
	}
	return out
}

// loose is a type with everything inside it nullable; changed says that it is another one.
func loose(t types.Type) (out types.Type, changed bool) {
	switch t := t.(type) {
	case types.Array:
		elem, changed := loose(t.Elem)
		if changed || !t.ContainsNull {
			return types.Array{Elem: elem, ContainsNull: true}, true
		}
	case types.Map:
		key, inKey := loose(t.Key)
		value, inValue := loose(t.Value)
		if inKey || inValue || !t.ValueContainsNull {
			return types.Map{Key: key, Value: value, ValueContainsNull: true}, true
		}
	case types.Struct:
		fields := make([]types.Field, len(t.Fields))
		for i, f := range t.Fields {
			inside, inField := loose(f.Type)
			changed = changed || inField || !f.Nullable
			fields[i] = f
			fields[i].Type, fields[i].Nullable = inside, true
		}
		if changed {
			return types.Struct{Fields: fields}, true
		}
	}
	return t, false
}
