package worker

import (
	"encoding/binary"
	"encoding/json"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/udf"
)

// kinds are the names that worker files are found by (pyspark_compat_worker.kinds).
var kinds = map[udf.Kind]string{udf.Scalar: "scalar", udf.ScalarPandas: "scalar_pandas", udf.ScalarArrow: "scalar_arrow",
	udf.ScalarPandasIter: "scalar_pandas_iter", udf.ScalarArrowIter: "scalar_arrow_iter",
	udf.MapArrow: "map_arrow", udf.MapPandas: "map_pandas", udf.Foreach: "foreach",
	udf.GroupPandas: "group_pandas", udf.GroupPandasIter: "group_pandas_iter", udf.GroupArrow: "group_arrow", udf.GroupArrowIter: "group_arrow_iter",
	udf.CogroupPandas: "cogroup_pandas", udf.CogroupArrow: "cogroup_arrow", udf.AggPandas: "agg_pandas", udf.AggPandasIter: "agg_pandas_iter",
	udf.AggArrow: "agg_arrow", udf.AggArrowIter: "agg_arrow_iter", udf.GroupState: "group_state"}

// oneToOne kinds answer each batch by one that depends on nothing else.
func oneToOne(k udf.Kind) bool {
	return k == udf.Scalar || k == udf.ScalarPandas || k == udf.ScalarArrow
}

// preload are modules worth importing before the first fork, so that workers share their pages.
func preload(k udf.Kind) []string {
	switch k {
	case udf.ScalarPandas, udf.ScalarPandasIter, udf.MapPandas, udf.GroupPandas, udf.GroupPandasIter, udf.CogroupPandas, udf.AggPandas, udf.AggPandasIter, udf.GroupState:
		return []string{"pandas"}
	}
	return nil
}

type specMessage struct {
	Kind      string            `json:"kind"`
	Functions []functionMessage `json:"functions"`
	Input     json.RawMessage   `json:"input"`
	Output    json.RawMessage   `json:"output"`
	Keep      []int             `json:"keep"`
	Keys      []int             `json:"keys"`
	Other     json.RawMessage   `json:"other"`
	OtherKeys []int             `json:"otherKeys"`
	OtherArgs []int             `json:"otherArgs"`
	State     *stateMessage     `json:"state"`
	Zone      string            `json:"zone"`
	Conf      map[string]string `json:"conf"`
}

type stateMessage struct {
	Type        json.RawMessage `json:"type"`
	Timeout     string          `json:"timeout"`
	Watermarked bool            `json:"watermarked"`
}

type functionMessage struct {
	Name     string          `json:"name"`
	Command  int             `json:"command"` // its size: the pickles follow the JSON
	Args     []int           `json:"args"`
	ArgNames []string        `json:"argNames"`
	Out      json.RawMessage `json:"out"`
}

// specBody packs a spec: partition, epoch, its time and watermark and the JSON's size as 8 bytes each, the JSON, the
// pickles. The JSON says nothing of the first four, so that workers know one that they have read before.
func specBody(s udf.Spec) ([]byte, error) {
	name, ok := kinds[s.Kind]
	if !ok {
		return nil, errs.Internal("no worker kind %d", s.Kind)
	}
	m := specMessage{Kind: name, Keep: s.Keep, Zone: s.Zone, Conf: s.Conf, Input: text(s.Input), Output: text(s.Output),
		Keys: s.Keys, Other: text(s.Other), OtherKeys: s.OtherKeys, OtherArgs: s.OtherArgs}
	if s.State != nil {
		m.State = &stateMessage{text(s.State.Type), s.State.Timeout, s.State.Watermarked}
	}
	for _, f := range s.Functions {
		m.Functions = append(m.Functions, functionMessage{f.Name, len(f.Command), f.Args, f.ArgNames, text(f.Out)})
	}
	fixed, err := json.Marshal(m)
	if err != nil {
		return nil, errs.Internal("spec: %v", err)
	}
	out := binary.LittleEndian.AppendUint64(nil, uint64(s.Partition))
	out = binary.LittleEndian.AppendUint64(out, uint64(s.Epoch))
	out = binary.LittleEndian.AppendUint64(out, uint64(s.Now))
	out = binary.LittleEndian.AppendUint64(out, uint64(s.Watermark))
	out = binary.LittleEndian.AppendUint64(out, uint64(len(fixed)))
	out = append(out, fixed...)
	for _, f := range s.Functions {
		out = append(out, f.Command...)
	}
	return out, nil
}

func text(t types.Type) json.RawMessage { return json.RawMessage(types.JSON(t)) }
