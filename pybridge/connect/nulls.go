package connect

import (
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	pb "pysparkcompat/proto/spark/connect"
)

// nulls decodes fillna, dropna and replace.
func nulls(child logical.Plan, message input) (logical.Plan, error) {
	switch m := message.(type) {
	case *pb.NAFill:
		values, err := constants(m.GetValues())
		if err != nil {
			return nil, err
		}
		if len(values) == 0 || len(values) > 1 && len(values) != len(m.GetCols()) {
			return nil, errs.Internal("fillna of %d columns with %d values", len(m.GetCols()), len(values))
		}
		return &logical.Nulls{Child: child, Columns: m.GetCols(), Fill: values}, nil
	case *pb.NADrop:
		out := &logical.Nulls{Child: child, Columns: m.GetCols(), Drop: true, Least: -1}
		if m.MinNonNulls != nil {
			out.Least = int(m.GetMinNonNulls())
		}
		return out, nil
	case *pb.NAReplace:
		out := &logical.Nulls{Child: child, Columns: m.GetCols()}
		for _, r := range m.GetReplacements() {
			pair, err := constants([]*pb.Expression_Literal{r.GetOldValue(), r.GetNewValue()})
			if err != nil {
				return nil, err
			}
			out.Replace = append(out.Replace, [2]*expr.Literal(pair))
		}
		return out, nil
	}
	return nil, notBuilt(message)
}

func constants(list []*pb.Expression_Literal) ([]*expr.Literal, error) {
	out := make([]*expr.Literal, len(list))
	for i, l := range list {
		var err error
		if out[i], err = literal(l); err != nil {
			return nil, err
		}
	}
	return out, nil
}
