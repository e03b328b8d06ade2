package worker

import (
	"encoding/base64"
	"encoding/json"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/udf"
)

// kinds are the names that worker files are found by (pyspark_compat_worker.kinds).
var kinds = map[udf.Kind]string{udf.Scalar: "scalar", udf.ScalarPandas: "scalar_pandas", udf.ScalarArrow: "scalar_arrow",
	udf.ScalarPandasIter: "scalar_pandas_iter", udf.ScalarArrowIter: "scalar_arrow_iter",
	udf.MapArrow: "map_arrow", udf.MapPandas: "map_pandas", udf.Foreach: "foreach"}

// oneToOne kinds give one result batch for each batch sent.
func oneToOne(k udf.Kind) bool {
	return k == udf.Scalar || k == udf.ScalarPandas || k == udf.ScalarArrow
}

// preload are modules worth importing before the first fork, so that workers share their pages.
func preload(k udf.Kind) []string {
	switch k {
	case udf.ScalarPandas, udf.ScalarPandasIter, udf.MapPandas:
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
	Zone      string            `json:"zone"`
	Conf      map[string]string `json:"conf"`
	Partition int               `json:"partition"`
	Epoch     int64             `json:"epoch"`
}

type functionMessage struct {
	Name     string          `json:"name"`
	Command  string          `json:"command"`
	Args     []int           `json:"args"`
	ArgNames []string        `json:"argNames"`
	Out      json.RawMessage `json:"out"`
}

// openFrame packs a spec.
func openFrame(s udf.Spec) (*frame, error) {
	name, ok := kinds[s.Kind]
	if !ok {
		return nil, errs.Internal("no worker kind %d", s.Kind)
	}
	m := specMessage{Kind: name, Keep: s.Keep, Zone: s.Zone, Conf: s.Conf, Partition: s.Partition, Epoch: s.Epoch,
		Input: text(s.Input), Output: text(s.Output)}
	for _, f := range s.Functions {
		m.Functions = append(m.Functions, functionMessage{f.Name, base64.StdEncoding.EncodeToString(f.Command), f.Args, f.ArgNames, text(f.Out)})
	}
	body, err := json.Marshal(m)
	if err != nil {
		return nil, errs.Internal("spec: %v", err)
	}
	return &frame{append([]byte{open}, body...)}, nil
}

func text(t types.Type) json.RawMessage { return json.RawMessage(types.JSON(t)) }
