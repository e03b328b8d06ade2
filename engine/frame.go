package engine

import (
	"hash/fnv"

	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/types"
)

// Frame is an analysed plan. It is immutable and safe for concurrent use.
type Frame struct {
	plan   logical.Plan
	parsed logical.Plan // as the call made it; nil where nobody wrote it
}

// Analyze makes a frame of a plan; what is wrong with the plan is raised here.
func (s *Session) Analyze(p logical.Plan) (*Frame, error) {
	out, err := s.analyzer().Analyze(p)
	if err != nil {
		return nil, err
	}
	return &Frame{plan: out, parsed: p}, nil
}

// Plan is the resolved plan.
func (f *Frame) Plan() logical.Plan { return f.plan }

// Tagged is the frame under a number by which column references may name it.
func (f *Frame) Tagged(id int64) *Frame {
	return &Frame{plan: &logical.Tag{Child: f.plan, ID: id}, parsed: f.parsed}
}

// Streaming says that a source of the frame is unbounded; Local that its rows are at hand.
func (f *Frame) Streaming() bool { return f.plan.Streaming() }
func (f *Frame) Local() bool {
	p := f.plan
	for {
		t, ok := p.(*logical.Tag)
		if !ok {
			break
		}
		p = t.Child
	}
	_, ok := p.(*logical.Data)
	return ok
}

// Schema is the names and types of the frame's columns.
func (f *Frame) Schema() types.Struct { return logical.Schema(f.plan) }

// SemanticHash is equal for frames whose plans are the same but for names and numbers of columns.
func (f *Frame) SemanticHash() int32 {
	h := fnv.New32a()
	h.Write([]byte(logical.Canonical(f.plan)))
	return int32(h.Sum32())
}

// InputFiles are the files that the frame's sources read.
func (f *Frame) InputFiles() ([]string, error) {
	type lister interface{ InputFiles() ([]string, error) }
	var out []string
	var visit func(p logical.Plan) error
	visit = func(p logical.Plan) error {
		if scan, ok := p.(*logical.Scan); ok {
			if l, ok := scan.Source.(lister); ok {
				files, err := l.InputFiles()
				out = append(out, files...)
				return err
			}
		}
		for _, c := range p.Children() {
			if err := visit(c); err != nil {
				return err
			}
		}
		return nil
	}
	err := visit(f.plan)
	return out, err
}
