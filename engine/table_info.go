package engine

import (
	"encoding/json"
	"path"
	"regexp"
	"sort"
	"strings"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/sql"
	"pysparkcompat/engine/types"
)

// TableInfo is what the catalog says of a table or view. Description is nil where there is none.
type TableInfo struct {
	Name        string
	Description *string
	Kind        string // MANAGED, EXTERNAL or TEMPORARY
	Temporary   bool
}

// ColumnInfo is what the catalog says of a column.
type ColumnInfo struct {
	Name, Type  string
	Description *string
	Nullable    bool
	Partition   bool
}

func (s *Session) isView(name string) bool {
	key := strings.ToLower(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.views[key] != nil || s.tables[key] != nil
}

func about(t *table) TableInfo {
	out := TableInfo{Name: t.Name, Kind: "MANAGED"}
	if t.Location != "" {
		out.Kind = "EXTERNAL"
	}
	if t.Description != "" {
		out.Description = &t.Description
	}
	return out
}

// database refuses every database but the one there is.
func (s *Session) database(name string) error {
	if name == "" || s.DatabaseExists(name) {
		return nil
	}
	parts, err := sql.ParseName(name)
	if err != nil {
		return err
	}
	return errs.New("SCHEMA_NOT_FOUND", "schemaName", "`"+ourCatalog+"`.`"+parts[len(parts)-1]+"`")
}

// DatabaseExists says whether a name, perhaps with the catalog's before it, is that of the one database.
func (s *Session) DatabaseExists(name string) bool {
	parts, err := sql.ParseName(name)
	if err != nil {
		return false
	}
	return len(parts) == 1 && strings.EqualFold(parts[0], ourDatabase) ||
		len(parts) == 2 && strings.EqualFold(parts[0], ourCatalog) && strings.EqualFold(parts[1], ourDatabase)
}

// CheckDatabase raises SCHEMA_NOT_FOUND for every database but the one there is.
func (s *Session) CheckDatabase(name string) error { return s.database(name) }

// Warehouse is the folder of the database.
func (s *Session) Warehouse() (string, error) { return s.warehouse() }

// Matches is Spark's pattern of names: * for any text, | between alternatives, without case.
func Matches(pattern, name string) bool {
	for _, p := range strings.Split(strings.TrimSpace(pattern), "|") {
		re, err := regexp.Compile("(?i)^(?:" + strings.ReplaceAll(p, "*", ".*") + ")$")
		if err == nil && re.MatchString(name) {
			return true
		}
	}
	return false
}

// TablesIn are the tables of a database and the temporary views whose names match.
func (s *Session) TablesIn(database, pattern string) ([]TableInfo, error) {
	if err := s.database(database); err != nil {
		return nil, err
	}
	tables, err := s.allTables()
	if err != nil {
		return nil, err
	}
	var out []TableInfo
	for _, t := range tables {
		if Matches(pattern, t.Name) {
			out = append(out, about(t))
		}
	}
	s.mu.Lock()
	var names []string
	for name := range s.views {
		names = append(names, name)
	}
	for name := range s.tables {
		if s.views[name] == nil {
			names = append(names, name)
		}
	}
	s.mu.Unlock()
	sort.Strings(names)
	for _, name := range names {
		if Matches(pattern, name) {
			out = append(out, TableInfo{Name: name, Kind: "TEMPORARY", Temporary: true})
		}
	}
	return out, nil
}

// named is where the catalog's own calls look.
const named = "[`system`.`session`, `spark_catalog`.`default`]"

// Info is what the catalog says of one table or view, InfoOf the same where a query looks for it.
func (s *Session) Info(name string) (TableInfo, error)   { return s.info(name, named) }
func (s *Session) InfoOf(name string) (TableInfo, error) { return s.info(name, searched) }

func (s *Session) info(name, path string) (TableInfo, error) {
	parts, err := sql.ParseName(name)
	if err != nil {
		return TableInfo{}, err
	}
	if len(parts) == 1 && s.isView(parts[0]) {
		return TableInfo{Name: parts[0], Kind: "TEMPORARY", Temporary: true}, nil
	}
	t, err := s.known(parts, path)
	if err != nil {
		return TableInfo{}, err
	}
	return about(t), nil
}

// known is a table of the catalog.
func (s *Session) known(parts []string, path string) (*table, error) {
	if name, ok := s.local(parts); ok {
		if t, err := s.findTable(name); t != nil || err != nil {
			return t, err
		}
	}
	return nil, notFound(parts, path)
}

// Columns are those of a table or view.
func (s *Session) Columns(name string) ([]ColumnInfo, error) {
	parts, err := sql.ParseName(name)
	if err != nil {
		return nil, err
	}
	var t *table
	var schema types.Struct
	if len(parts) == 1 && s.isView(parts[0]) {
		f, err := s.Analyze(&logical.Named{Parts: parts})
		if err != nil {
			return nil, err
		}
		schema = f.Schema()
	} else {
		if t, err = s.known(parts, named); err != nil {
			return nil, err
		}
		if schema, err = t.columns(); err != nil {
			return nil, err
		}
	}
	out := make([]ColumnInfo, len(schema.Fields))
	for i, f := range schema.Fields {
		out[i] = ColumnInfo{Name: f.Name, Type: f.Type.String(), Nullable: f.Nullable, Partition: t != nil && t.isPartition(f.Name), Description: comment(f)}
	}
	return out, nil
}

// comment is what COMMENT said of a column, or nil.
func comment(f types.Field) *string {
	var m struct {
		Comment *string `json:"comment"`
	}
	if f.Metadata == "" || json.Unmarshal([]byte(f.Metadata), &m) != nil {
		return nil
	}
	return m.Comment
}

// TableNamed makes a table by spark.catalog.createTable, whose name may have the database before it.
func (s *Session) TableNamed(name string) (string, error) {
	parts, err := sql.ParseName(name)
	if err != nil {
		return "", err
	}
	key, err := s.newName(parts)
	if err != nil {
		return "", err
	}
	old, err := s.findTable(key)
	if err == nil && old != nil {
		err = errs.New("TABLE_OR_VIEW_ALREADY_EXISTS", "relationName", old.identifier())
	}
	return key, err
}

// DropTable is spark.catalog.dropTable, Truncate truncateTable.
func (s *Session) DropTable(name string, ifExists bool) error {
	parts, err := sql.ParseName(name)
	if err != nil {
		return err
	}
	if len(parts) == 1 {
		parts = []string{ourCatalog, ourDatabase, parts[0]}
	}
	return s.dropTable(parts, ifExists)
}

func (s *Session) Truncate(name string) error {
	parts, err := sql.ParseName(name)
	if err != nil {
		return err
	}
	return s.truncate(parts)
}

// Refresh forgets what is kept of a table or view, which must be there.
func (s *Session) Refresh(name string) error {
	parts, err := sql.ParseName(name)
	if err != nil {
		return err
	}
	if len(parts) == 1 && s.isView(parts[0]) {
		return nil
	}
	t, err := s.known(parts, searched)
	if err != nil {
		return err
	}
	s.refreshCached(t.Name)
	return nil
}

// RefreshPath forgets what is kept of tables whose files lie under a path.
func (s *Session) RefreshPath(place string) error {
	tables, err := s.allTables()
	if err != nil {
		return err
	}
	place = strings.TrimSuffix(s.absolute([]string{place})[0], "/")
	for _, t := range tables {
		dir, err := s.folderOf(t)
		if err != nil {
			return err
		}
		if dir = path.Clean(dir); dir == place || strings.HasPrefix(dir, place+"/") {
			s.refreshCached(t.Name)
		}
	}
	return nil
}

// tablePlan is a scan of a table's files.
func (s *Session) tablePlan(t *table, options map[string]string, stream bool) (logical.Plan, error) {
	schema, err := t.columns()
	if err != nil {
		return nil, err
	}
	dir, err := s.folderOf(t)
	if err != nil {
		return nil, err
	}
	merged := map[string]string{}
	for _, m := range []map[string]string{t.Options, options} {
		for k, v := range m {
			merged[k] = v
		}
	}
	return &logical.Scan{Format: t.Provider, Paths: []string{dir}, Schema: &schema, Options: merged, Stream: stream,
		Table: []string{ourCatalog, ourDatabase, t.Name}, Partitions: append([]string{}, t.PartitionBy...)}, nil
}
