package engine

import (
	"context"
	"errors"
	"io/fs"
	"path"
	"strings"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/source"
	"pysparkcompat/engine/sql"
	"pysparkcompat/engine/types"
)

// Command is a SQL statement that is no query.
type Command = sql.Command

// ParseCommand reads a statement that is no query; nil for a query.
func (s *Session) ParseCommand(text string, args SQLArgs) (Command, error) {
	return sql.ParseCommand(text, args)
}

// RunCommand runs a statement and gives its rows, of which most have none.
func (s *Session) RunCommand(ctx context.Context, c Command) (*Frame, error) {
	var err error
	switch c := c.(type) {
	case *sql.CreateTable:
		err = s.createTable(ctx, c)
	case *sql.ReplaceTable:
		err = errs.New("UNSUPPORTED_FEATURE.TABLE_OPERATION", "tableName", fullName(s.tableKey(c.Name[len(c.Name)-1])), "operation", "REPLACE TABLE")
	case *sql.DropTable:
		err = s.dropTable(c.Name, c.IfExists)
	case *sql.DropView:
		if len(c.Name) == 1 && s.isView(c.Name[0]) {
			s.DropView(c.Name[0])
		} else if !c.IfExists {
			err = notFound(c.Name, searched)
		}
	case *sql.Insert:
		err = s.insertRows(ctx, c)
	case *sql.Truncate:
		err = s.truncate(c.Name)
	case *sql.ShowTables:
		return s.showTables(c)
	case *sql.Setting:
		return s.setting(c)
	case *sql.CreateView:
		var f *Frame
		if f, err = s.Analyze(c.Query); err == nil {
			err = s.CreateView(quoted(c.Name), f, c.Replace)
		}
	default:
		err = errs.Internal("no way to run %T", c)
	}
	if err != nil {
		return nil, err
	}
	return s.RowsFrame(types.Struct{}, nil)
}

func (s *Session) createTable(ctx context.Context, c *sql.CreateTable) error {
	name, err := s.newName(c.Name)
	if err != nil {
		return err
	}
	old, err := s.findTable(name)
	if err != nil {
		return err
	}
	if old != nil && c.IfNotExists {
		return nil
	}
	if old != nil {
		return errs.New("TABLE_OR_VIEW_ALREADY_EXISTS", "relationName", old.identifier())
	}
	spec := TableSpec{Name: name, Format: c.Provider, Mode: ErrorIfExists, Options: c.Options, PartitionBy: c.PartitionBy,
		Description: c.Comment, Properties: c.Properties}
	if c.Location != "" {
		spec.Options = with(spec.Options, "path", c.Location)
	}
	if c.Query != nil {
		f, err := s.Analyze(c.Query)
		if err != nil {
			return err
		}
		return s.saveTable(ctx, f, c.Name, spec)
	}
	return s.CreateTable(ctx, name, c.Columns, spec)
}

// CreateTable makes a table without a query; without columns its files say what they are.
func (s *Session) CreateTable(ctx context.Context, name string, columns *types.Struct, spec TableSpec) error {
	if columns == nil {
		place := option(spec.Options, "path")
		if place == "" {
			return errs.New("UNABLE_TO_INFER_SCHEMA", "format", label(s.formatOf(spec.Format)))
		}
		found, err := source.OpenTable(ctx, s.formatOf(spec.Format), s.sourceEnv(withoutPath(spec.Options), nil, s.absolute([]string{place})))
		if err != nil {
			return err
		}
		schema := nullable(found.Schema())
		columns = &schema
	}
	_, err := s.makeTable(name, nullable(*columns), spec)
	return err
}

// label is a format's name in messages.
func label(provider string) string {
	if provider == "parquet" {
		return "Parquet"
	}
	return strings.ToUpper(provider)
}

func withoutPath(options map[string]string) map[string]string {
	out := map[string]string{}
	for k, v := range options {
		if !strings.EqualFold(k, "path") {
			out[k] = v
		}
	}
	return out
}

// dropTable drops a view of the name, else the table.
func (s *Session) dropTable(parts []string, ifExists bool) error {
	if len(parts) == 1 && s.isView(parts[0]) {
		s.DropView(parts[0])
		return nil
	}
	if name, ok := s.local(parts); ok {
		t, err := s.findTable(name)
		if err != nil {
			return err
		}
		if t != nil {
			return s.removeTable(t)
		}
	}
	if ifExists {
		return nil
	}
	if len(parts) == 1 {
		parts = []string{ourCatalog, ourDatabase, parts[0]}
	}
	return notFound(parts, dropSearched)
}

// dropSearched is where PySpark says it looked for what is to be dropped.
const dropSearched = "[`" + ourCatalog + "`.`" + ourDatabase + "`]"

func (s *Session) insertRows(ctx context.Context, c *sql.Insert) error {
	t, err := s.target(c.Name)
	if err != nil {
		return err
	}
	f, err := s.Analyze(c.Query)
	if err != nil {
		return err
	}
	mode := Append
	if c.Overwrite {
		mode = Overwrite
	}
	return s.insert(ctx, f, t, c.Columns, mode, nil)
}

// truncate removes the rows of a managed table.
func (s *Session) truncate(parts []string) error {
	name, ok := s.local(parts)
	if !ok {
		return notFound(parts, searched)
	}
	t, err := s.findTable(name)
	if err != nil {
		return err
	}
	if t == nil {
		return notFound(parts, searched)
	}
	if t.Location != "" {
		return errs.New("CANNOT_TRUNCATE_EXTERNAL_TABLE", "tableName", t.identifier())
	}
	dir, err := s.folderOf(t)
	if err != nil {
		return err
	}
	entries, err := s.engine.fs.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range entries {
		if err := s.engine.fs.RemoveAll(path.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	s.refreshCached(name)
	return nil
}

func (s *Session) showTables(c *sql.ShowTables) (*Frame, error) {
	pattern := c.Pattern
	if pattern == "" {
		pattern = "*"
	}
	found, err := s.TablesIn(strings.Join(c.Database, "."), pattern)
	if err != nil {
		return nil, err
	}
	schema := types.Struct{Fields: []types.Field{{Name: "namespace", Type: types.String}, {Name: "tableName", Type: types.String}, {Name: "isTemporary", Type: types.Boolean}}}
	mem, n := s.engine.mem, len(found)
	spaces, names := batch.NewStrings(mem, n, n*8), batch.NewStrings(mem, n, n*16)
	temporary := batch.NewMarks(mem, n, false)
	for i, t := range found {
		if t.Temporary {
			temporary.Set(i)
			spaces.AppendString("")
		} else {
			spaces.AppendString(ourDatabase)
		}
		names.AppendString(t.Name)
	}
	b := batch.Make(types.ArrowSchema(schema), []arrow.Array{spaces.Done(arrow.BinaryTypes.String, nil), names.Done(arrow.BinaryTypes.String, nil), temporary.Done(nil)}, n)
	defer b.Release()
	return s.RowsFrame(schema, []arrow.RecordBatch{b})
}
