package connect

import (
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/logical"
	pb "pysparkcompat/proto/spark/connect"
)

// catalog answers what Python's Catalog asks; the message's value is null where there is none.
func (s *session) catalog(t *task, c *pb.Catalog) error {
	var value any
	switch k := c.GetCatType().(type) {
	case *pb.Catalog_DropTempView:
		value = s.engine.DropView(k.DropTempView.GetViewName())
	case *pb.Catalog_TableExists:
		if k.TableExists.GetDbName() != "" {
			return errs.NotBuilt("Catalog.tableExists(dbName)")
		}
		found, err := s.hasTable(k.TableExists.GetTableName())
		if err != nil {
			return err
		}
		value = found
	case *pb.Catalog_ClearCache:
		s.engine.ClearCache()
	default:
		return errs.NotBuilt("Catalog operation " + kindOf(c.ProtoReflect(), "cat_type"))
	}
	return t.message(map[string]any{"value": value})
}

// hasTable says whether a name is that of a view or table.
func (s *session) hasTable(name string) (bool, error) {
	parts, err := splitName(name)
	if err != nil {
		return false, err
	}
	_, err = s.engine.Analyze(&logical.Named{Parts: parts})
	if e := errs.As(err); e != nil && e.Condition() == "TABLE_OR_VIEW_NOT_FOUND" {
		return false, nil
	}
	return err == nil, err
}
