package connect

import (
	"context"
	"encoding/json"
	"io"
	"runtime"

	"pysparkcompat/engine"
	"pysparkcompat/engine/rdd"
)

// frameOf is a job whose function gives Arrow streams: the rows of a frame.
type frameOf struct {
	runMessage
	Schema string `json:"schema"` // Spark's JSON
}

// rddFrame keeps a frame over a node, whose job runs at each read: what Frame answers, as JSON.
func (s *session) rddFrame(body json.RawMessage, parts [][]byte) (any, [][]byte, error) {
	var m frameOf
	if err := read(body, &m); err != nil {
		return nil, nil, err
	}
	if err := s.define(m.defineMessage, parts); err != nil {
		return nil, nil, err
	}
	function, err := attached(parts, m.Function)
	if err != nil {
		return nil, nil, err
	}
	schema, err := engine.ParseSchema(m.Schema)
	if err != nil {
		return nil, nil, err
	}
	jobs := s.rdds()
	node, err := jobs.Node(m.Node)
	if err != nil {
		return nil, nil, err
	}
	spec := rdd.Spec{Node: m.Node, Function: function, Raw: true, Name: m.Name, Properties: m.Properties}
	keep := pinned(jobs, node)
	f, err := s.engine.HostedFrame(engine.Hosted{Schema: schema, Partitions: node.Partitions,
		Open: func(ctx context.Context, partition int) (engine.HostedRows, error) {
			one := spec
			one.Partitions = []int{partition}
			job, err := jobs.RunOn(node, one)
			runtime.KeepAlive(keep)
			if err != nil {
				return nil, err
			}
			return &jobRows{job: job}, nil
		}})
	if err != nil {
		return nil, nil, err
	}
	return s.keep(f), nil, nil
}

// lineage keeps a node's lineage for as long as it is reachable.
type lineage struct{ node *rdd.Node }

func pinned(jobs *rdd.Scheduler, node *rdd.Node) *lineage {
	keep := &lineage{node}
	runtime.AddCleanup(keep, func(release func()) { release() }, jobs.Pin(node))
	return keep
}

// jobRows are the blocks of a job with one partition.
type jobRows struct {
	job   *rdd.Job
	ready [][]byte
	over  bool
}

func (r *jobRows) Next(ctx context.Context) ([]byte, error) {
	for len(r.ready) == 0 {
		if r.over {
			return nil, io.EOF
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		results, over, err := r.job.Next(doWait)
		if err != nil {
			return nil, err
		}
		r.over = over
		for _, one := range results {
			if !one.End {
				r.ready = append(r.ready, one.Block)
			}
		}
	}
	block := r.ready[0]
	r.ready = r.ready[1:]
	return block, nil
}

func (r *jobRows) Close() { r.job.Close() }

type partsMessage struct {
	Handle string `json:"handle"`
}

// framePartsReply are the frames of a frame's partitions; one for all where its rows are dealt.
type framePartsReply struct {
	Count  int          `json:"count"`
	Frames []frameReply `json:"frames"`
}

// frameParts finds a frame's partitions as its RDD has them.
func (s *session) frameParts(body json.RawMessage, _ [][]byte) (any, [][]byte, error) {
	var m partsMessage
	if err := read(body, &m); err != nil {
		return nil, nil, err
	}
	f, err := s.frame(m.Handle)
	if err != nil {
		return nil, nil, err
	}
	p, err := s.engine.Parts(s.ctx, f)
	if err != nil {
		return nil, nil, err
	}
	out := framePartsReply{Count: p.Count, Frames: []frameReply{}}
	for i := range p.Count {
		out.Frames = append(out.Frames, s.keep(p.Frame(i)))
		if p.Dealt {
			break
		}
	}
	return out, nil, nil
}

type propertiesMessage struct {
	Properties map[string]string `json:"properties"`
}

// sessionProperties takes the local properties of the thread that will run frames.
func (s *session) sessionProperties(body json.RawMessage, _ [][]byte) (any, [][]byte, error) {
	var m propertiesMessage
	if err := read(body, &m); err != nil {
		return nil, nil, err
	}
	s.engine.SetProperties(m.Properties)
	return nil, nil, nil
}
