package connect

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
	pb "pysparkcompat/proto/spark/connect"
)

// Analyze answers questions about plans and types.
func (h *Host) Analyze(id int64, request []byte) ([]byte, error) {
	s, err := h.session(id)
	if err != nil {
		return nil, err
	}
	var r pb.AnalyzePlanRequest
	if err := readProto(request, &r); err != nil {
		return nil, errs.Internal("analyze request: %v", err)
	}
	out, err := s.analyze(&r)
	if err != nil {
		return nil, err
	}
	out.SessionId = r.GetSessionId()
	return proto.Marshal(out)
}

var explainModes = map[pb.AnalyzePlanRequest_Explain_ExplainMode]string{
	pb.AnalyzePlanRequest_Explain_EXPLAIN_MODE_UNSPECIFIED: "simple", pb.AnalyzePlanRequest_Explain_EXPLAIN_MODE_SIMPLE: "simple",
	pb.AnalyzePlanRequest_Explain_EXPLAIN_MODE_EXTENDED: "extended", pb.AnalyzePlanRequest_Explain_EXPLAIN_MODE_CODEGEN: "codegen",
	pb.AnalyzePlanRequest_Explain_EXPLAIN_MODE_COST: "cost", pb.AnalyzePlanRequest_Explain_EXPLAIN_MODE_FORMATTED: "formatted",
}

func (s *session) analyze(r *pb.AnalyzePlanRequest) (*pb.AnalyzePlanResponse, error) {
	out := &pb.AnalyzePlanResponse{}
	switch t := r.GetAnalyze().(type) {
	case *pb.AnalyzePlanRequest_DdlParse:
		parsed, err := types.ParseType(t.DdlParse.GetDdlString())
		if err != nil {
			var schema types.Struct
			if schema, err = types.ParseDDL(t.DdlParse.GetDdlString()); err != nil {
				return nil, err
			}
			parsed = schema
		}
		out.Result = &pb.AnalyzePlanResponse_DdlParse{DdlParse: &pb.AnalyzePlanResponse_DDLParse{Parsed: message(parsed)}}
		return out, nil
	case *pb.AnalyzePlanRequest_Explain_:
		f, err := s.planFrame(t.Explain.GetPlan().GetRoot())
		if err != nil {
			return nil, err
		}
		text, err := s.engine.Explain(f, explainModes[t.Explain.GetExplainMode()])
		out.Result = &pb.AnalyzePlanResponse_Explain_{Explain: &pb.AnalyzePlanResponse_Explain{ExplainString: text}}
		return out, err
	}
	return s.analyzeFrame(r, out)
}

// analyzeFrame answers what concerns one frame and needs no run.
func (s *session) analyzeFrame(r *pb.AnalyzePlanRequest, out *pb.AnalyzePlanResponse) (*pb.AnalyzePlanResponse, error) {
	type asked interface{ GetPlan() *pb.Plan }
	var question asked
	switch t := r.GetAnalyze().(type) {
	case *pb.AnalyzePlanRequest_IsLocal_:
		question = t.IsLocal
	case *pb.AnalyzePlanRequest_IsStreaming_:
		question = t.IsStreaming
	case *pb.AnalyzePlanRequest_InputFiles_:
		question = t.InputFiles
	case *pb.AnalyzePlanRequest_SemanticHash_:
		question = t.SemanticHash
	case *pb.AnalyzePlanRequest_SameSemantics_:
		return s.sameSemantics(t.SameSemantics, out)
	case *pb.AnalyzePlanRequest_Persist_, *pb.AnalyzePlanRequest_Unpersist_, *pb.AnalyzePlanRequest_GetStorageLevel_:
		return s.storage(r, out)
	default:
		return nil, errs.NotBuilt("analysis " + kindOf(r.ProtoReflect(), "analyze"))
	}
	f, err := s.planFrame(question.GetPlan().GetRoot())
	if err != nil {
		return nil, err
	}
	switch r.GetAnalyze().(type) {
	case *pb.AnalyzePlanRequest_IsLocal_:
		out.Result = &pb.AnalyzePlanResponse_IsLocal_{IsLocal: &pb.AnalyzePlanResponse_IsLocal{IsLocal: f.Local()}}
	case *pb.AnalyzePlanRequest_IsStreaming_:
		out.Result = &pb.AnalyzePlanResponse_IsStreaming_{IsStreaming: &pb.AnalyzePlanResponse_IsStreaming{IsStreaming: f.Streaming()}}
	case *pb.AnalyzePlanRequest_InputFiles_:
		files, err := f.InputFiles()
		out.Result = &pb.AnalyzePlanResponse_InputFiles_{InputFiles: &pb.AnalyzePlanResponse_InputFiles{Files: files}}
		return out, err
	case *pb.AnalyzePlanRequest_SemanticHash_:
		out.Result = &pb.AnalyzePlanResponse_SemanticHash_{SemanticHash: &pb.AnalyzePlanResponse_SemanticHash{Result: f.SemanticHash()}}
	}
	return out, nil
}

func (s *session) sameSemantics(q *pb.AnalyzePlanRequest_SameSemantics, out *pb.AnalyzePlanResponse) (*pb.AnalyzePlanResponse, error) {
	a, err := s.planFrame(q.GetTargetPlan().GetRoot())
	if err != nil {
		return nil, err
	}
	b, err := s.planFrame(q.GetOtherPlan().GetRoot())
	if err != nil {
		return nil, err
	}
	out.Result = &pb.AnalyzePlanResponse_SameSemantics_{SameSemantics: &pb.AnalyzePlanResponse_SameSemantics{Result: a.SemanticHash() == b.SemanticHash()}}
	return out, nil
}

// storage answers cache, persist, unpersist and storageLevel.
func (s *session) storage(r *pb.AnalyzePlanRequest, out *pb.AnalyzePlanResponse) (*pb.AnalyzePlanResponse, error) {
	switch t := r.GetAnalyze().(type) {
	case *pb.AnalyzePlanRequest_Persist_:
		f, err := s.planFrame(t.Persist.GetRelation())
		if err != nil {
			return nil, err
		}
		out.Result = &pb.AnalyzePlanResponse_Persist_{Persist: &pb.AnalyzePlanResponse_Persist{}}
		return out, s.engine.Persist(f, levelOf(t.Persist.GetStorageLevel()))
	case *pb.AnalyzePlanRequest_Unpersist_:
		f, err := s.planFrame(t.Unpersist.GetRelation())
		if err != nil {
			return nil, err
		}
		s.engine.Unpersist(f)
		out.Result = &pb.AnalyzePlanResponse_Unpersist_{Unpersist: &pb.AnalyzePlanResponse_Unpersist{}}
	case *pb.AnalyzePlanRequest_GetStorageLevel_:
		f, err := s.planFrame(t.GetStorageLevel.GetRelation())
		if err != nil {
			return nil, err
		}
		l := s.engine.Level(f)
		out.Result = &pb.AnalyzePlanResponse_GetStorageLevel_{GetStorageLevel: &pb.AnalyzePlanResponse_GetStorageLevel{StorageLevel: &pb.StorageLevel{
			UseDisk: l.Disk, UseMemory: l.Memory, UseOffHeap: l.OffHeap, Deserialized: l.Deserialized, Replication: int32(l.Replication)}}}
	}
	return out, nil
}

// kindOf names what a message's oneof holds.
func kindOf(m protoreflect.Message, oneof protoreflect.Name) string {
	if f := m.WhichOneof(m.Descriptor().Oneofs().ByName(oneof)); f != nil {
		return string(f.Name())
	}
	return "unknown"
}
