package engine

import (
	"context"
	"encoding/json"
	"errors"
	"io/fs"
	"path"
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/sink"
	"pysparkcompat/engine/source"
	"pysparkcompat/engine/sql"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/vfs"
)

// TableSpec is what df.write and writeStream.toTable say of a table.
type TableSpec struct {
	Name, Format string
	Mode         SaveMode
	Options      map[string]string
	PartitionBy  []string
	Description  string
	Properties   map[string]string
}

func (s *Session) formatOf(format string) string {
	if format == "" {
		format = s.conf.String("spark.sql.sources.default")
	}
	return strings.ToLower(format)
}

// SaveAsTable runs a frame into a table: a new one, or one that exists as the mode says.
func (s *Session) SaveAsTable(ctx context.Context, f *Frame, spec TableSpec) error {
	parts, err := sql.ParseName(spec.Name)
	if err != nil {
		return err
	}
	if _, ok := s.local(parts); !ok && len(parts) > 2 {
		return errs.New("_LEGACY_ERROR_TEMP_1310", "quote", strings.Join(parts, "."))
	}
	return s.saveTable(ctx, f, parts, spec)
}

func (s *Session) saveTable(ctx context.Context, f *Frame, parts []string, spec TableSpec) error {
	name, err := s.newName(parts)
	if err != nil {
		return err
	}
	old, err := s.findTable(name)
	if err != nil {
		return err
	}
	switch {
	case old == nil:
	case spec.Mode == ErrorIfExists:
		return errs.New("TABLE_OR_VIEW_ALREADY_EXISTS", "relationName", old.identifier())
	case spec.Mode == Ignore:
		return nil
	case spec.Mode == Append:
		return s.appendByName(ctx, f, old, spec)
	case reads(f.plan, name):
		return errs.New("UNSUPPORTED_OVERWRITE.TABLE", "table", old.identifier())
	}
	t, err := s.newTable(name, nullable(f.Schema()), spec)
	if err != nil {
		return err
	}
	if old == nil && t.Location == "" {
		if err := s.occupied(name); err != nil {
			return err
		}
	} else if old == nil && spec.Mode != Overwrite {
		if err := s.empty(t.Location); err != nil {
			return err
		}
	} else if old != nil && old.Location == "" && t.Location != "" {
		if err := s.removeTable(old); err != nil {
			return err
		}
	}
	if err := s.fill(ctx, f, t, Overwrite, false, spec.Options); err != nil {
		return err
	}
	s.forgetCached(name)
	return s.keepTable(t)
}

// newTable is the entry of a table to be made: what is wrong with the names of its partition columns is raised.
func (s *Session) newTable(name string, schema types.Struct, spec TableSpec) (*table, error) {
	t := &table{Name: name, Provider: s.formatOf(spec.Format), Description: spec.Description, Properties: spec.Properties}
	if t.Provider == "memory" { // a sink of streams only, of which PySpark makes no table
		return nil, errs.New("DATA_SOURCE_NOT_FOUND", "provider", t.Provider)
	}
	if _, err := sink.Find(t.Provider); err != nil {
		return nil, err
	}
	if !fileProvider(t.Provider) {
		return nil, errs.New("CANNOT_CREATE_DATA_SOURCE_TABLE.EXTERNAL_METADATA_UNSUPPORTED", "tableName", "`"+ourDatabase+"`.`"+name+"`", "provider", t.Provider)
	}
	ordered, err := s.partitioned(t, schema, spec.PartitionBy)
	if err != nil {
		return nil, err
	}
	t.Schema = json.RawMessage(types.JSON(ordered))
	for key, value := range spec.Options {
		switch {
		case strings.EqualFold(key, "path"):
			if t.Location, err = source.LocalPath(s.absolute([]string{value})[0]); err != nil {
				return nil, err
			}
		case strings.EqualFold(key, "checkpointLocation"):
		default:
			if t.Options == nil {
				t.Options = map[string]string{}
			}
			t.Options[key] = value
		}
	}
	return t, nil
}

// empty refuses a folder with something in it as that of a new external table: its files would be overwritten.
func (s *Session) empty(dir string) error {
	if err := vfs.MayBeFolder(s.engine.fs, dir); err != nil {
		return err
	}
	entries, err := s.engine.fs.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	return errs.New("_LEGACY_ERROR_TEMP_1241", "tablePath", "file:"+dir, "config", "spark.sql.legacy.allowNonEmptyLocationInCTAS")
}

