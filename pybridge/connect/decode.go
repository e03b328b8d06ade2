// Package connect is the Spark Connect service: protobuf to logical plans, and results back.
//
// It is not the engine and opens no port of its own for a local session: pybridge/native hands it bytes. It
// implements host.Host. Invariants: a relation is decoded without being analysed; what is not built raises
// NOT_IMPLEMENTED by its name, never a guess; a session's frames, tasks and callbacks end with it.
package connect

import (
	"fmt"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	pb "pysparkcompat/proto/spark/connect"
)

// decoder turns messages into unresolved plans. It holds what decoding needs of the session.
type decoder struct {
	// parse reads expression text, named reads text that may end in an alias, query a whole statement.
	parse func(text string) (expr.Expr, error)
	query func(text string, args *pb.SQL) (logical.Plan, error)
	// frame finds the plan of a handle.
	frame func(handle string) (logical.Plan, error)
	// rows decodes Arrow IPC with an optional DDL or JSON schema.
	rows func(data []byte, schema *string) (logical.Plan, error)
}

// relation decodes one node with its inputs.
func (d *decoder) relation(r *pb.Relation) (logical.Plan, error) {
	p, err := d.node(r)
	if err != nil {
		return nil, err
	}
	if r.GetCommon() != nil && r.GetCommon().PlanId != nil {
		p = &logical.Tag{Child: p, ID: r.GetCommon().GetPlanId()}
	}
	return p, nil
}

func (d *decoder) node(r *pb.Relation) (logical.Plan, error) {
	switch t := r.GetRelType().(type) {
	case *pb.Relation_CachedRemoteRelation:
		return d.frame(t.CachedRemoteRelation.GetRelationId())
	case *pb.Relation_Read:
		return d.read(t.Read)
	case *pb.Relation_LocalRelation:
		return d.rows(t.LocalRelation.GetData(), t.LocalRelation.Schema)
	case *pb.Relation_Sql:
		return d.query(t.Sql.GetQuery(), t.Sql)
	case *pb.Relation_Range:
		return decodeRange(t.Range)
	case *pb.Relation_Join:
		return d.join(t.Join)
	case *pb.Relation_SetOp:
		return d.setOperation(t.SetOp)
	case nil:
		return nil, errs.New("CONNECT_INVALID_PLAN.RELATION_NOT_SET")
	}
	return d.unary(r)
}

func decodeRange(r *pb.Range) (logical.Plan, error) {
	if r.GetStep() == 0 {
		return nil, errs.New(errs.Unnamed + "RANGE_STEP")
	}
	return &logical.Range{Start: r.GetStart(), End: r.GetEnd(), Step: r.GetStep(), Partitions: int(r.GetNumPartitions())}, nil
}

func (d *decoder) read(r *pb.Read) (logical.Plan, error) {
	switch t := r.GetReadType().(type) {
	case *pb.Read_NamedTable_:
		parts, err := splitName(t.NamedTable.GetUnparsedIdentifier())
		if err != nil {
			return nil, err
		}
		return &logical.Named{Parts: parts, Options: t.NamedTable.GetOptions(), Streaming_: r.GetIsStreaming()}, nil
	case *pb.Read_DataSource_:
		s := t.DataSource
		if len(s.GetPredicates()) > 0 {
			return nil, errs.NotBuilt("DataFrameReader.jdbc")
		}
		if name := s.GetSourceName(); name != "" {
			return nil, errs.New("STREAMING_QUERY_EVOLUTION_ERROR.SOURCE_NAMING_NOT_SUPPORTED", "name", name)
		}
		scan := &logical.Scan{Format: s.GetFormat(), Paths: s.GetPaths(), Options: s.GetOptions(), Stream: r.GetIsStreaming()}
		if s.GetSchema() != "" {
			schema, err := parseSchema(s.GetSchema())
			if err != nil {
				return nil, err
			}
			scan.Schema = &schema
		}
		return scan, nil
	}
	return nil, errs.Internal("a read of type %T", r.GetReadType())
}

var joinTypes = map[pb.Join_JoinType]logical.JoinType{
	pb.Join_JOIN_TYPE_INNER: logical.Inner, pb.Join_JOIN_TYPE_FULL_OUTER: logical.FullOuter, pb.Join_JOIN_TYPE_LEFT_OUTER: logical.LeftOuter,
	pb.Join_JOIN_TYPE_RIGHT_OUTER: logical.RightOuter, pb.Join_JOIN_TYPE_LEFT_ANTI: logical.LeftAnti,
	pb.Join_JOIN_TYPE_LEFT_SEMI: logical.LeftSemi, pb.Join_JOIN_TYPE_CROSS: logical.Cross,
}

func (d *decoder) join(j *pb.Join) (logical.Plan, error) {
	left, err := d.relation(j.GetLeft())
	if err != nil {
		return nil, err
	}
	right, err := d.relation(j.GetRight())
	if err != nil {
		return nil, err
	}
	kind, ok := joinTypes[j.GetJoinType()]
	if !ok {
		return nil, errs.Internal("a join of type %v", j.GetJoinType())
	}
	out := &logical.Join{Left: left, Right: right, Type: kind, Using: j.GetUsingColumns()}
	if j.GetJoinCondition() != nil {
		if out.Condition, err = d.expression(j.GetJoinCondition()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (d *decoder) setOperation(s *pb.SetOperation) (logical.Plan, error) {
	left, err := d.relation(s.GetLeftInput())
	if err != nil {
		return nil, err
	}
	right, err := d.relation(s.GetRightInput())
	if err != nil {
		return nil, err
	}
	if kind := s.GetSetOpType(); kind != pb.SetOperation_SET_OP_TYPE_UNION {
		return &logical.SetOperation{Left: left, Right: right, Except: kind == pb.SetOperation_SET_OP_TYPE_EXCEPT, All: s.GetIsAll()}, nil
	}
	var out logical.Plan = &logical.Union{Inputs: []logical.Plan{left, right}, ByName: s.GetByName(), AllowMissing: s.GetAllowMissingColumns()}
	if s.IsAll != nil && !s.GetIsAll() {
		out = &logical.Distinct{Child: out, All: true, Grouped: true}
	}
	return out, nil
}

// notBuilt names a relation by its message, for what has no better name.
func notBuilt(message any) error { return errs.NotBuilt(fmt.Sprintf("%T", message)) }
