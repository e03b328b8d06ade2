package connect

import (
	"encoding/json"

	"pysparkcompat/engine/dstream"
)

// image reads the newest checkpoint of a folder; warnings go with the answer.
func (h *Host) image(body json.RawMessage) (i *dstream.Image, r streamRequest, warnings []string, err error) {
	if err = read(body, &r); err != nil || r.Directory == nil {
		return nil, r, nil, err
	}
	folder, err := localFolder(*r.Directory)
	if err != nil {
		return nil, r, nil, err
	}
	warnings = []string{}
	i, err = h.engine.ReadStreams(folder, func(text string) { warnings = append(warnings, text) })
	if i != nil {
		i.Directory = folder // the folder may have been moved
	}
	return i, r, warnings, err
}

// streamPeek says whether a folder holds a checkpoint, and what application wrote it.
func (h *Host) streamPeek(body json.RawMessage) (any, error) {
	i, _, warnings, err := h.image(body)
	if err != nil {
		return nil, err
	}
	if i == nil {
		return object{"found": false, "warnings": warnings}, nil
	}
	settings := i.Conf
	if settings == nil {
		settings = map[string]string{}
	}
	return object{"found": true, "batchMs": i.Batch, "conf": settings, "time": i.Time, "warnings": warnings}, nil
}

// streamRecover makes a context that goes on from a checkpoint.
func (s *session) streamRecover(body json.RawMessage, _ [][]byte) (any, [][]byte, error) {
	i, r, warnings, err := s.host.image(body)
	if err != nil {
		return nil, nil, err
	}
	if i == nil {
		return object{"context": nil}, nil, nil
	}
	c, config, err := s.newStreaming(r.Clock)
	if err != nil {
		return nil, nil, err
	}
	if c.engine, err = s.engine.RecoverStreams(config, i); err != nil {
		c.close()
		return nil, nil, err
	}
	nodes := make([]recoveredNode, len(i.Nodes))
	for k, n := range i.Nodes {
		nodes[k] = recoveredNode{k, c.engine.Slide(k), n.Spec}
	}
	outputs := make([]object, len(i.Outputs))
	for k, o := range i.Outputs {
		outputs[k] = object{"output": k, "node": o.Node, "name": o.Name, "description": o.Description}
	}
	answer := c.known(object{"batchMs": i.Batch, "directory": "file:" + i.Directory, "nodes": nodes, "outputs": outputs, "warnings": warnings})
	return answer, [][]byte{i.Functions}, nil
}

// recoveredNode is a stream as it was given to dstream.node; its slide hides the one that was asked for.
type recoveredNode struct {
	Node  int   `json:"node"`
	Slide int64 `json:"slideMs"`
	dstream.Spec
}