// fileProvider says that tables can be of a format.
func fileProvider(name string) bool {
	switch name {
	case "parquet", "json", "text", "csv":
		return true
	}
	return false
}

// partitioned puts the partition columns last.
func (s *Session) partitioned(t *table, schema types.Struct, by []string) (types.Struct, error) {
	last := map[int]bool{}
	var behind []types.Field
	for _, name := range by {
		i := s.column(schema, name)
		if i < 0 {
			names := make([]string, len(schema.Fields))
			for j, f := range schema.Fields {
				names[j] = "`" + f.Name + "`"
			}
			return schema, errs.New("COLUMN_NOT_DEFINED_IN_TABLE", "colType", "partition", "colName", "`"+name+"`",
				"tableName", t.identifier(), "tableCols", strings.Join(names, ", "))
		}
		last[i] = true
		behind = append(behind, schema.Fields[i])
		t.PartitionBy = append(t.PartitionBy, schema.Fields[i].Name)
	}
	out := types.Struct{}
	for i, f := range schema.Fields {
		if !last[i] {
			out.Fields = append(out.Fields, f)
		}
	}
	if len(out.Fields) == 0 && len(by) > 0 {
		return out, errs.New("ALL_PARTITION_COLUMNS_NOT_ALLOWED")
	}
	out.Fields = append(out.Fields, behind...)
	seen := map[string]bool{}
	for _, f := range out.Fields {
		key := s.tableKey(f.Name)
		if seen[key] {
			return out, errs.New("COLUMN_ALREADY_EXISTS", "columnName", "`"+key+"`")
		}
		seen[key] = true
	}
	return out, nil
}

func (s *Session) column(schema types.Struct, name string) int {
	for i, f := range schema.Fields {
		if s.tableKey(f.Name) == s.tableKey(name) {
			return i
		}
	}
	return -1
}

// reads says that a plan reads a table.
func reads(p logical.Plan, name string) (found bool) {
	logical.Walk(p, func(n logical.Plan) bool {
		if scan, ok := n.(*logical.Scan); ok && len(scan.Table) > 0 && scan.Table[len(scan.Table)-1] == name {
			found = true
		}
		return !found
	})
	return found
}

// fill writes a frame whose columns are the table's into the table's folder.
func (s *Session) fill(ctx context.Context, f *Frame, t *table, mode SaveMode, dynamic bool, options map[string]string) error {
	dir, err := s.folderOf(t)
	if err != nil {
		return err
	}
	given := map[string]string{}
	for _, m := range []map[string]string{t.Options, options} {
		for k, v := range m {
			given[k] = v
		}
	}
	if option(given, "partitionOverwriteMode") == "" && !dynamic {
		given["partitionOverwriteMode"] = "STATIC"
	}
	return s.Write(ctx, f, WriteSpec{Format: t.Provider, Path: dir, Mode: mode, Options: given, PartitionBy: t.PartitionBy})
}

// appendByName is saveAsTable into a table that exists: columns are found by their names.
func (s *Session) appendByName(ctx context.Context, f *Frame, t *table, spec TableSpec) error {
	if given := s.formatOf(spec.Format); given != t.Provider {
		return errs.New("_LEGACY_ERROR_TEMP_1159", "tableName", t.plain(), "existingProvider", className(t.Provider), "specifiedProvider", className(given))
	}
	schema, err := t.columns()
	if err != nil {
		return err
	}
	have := f.Schema()
	if len(have.Fields) != len(schema.Fields) {
		return errs.New("_LEGACY_ERROR_TEMP_1161", "tableName", t.plain(), "existingTableSchema", schema.String(), "querySchema", have.String())
	}
	order := make([]int, len(schema.Fields))
	for i, field := range schema.Fields {
		if order[i] = s.column(have, field.Name); order[i] < 0 {
			names := make([]string, len(have.Fields))
			for j, h := range have.Fields {
				names[j] = h.Name
			}
			return errs.New("_LEGACY_ERROR_TEMP_1162", "col", field.Name, "inputColumns", strings.Join(names, ", "))
		}
	}
	if given := strings.Join(spec.PartitionBy, ", "); s.tableKey(given) != s.tableKey(strings.Join(t.PartitionBy, ", ")) {
		return errs.New("_LEGACY_ERROR_TEMP_1163", "tableName", t.plain(), "specifiedPartCols", given, "existingPartCols", strings.Join(t.PartitionBy, ", "))
	}
	return s.put(ctx, f, t, schema, order, Append, spec.Options)
}

