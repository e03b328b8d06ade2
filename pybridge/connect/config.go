package connect

import (
	"google.golang.org/protobuf/proto"

	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/errs"
	pb "pysparkcompat/proto/spark/connect"
)

// Config answers a ConfigRequest.
func (h *Host) Config(id int64, request []byte) ([]byte, error) {
	s, err := h.session(id)
	if err != nil {
		return nil, err
	}
	var r pb.ConfigRequest
	if err := proto.Unmarshal(request, &r); err != nil {
		return nil, errs.Internal("config request: %v", err)
	}
	pairs, err := configure(s.engine.Conf(), r.GetOperation())
	if err != nil {
		return nil, err
	}
	return proto.Marshal(&pb.ConfigResponse{SessionId: r.GetSessionId(), Pairs: pairs})
}

func configure(c *conf.Conf, op *pb.ConfigRequest_Operation) (out []*pb.KeyValue, err error) {
	give := func(key string, value *string) { out = append(out, &pb.KeyValue{Key: key, Value: value}) }
	show := func(key string) bool {
		value, ok := c.Get(key)
		if ok {
			give(key, &value)
		} else {
			give(key, nil)
		}
		return ok
	}
	switch t := op.GetOpType().(type) {
	case *pb.ConfigRequest_Operation_Set:
		for _, p := range t.Set.GetPairs() {
			if err := c.Set(p.GetKey(), p.GetValue()); err != nil {
				return nil, err
			}
		}
	case *pb.ConfigRequest_Operation_Get:
		for _, key := range t.Get.GetKeys() {
			if !show(key) && !conf.Known(key) {
				return nil, errs.New("SQL_CONF_NOT_FOUND", "sqlConf", `"`+key+`"`)
			}
		}
	case *pb.ConfigRequest_Operation_GetWithDefault:
		for _, p := range t.GetWithDefault.GetPairs() {
			value, _ := c.Get(p.GetKey())
			if !c.IsSet(p.GetKey()) {
				give(p.GetKey(), p.Value)
				continue
			}
			give(p.GetKey(), &value)
		}
	case *pb.ConfigRequest_Operation_GetOption:
		for _, key := range t.GetOption.GetKeys() {
			show(key)
		}
	case *pb.ConfigRequest_Operation_GetAll:
		for key, value := range c.All() {
			give(key, &value)
		}
	case *pb.ConfigRequest_Operation_Unset:
		for _, key := range t.Unset.GetKeys() {
			if err := c.Unset(key); err != nil {
				return nil, err
			}
		}
	case *pb.ConfigRequest_Operation_IsModifiable:
		for _, key := range t.IsModifiable.GetKeys() {
			text := "false"
			if row := conf.Find(key); row != nil && !row.Static && (!row.Inert || conf.Known(key)) {
				text = "true"
			}
			give(key, &text)
		}
	default:
		return nil, errs.Internal("a config operation of type %T", t)
	}
	return out, nil
}
