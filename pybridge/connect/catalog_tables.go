package connect

import (
	"strings"

	"pysparkcompat/engine"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/types"
	pb "pysparkcompat/proto/spark/connect"
)

// catalogTables answers what is about tables and databases.
func (s *session) catalogTables(t *task, c *pb.Catalog) (any, error) {
	e := s.engine
	switch k := c.GetCatType().(type) {
	case *pb.Catalog_CreateTable:
		return nil, s.createTable(t, k.CreateTable)
	case *pb.Catalog_DropTable:
		return nil, e.DropTable(k.DropTable.GetTableName(), k.DropTable.GetIfExists())
	case *pb.Catalog_TruncateTable:
		return nil, e.Truncate(k.TruncateTable.GetTableName())
	case *pb.Catalog_RefreshTable:
		return nil, e.Refresh(k.RefreshTable.GetTableName())
	case *pb.Catalog_RefreshByPath:
		return nil, e.RefreshPath(k.RefreshByPath.GetPath())
	case *pb.Catalog_ListTables:
		found, err := e.TablesIn(k.ListTables.GetDbName(), patternOf(k.ListTables.Pattern))
		if err != nil {
			return nil, err
		}
		out := []object{}
		for _, f := range found {
			out = append(out, tableObject(f))
		}
		return out, nil
	case *pb.Catalog_GetTable:
		found, err := e.Info(inDatabase(k.GetTable.GetTableName(), k.GetTable.GetDbName()))
		return tableObject(found), err
	case *pb.Catalog_ListColumns:
		found, err := e.Columns(inDatabase(k.ListColumns.GetTableName(), k.ListColumns.GetDbName()))
		out := []object{}
		for _, f := range found {
			out = append(out, object{"name": f.Name, "description": f.Description, "dataType": f.Type, "nullable": f.Nullable,
				"isPartition": f.Partition, "isBucket": false, "isCluster": false})
		}
		return out, err
	}
	return s.catalogDatabases(c)
}

// catalogDatabases answers what is about the one catalog and its one database.
func (s *session) catalogDatabases(c *pb.Catalog) (any, error) {
	e := s.engine
	switch k := c.GetCatType().(type) {
	case *pb.Catalog_CurrentDatabase:
		return "default", nil
	case *pb.Catalog_CurrentCatalog:
		return "spark_catalog", nil
	case *pb.Catalog_SetCurrentDatabase:
		return nil, e.CheckDatabase(k.SetCurrentDatabase.GetDbName())
	case *pb.Catalog_SetCurrentCatalog:
		if name := k.SetCurrentCatalog.GetCatalogName(); name != "spark_catalog" {
			return nil, errs.New("CATALOG_NOT_FOUND", "catalogName", "`"+name+"`", "config", "spark.sql.catalog."+name)
		}
		return nil, nil
	case *pb.Catalog_DatabaseExists:
		return e.DatabaseExists(k.DatabaseExists.GetDbName()), nil
	case *pb.Catalog_GetDatabase:
		if err := e.CheckDatabase(k.GetDatabase.GetDbName()); err != nil {
			return nil, err
		}
		return s.databaseObject()
	case *pb.Catalog_ListDatabases:
		if !engine.Matches(patternOf(k.ListDatabases.Pattern), "default") {
			return []object{}, nil
		}
		found, err := s.databaseObject()
		return []object{found}, err
	case *pb.Catalog_ListCatalogs:
		if !engine.Matches(patternOf(k.ListCatalogs.Pattern), "spark_catalog") {
			return []object{}, nil
		}
		return []object{{"name": "spark_catalog", "description": nil}}, nil
	}
	return nil, errs.NotBuilt("Catalog operation " + kindOf(c.ProtoReflect(), "cat_type"))
}

func (s *session) databaseObject() (object, error) {
	dir, err := s.engine.Warehouse()
	return object{"name": "default", "catalog": "spark_catalog", "description": "default database", "locationUri": "file:" + dir}, err
}

func tableObject(t engine.TableInfo) object {
	out := object{"name": t.Name, "catalog": "spark_catalog", "namespace": []string{"default"}, "description": t.Description,
		"tableType": t.Kind, "isTemporary": t.Temporary}
	if t.Temporary {
		out["catalog"], out["namespace"] = nil, []string{}
	}
	return out
}

// patternOf is a pattern of names; none means all.
func patternOf(p *string) string {
	if p == nil {
		return "*"
	}
	return *p
}

// inDatabase is a table's name with the database that was given beside it.
func inDatabase(table, database string) string {
	if database == "" {
		return table
	}
	return "`" + strings.ReplaceAll(database, "`", "``") + "`." + table
}

func (s *session) createTable(t *task, c *pb.CreateTable) error {
	name, err := s.engine.TableNamed(c.GetTableName())
	if err != nil {
		return err
	}
	spec := engine.TableSpec{Name: name, Format: c.GetSource(), Options: c.GetOptions(), Description: c.GetDescription()}
	if c.Path != nil {
		spec.Options = map[string]string{"path": c.GetPath()}
		for k, v := range c.GetOptions() {
			if !strings.EqualFold(k, "path") {
				spec.Options[k] = v
			}
		}
	}
	var columns *types.Struct
	if c.Schema != nil {
		found, err := dataType(c.GetSchema())
		if err != nil {
			return err
		}
		schema, ok := found.(types.Struct)
		if !ok {
			return errs.New("INVALID_SCHEMA.NON_STRUCT_TYPE", "inputSchema", types.SQL(found), "dataType", types.SQL(found))
		}
		columns = &schema
	}
	return s.engine.CreateTable(t.ctx, name, columns, spec)
}