// className is how PySpark calls a format where it compares two.
func className(provider string) string {
	names := map[string]string{"json": "JsonDataSourceV2", "parquet": "ParquetDataSourceV2", "text": "TextDataSourceV2", "csv": "CSVDataSourceV2"}
	if name, ok := names[provider]; ok {
		return name
	}
	return provider
}

// put writes columns of a frame, cast to the table's types, into the table.
func (s *Session) put(ctx context.Context, f *Frame, t *table, schema types.Struct, order []int, mode SaveMode, options map[string]string) error {
	if mode == Overwrite && reads(f.plan, t.Name) {
		return errs.New("UNSUPPORTED_OVERWRITE.TABLE", "table", t.identifier())
	}
	attrs := f.plan.Output()
	list := make([]expr.Expr, len(order))
	for i, field := range schema.Fields {
		a := attrs[order[i]]
		if !storable(a.DataType, field.Type) {
			return errs.New("INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST", "tableName", t.identifier(), "colName", "`"+field.Name+"`",
				"srcType", `"`+types.SQL(a.DataType)+`"`, "targetType", `"`+types.SQL(field.Type)+`"`)
		}
		var e expr.Expr = a
		if !types.Equal(a.DataType, field.Type) {
			e = &expr.Cast{Child: a, To: field.Type, Mode: expr.CastANSI, Implicit: true}
		}
		list[i] = &expr.Alias{Child: e, Names: []string{field.Name}}
	}
	out, err := s.Analyze(&logical.Project{Child: &logical.Handle{Plan: f.plan}, Exprs: list})
	if err != nil {
		return err
	}
	defer s.refreshCached(t.Name)
	dynamic := strings.EqualFold(s.conf.String("spark.sql.sources.partitionOverwriteMode"), "dynamic")
	return overflowing(s.fill(ctx, out, t, mode, dynamic, options), schema, attrs, order)
}

// overflowing names the column where a value did not fit a table's type.
func overflowing(err error, schema types.Struct, attrs []*expr.Attr, order []int) error {
	e := errs.As(err)
	if e == nil || e.Name != "CAST_OVERFLOW" {
		return err
	}
	for i, field := range schema.Fields {
		from, to := `"`+types.SQL(attrs[order[i]].DataType)+`"`, `"`+types.SQL(field.Type)+`"`
		if e.Params["sourceType"] == from && e.Params["targetType"] == to {
			return errs.New("CAST_OVERFLOW_IN_TABLE_INSERT", "sourceType", from, "targetType", to, "columnName", "`"+field.Name+"`").WithCause(err)
		}
	}
	return err
}

// storable is the ANSI rule of which types may be stored as which.
func storable(from, to types.Type) bool {
	if types.Equal(from, to) || from.Kind() == types.KNull {
		return true
	}
	switch to := to.(type) {
	case types.Array:
		f, ok := from.(types.Array)
		return ok && storable(f.Elem, to.Elem)
	case types.Map:
		f, ok := from.(types.Map)
		return ok && storable(f.Key, to.Key) && storable(f.Value, to.Value)
	case types.Struct:
		f, ok := from.(types.Struct)
		if !ok || len(f.Fields) != len(to.Fields) {
			return false
		}
		for i := range f.Fields {
			if !storable(f.Fields[i].Type, to.Fields[i].Type) {
				return false
			}
		}
		return true
	}
	moment := func(t types.Type) bool {
		k := t.Kind()
		return k == types.KDate || k == types.KTimestamp || k == types.KTimestampNTZ
	}
	switch {
	case types.IsNumeric(from) && types.IsNumeric(to), moment(from) && moment(to):
		return true
	case to.Kind() == types.KString:
		return types.IsAtomic(from) && from.Kind() != types.KBinary
	}
	return false
}

// InsertInto runs a frame into a table that exists, by position.
func (s *Session) InsertInto(ctx context.Context, f *Frame, spec TableSpec) error {
	parts, err := sql.ParseName(spec.Name)
	if err != nil {
		return err
	}
	t, err := s.target(parts)
	if err != nil {
		return err
	}
	if len(spec.PartitionBy) > 0 {
		return errs.New("PARTITION_BY_NOT_ALLOWED_WITH_INSERT_INTO", "tableName", strings.Join(parts, "."))
	}
	return s.insert(ctx, f, t, nil, spec.Mode, spec.Options)
}

