package connect

import (
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/types"
	pb "pysparkcompat/proto/spark/connect"
)

// groupMap decodes applyInPandas and applyInArrow.
func (d *decoder) groupMap(child logical.Plan, m *pb.GroupMap) (logical.Plan, error) {
	fn, err := d.userFunction(m.GetFunc())
	if err != nil {
		return nil, err
	}
	keys, err := d.expressions(m.GetGroupingExpressions())
	return &logical.GroupMap{Child: child, Keys: keys, Fn: fn}, err
}

func (d *decoder) cogroupMap(child logical.Plan, m *pb.CoGroupMap) (logical.Plan, error) {
	if m.GetOther() == nil {
		return nil, errs.New("CONNECT_INVALID_PLAN.RELATION_NOT_SET")
	}
	out := &logical.GroupMap{Child: child}
	var err error
	if out.Fn, err = d.userFunction(m.GetFunc()); err != nil {
		return nil, err
	}
	if out.Other, err = d.relation(m.GetOther()); err != nil {
		return nil, err
	}
	if out.Keys, err = d.expressions(m.GetInputGroupingExpressions()); err != nil {
		return nil, err
	}
	out.OtherKeys, err = d.expressions(m.GetOtherGroupingExpressions())
	return out, err
}

// groupState decodes applyInPandasWithState. Its schemas are DDL or JSON.
func (d *decoder) groupState(child logical.Plan, m *pb.ApplyInPandasWithState) (logical.Plan, error) {
	fn, err := d.userFunction(m.GetFunc())
	if err != nil {
		return nil, err
	}
	mode := strings.ToLower(m.GetOutputMode())
	switch mode {
	case logical.Append, logical.Update:
	case logical.Complete:
		return nil, errs.New(errs.Unnamed + "FUNCTION_MODE")
	default:
		return nil, errs.New("STREAMING_OUTPUT_MODE.INVALID", "outputMode", m.GetOutputMode())
	}
	state, err := structOf(m.GetStateSchema())
	if err != nil {
		return nil, err
	}
	if fn.Out, err = structOf(m.GetOutputSchema()); err != nil {
		return nil, err
	}
	keys, err := d.expressions(m.GetGroupingExpressions())
	return &logical.GroupMap{Child: child, Keys: keys, Fn: fn,
		State: &logical.GroupState{Type: state, Mode: mode, Timeout: m.GetTimeoutConf()}}, err
}

func structOf(text string) (types.Struct, error) {
	read := types.ParseSchema
	if strings.HasPrefix(text, "{") {
		read = types.FromJSON
	}
	t, err := read(text)
	if err != nil {
		return types.Struct{}, err
	}
	s, ok := t.(types.Struct)
	if !ok {
		return types.Struct{}, errs.Internal("%s is no struct", text)
	}
	return s, nil
}
