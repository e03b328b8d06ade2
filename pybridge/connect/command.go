package connect

import (
	"pysparkcompat/engine"
	"pysparkcompat/engine/errs"
	pb "pysparkcompat/proto/spark/connect"
)

// command runs what gives no rows.
func (s *session) command(t *task, c *pb.Command) error {
	switch k := c.GetCommandType().(type) {
	case *pb.Command_WriteOperation:
		return s.write(t, k.WriteOperation)
	case *pb.Command_CreateDataframeView:
		return s.view(k.CreateDataframeView)
	case *pb.Command_WriteStreamOperationStart:
		return s.startStream(t, k.WriteStreamOperationStart)
	case *pb.Command_WriteOperationV2:
		return errs.NotBuilt("DataFrame.writeTo")
	case *pb.Command_SqlCommand:
		return s.statement(t, k.SqlCommand)
	case *pb.Command_RegisterFunction:
		f, err := s.decoder().userFunction(k.RegisterFunction)
		if err == nil {
			s.engine.RegisterFunction(k.RegisterFunction.GetFunctionName(), f)
		}
		return err
	case *pb.Command_RemoveCachedRemoteRelationCommand:
		id := k.RemoveCachedRemoteRelationCommand.GetRelation().GetRelationId()
		return s.host.Drop(s.id, []string{id})
	}
	return errs.NotBuilt("command " + kindOf(c.ProtoReflect(), "command_type"))
}

// statement runs a SQL statement that is no query and answers with the frame of its rows.
func (s *session) statement(t *task, c *pb.SqlCommand) error {
	m := c.GetInput().GetSql()
	args, err := s.arguments(m)
	if err != nil {
		return err
	}
	parsed, err := s.engine.ParseCommand(m.GetQuery(), args)
	if err != nil {
		return err
	}
	if parsed == nil {
		return errs.Internal("a query was sent as a statement")
	}
	f, err := s.engine.RunCommand(t.ctx, parsed)
	if err != nil {
		return err
	}
	return t.message(s.keep(f))
}

func (s *session) view(v *pb.CreateDataFrameViewCommand) error {
	f, err := s.planFrame(v.GetInput())
	if err != nil {
		return err
	}
	if v.GetIsGlobal() {
		return errs.NotBuilt("DataFrame.createGlobalTempView")
	}
	return s.engine.CreateView(v.GetName(), f, v.GetReplace())
}

var saveModes = map[pb.WriteOperation_SaveMode]engine.SaveMode{
	pb.WriteOperation_SAVE_MODE_UNSPECIFIED: engine.ErrorIfExists, pb.WriteOperation_SAVE_MODE_APPEND: engine.Append,
	pb.WriteOperation_SAVE_MODE_OVERWRITE: engine.Overwrite, pb.WriteOperation_SAVE_MODE_ERROR_IF_EXISTS: engine.ErrorIfExists,
	pb.WriteOperation_SAVE_MODE_IGNORE: engine.Ignore,
}

func (s *session) write(t *task, w *pb.WriteOperation) error {
	switch {
	case w.GetBucketBy() != nil:
		return errs.NotBuilt("DataFrameWriter.bucketBy")
	case len(w.GetClusteringColumns()) > 0:
		return errs.NotBuilt("DataFrameWriter.clusterBy")
	}
	f, err := s.planFrame(w.GetInput())
	if err != nil {
		return err
	}
	if to := w.GetTable(); to != nil {
		spec := engine.TableSpec{Name: to.GetTableName(), Format: w.GetSource(), Mode: saveModes[w.GetMode()], Options: w.GetOptions(), PartitionBy: w.GetPartitioningColumns()}
		if to.GetSaveMethod() == pb.WriteOperation_SaveTable_TABLE_SAVE_METHOD_INSERT_INTO {
			return s.engine.InsertInto(t.ctx, f, spec)
		}
		return s.engine.SaveAsTable(t.ctx, f, spec)
	}
	return s.engine.Write(t.ctx, f, engine.WriteSpec{Format: w.GetSource(), Path: w.GetPath(), Mode: saveModes[w.GetMode()], Options: w.GetOptions(),
		PartitionBy: w.GetPartitioningColumns()})
}
