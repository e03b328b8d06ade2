package connect

import (
	"encoding/json"
	"fmt"
	"strconv"

	"google.golang.org/protobuf/proto"

	"pysparkcompat/engine"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/types"
	pb "pysparkcompat/proto/spark/connect"
)

// frameReply is what Python keeps of a frame.
type frameReply struct {
	Handle    string          `json:"handle"`
	Schema    json.RawMessage `json:"schema"`
	Streaming bool            `json:"streaming"`
}

// Frame analyses one relation and keeps it.
func (h *Host) Frame(id int64, relation []byte) ([]byte, error) {
	s, err := h.session(id)
	if err != nil {
		return nil, err
	}
	var r pb.Relation
	if err := readProto(relation, &r); err != nil {
		return nil, errs.Internal("relation: %v", err)
	}
	if is, err := s.isStatement(r.GetSql()); is || err != nil {
		return []byte(`{"statement":true}`), err
	}
	p, err := s.decoder().relation(&r)
	if err != nil {
		return nil, err
	}
	if usesPython(p) {
		s.pool.Warm()
	}
	f, err := s.engine.Analyze(p)
	if err != nil {
		return nil, err
	}
	kept := s.keep(f)
	// the schema is JSON already: json.Marshal would check and copy it again, for every frame of a chain of calls
	return fmt.Appendf(nil, `{"handle":%q,"schema":%s,"streaming":%t}`, kept.Handle, kept.Schema, kept.Streaming), nil
}

// isStatement says that a text is no query: it is to be run as a task, because it may take its time.
func (s *session) isStatement(m *pb.SQL) (bool, error) {
	if m == nil {
		return false, nil
	}
	args, err := s.arguments(m)
	if err != nil {
		return false, err
	}
	c, err := s.engine.ParseCommand(m.GetQuery(), args)
	return c != nil, err
}

// deepest is the nesting that messages may have: Python's expressions of 6,000 levels and what is around them.
const deepest = 20_000

func readProto(data []byte, m proto.Message) error {
	return proto.UnmarshalOptions{RecursionLimit: deepest}.Unmarshal(data, m)
}

// keep gives a frame a handle, which is also the plan_id that column references of the frame carry.
func (s *session) keep(f *engine.Frame) frameReply {
	id := s.host.number()
	f = f.Tagged(id)
	handle := strconv.FormatInt(id, 10)
	s.mu.Lock()
	s.frames[handle] = f
	s.mu.Unlock()
	return frameReply{Handle: handle, Schema: json.RawMessage(types.JSON(f.Schema())), Streaming: f.Streaming()}
}

// frame is that of a handle, whichever session made it: one operation may take frames of several, as of a query's epoch
// and of the session that started the query.
func (s *session) frame(handle string) (*engine.Frame, error) {
	if f := s.own(handle); f != nil {
		return f, nil
	}
	for _, other := range s.host.all() {
		if f := other.own(handle); f != nil {
			return f, nil
		}
	}
	return nil, errs.New(errs.Unnamed+"FRAME", "handle", handle)
}

func (s *session) own(handle string) *engine.Frame {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.frames[handle]
}

// frameCount is how many frames the sessions of this process hold, for tests and diagnosis.
func (h *Host) frameCount() (n int) {
	for _, s := range h.all() {
		s.mu.Lock()
		n += len(s.frames)
		s.mu.Unlock()
	}
	return n
}

func (h *Host) all() (out []*session) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.sessions {
		out = append(out, s)
	}
	return out
}

func (s *session) decoder() *decoder {
	return &decoder{
		parse: s.engine.ParseExpression,
		query: func(text string, args *pb.SQL) (logical.Plan, error) {
			given, err := s.arguments(args)
			if err != nil {
				return nil, err
			}
			return s.engine.ParseQueryWith(text, given)
		},
		frame: func(handle string) (logical.Plan, error) {
			f, err := s.frame(handle)
			if err != nil {
				return nil, err
			}
			return &logical.Handle{Plan: f.Plan()}, nil
		},
		rows: s.engine.LocalRows,
	}
}

// arguments decodes the values of a statement's parameters.
func (s *session) arguments(m *pb.SQL) (out engine.SQLArgs, err error) {
	if len(m.GetArgs())+len(m.GetPosArgs()) > 0 {
		return out, errs.NotBuilt("SQL parameters in the form of Spark 3")
	}
	d := &decoder{parse: s.engine.ParseExpression}
	if out.Positional, err = d.expressions(m.GetPosArguments()); err != nil {
		return out, err
	}
	out.Named = make(map[string]expr.Expr, len(m.GetNamedArguments()))
	for name, e := range m.GetNamedArguments() {
		if out.Named[name], err = d.expression(e); err != nil {
			return out, err
		}
	}
	return out, nil
}

// usesPython says whether a node holds a Python function, so that workers may start while the user goes on.
func usesPython(p logical.Plan) bool {
	isUDF := func(e expr.Expr) bool { _, ok := e.(*expr.UDF); return ok }
	list := func(es []expr.Expr) bool {
		for _, e := range es {
			if expr.Find(e, isUDF) != nil {
				return true
			}
		}
		return false
	}
	switch n := p.(type) {
	case *logical.MapBatches, *logical.GroupMap:
		return true
	case *logical.Project:
		return list(n.Exprs)
	case *logical.Filter:
		return expr.Find(n.Condition, isUDF) != nil
	case *logical.WithColumns:
		for _, c := range n.Columns {
			if expr.Find(c.Child, isUDF) != nil {
				return true
			}
		}
	case *logical.Aggregate:
		return list(n.Keys) || list(n.Outputs)
	}
	return false
}

// planFrame analyses a plan's root relation, which is a handle in a local session.
func (s *session) planFrame(r *pb.Relation) (*engine.Frame, error) {
	if c := r.GetCachedRemoteRelation(); c != nil {
		return s.frame(c.GetRelationId())
	}
	p, err := s.decoder().relation(r)
	if err != nil {
		return nil, err
	}
	return s.engine.Analyze(p)
}