// target is the table that rows are to go into.
func (s *Session) target(parts []string) (*table, error) {
	if len(parts) == 1 && s.isView(parts[0]) {
		return nil, errs.New("UNSUPPORTED_INSERT.RDD_BASED")
	}
	if name, ok := s.local(parts); ok {
		if t, err := s.findTable(name); t != nil || err != nil {
			return t, err
		}
	}
	return nil, notFound(parts, searched)
}

// searched is where PySpark says it looked for a table that a query names.
const searched = "[`system`.`builtin`, `system`.`session`, `spark_catalog`.`default`]"

func notFound(parts []string, path string) error {
	return errs.New("TABLE_OR_VIEW_NOT_FOUND", "relationName", quoted(parts), "searchPath", path)
}

// insert puts rows into a table by position, or into the columns named.
func (s *Session) insert(ctx context.Context, f *Frame, t *table, columns []string, mode SaveMode, options map[string]string) error {
	schema, err := t.columns()
	if err != nil {
		return err
	}
	order := make([]int, len(schema.Fields))
	names, given := make([]string, len(order)), make([]string, len(f.plan.Output()))
	for i, field := range schema.Fields {
		order[i], names[i] = i, "`"+field.Name+"`"
	}
	for i, a := range f.plan.Output() {
		given[i] = "`" + a.Name + "`"
	}
	wanted := len(order)
	if columns != nil {
		wanted = len(columns)
	}
	if len(given) != wanted || columns != nil && wanted != len(order) {
		kind := "NOT_ENOUGH_DATA_COLUMNS"
		if len(given) > wanted {
			kind = "TOO_MANY_DATA_COLUMNS"
		}
		return errs.New("INSERT_COLUMN_ARITY_MISMATCH."+kind, "tableName", t.identifier(), "tableColumns", strings.Join(names, ", "),
			"dataColumns", strings.Join(given, ", "))
	}
	for at, name := range columns {
		i := s.column(schema, name)
		if i < 0 {
			return errs.New("UNRESOLVED_COLUMN.WITH_SUGGESTION", "objectName", "`"+name+"`", "proposal", strings.Join(names, ", "))
		}
		order[i] = at
	}
	if mode != Overwrite {
		mode = Append
	}
	return s.put(ctx, f, t, schema, order, mode, options)
}

// tableForStream finds the table of writeStream.toTable, or makes it, and gives what its sink is.
func (s *Session) tableForStream(f *Frame, spec StreamSpec) (StreamSpec, error) {
	parts, err := sql.ParseName(spec.Table)
	if err != nil {
		return spec, err
	}
	if len(parts) == 1 && s.isView(parts[0]) {
		return spec, errs.New("_LEGACY_ERROR_TEMP_1190", "viewName", parts[0])
	}
	name, err := s.newName(parts)
	if err != nil {
		return spec, err
	}
	t, err := s.findTable(name)
	if err != nil {
		return spec, err
	}
	if t == nil {
		made := TableSpec{Name: name, Format: spec.Format, Options: spec.Options, PartitionBy: spec.PartitionBy}
		if t, err = s.makeTable(name, nullable(f.Schema()), made); err != nil {
			return spec, err
		}
	} else if given := s.formatOf(spec.Format); given != t.Provider {
		return spec, errs.New("_LEGACY_ERROR_TEMP_1192", "source", given, "tableName", spec.Table, "provider", t.Provider)
	}
	if len(spec.PartitionBy) == 0 {
		spec.PartitionBy = t.PartitionBy
	}
	options := map[string]string{}
	for k, v := range t.Options {
		options[k] = v
	}
	for k, v := range spec.Options {
		if !strings.EqualFold(k, "path") {
			options[k] = v
		}
	}
	spec.Options, spec.Format = options, t.Provider
	spec.Path, err = s.folderOf(t)
	return spec, err
}

// makeTable makes a table without rows.
func (s *Session) makeTable(name string, schema types.Struct, spec TableSpec) (*table, error) {
	t, err := s.newTable(name, schema, spec)
	if err != nil {
		return nil, err
	}
	if t.Location == "" {
		if err := s.occupied(name); err != nil {
			return nil, err
		}
		dir, err := s.folderOf(t)
		if err != nil {
			return nil, err
		}
		if err := s.engine.fs.MkdirAll(dir); err != nil {
			return nil, err
		}
		if err := s.engine.fs.SyncDir(path.Dir(dir)); err != nil {
			return nil, err
		}
	}
	return t, s.keepTable(t)
}
