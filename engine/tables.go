package engine

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path"
	"regexp"
	"sort"
	"strings"

	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/source"
	"pysparkcompat/engine/types"
	"pysparkcompat/engine/vfs"
)

// The session catalog: one catalog, spark_catalog, with one database, default. A table is a file of JSON in the folder
// _tables of the warehouse, so that it survives the process; whoever asks reads that file. A folder without such a file
// is no table.

const (
	ourCatalog  = "spark_catalog"
	ourDatabase = "default"
	tableFolder = "_tables"
)

// table is what the catalog keeps of a table.
type table struct {
	Name     string          `json:"name"`
	Provider string          `json:"provider"`
	Schema   json.RawMessage `json:"schema"` // partition columns last
	// PartitionBy are the names of the partition columns.
	PartitionBy []string `json:"partitionBy,omitempty"`
	// Location is where the files of an external table lie; a managed one has the warehouse's folder of its name.
	Location    string            `json:"location,omitempty"`
	Options     map[string]string `json:"options,omitempty"`
	Description string            `json:"description,omitempty"`
	Properties  map[string]string `json:"properties,omitempty"`
}

func (t *table) columns() (types.Struct, error) {
	schema, err := types.FromJSON(string(t.Schema))
	if err != nil {
		return types.Struct{}, err
	}
	return schema.(types.Struct), nil
}

func (t *table) identifier() string { return fullName(t.Name) }
func (t *table) plain() string      { return ourCatalog + "." + ourDatabase + "." + t.Name }

func fullName(name string) string {
	return "`" + ourCatalog + "`.`" + ourDatabase + "`.`" + name + "`"
}

// isPartition says that a column names folders.
func (t *table) isPartition(column string) bool {
	for _, p := range t.PartitionBy {
		if p == column {
			return true
		}
	}
	return false
}

// warehouse is the folder of managed tables.
func (s *Session) warehouse() (string, error) {
	return source.LocalPath(s.absolute([]string{s.conf.String(conf.WarehouseDir)})[0])
}

// folderOf is where a table's files lie.
func (s *Session) folderOf(t *table) (string, error) {
	if t.Location != "" {
		return t.Location, nil
	}
	dir, err := s.warehouse()
	return path.Join(dir, t.Name), err
}

// tableKey is a name as the catalog knows it: without case, unless the session minds it.
func (s *Session) tableKey(name string) string {
	if s.conf.Bool(conf.CaseSensitive) {
		return name
	}
	return strings.ToLower(name)
}

// local takes the catalog and the database off a table's name; ok is false where they are not ours.
func (s *Session) local(parts []string) (name string, ok bool) {
	switch n := len(parts); {
	case n == 1:
		return s.tableKey(parts[0]), true
	case n == 2 && strings.EqualFold(parts[0], ourDatabase),
		n == 3 && strings.EqualFold(parts[0], ourCatalog) && strings.EqualFold(parts[1], ourDatabase):
		return s.tableKey(parts[n-1]), true
	}
	return "", false
}

// newName is the name of a table to be made.
func (s *Session) newName(parts []string) (string, error) {
	name, ok := s.local(parts)
	switch {
	case !ok && len(parts) == 2:
		return "", errs.New("SCHEMA_NOT_FOUND", "schemaName", "`"+ourCatalog+"`.`"+parts[0]+"`")
	case !ok:
		return "", errs.New("REQUIRES_SINGLE_PART_NAMESPACE", "sessionCatalog", ourCatalog, "identifier", quoted(parts))
	case !word.MatchString(name):
		return "", errs.New("INVALID_SCHEMA_OR_RELATION_NAME", "name", quoted(strings.Split(name, ".")))
	}
	return name, nil
}

var word = regexp.MustCompile(`^\w+$`)

func quoted(parts []string) string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = "`" + strings.ReplaceAll(p, "`", "``") + "`"
	}
	return strings.Join(out, ".")
}

func (s *Session) tableFile(name string) (string, error) {
	dir, err := s.warehouse()
	return path.Join(dir, tableFolder, name+".json"), err
}

// findTable reads a table's entry; nil where there is none.
func (s *Session) findTable(name string) (*table, error) {
	if !word.MatchString(name) {
		return nil, nil
	}
	file, err := s.tableFile(name)
	if err != nil {
		return nil, err
	}
	text, err := vfs.ReadFile(s.engine.fs, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var t table
	if err := json.Unmarshal(text, &t); err != nil {
		return nil, errs.New(errs.Unnamed+"TABLE_FILE", "path", file, "reason", err.Error())
	}
	return &t, nil
}

// keepTable writes a table's entry, durably; one of that name is replaced.
func (s *Session) keepTable(t *table) error {
	file, err := s.tableFile(t.Name)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(t, "", " ")
	if err != nil {
		return err
	}
	files := s.engine.fs
	if err := files.MkdirAll(path.Dir(file)); err != nil {
		return err
	}
	temporary := path.Join(path.Dir(file), "."+t.Name+"."+newID())
	if err := vfs.WriteFile(files, temporary, append(text, '\n'), true); err != nil {
		files.Remove(temporary) //nolint:errcheck // the cause is reported
		return err
	}
	return vfs.Replace(files, temporary, file)
}

// removeTable forgets a table; the files of a managed one go too.
func (s *Session) removeTable(t *table) error {
	s.forgetCached(t.Name)
	file, err := s.tableFile(t.Name)
	if err != nil {
		return err
	}
	if err := s.engine.fs.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := s.engine.fs.SyncDir(path.Dir(file)); err != nil {
		return err
	}
	if t.Location != "" {
		return nil
	}
	dir, err := s.folderOf(t)
	if err != nil {
		return err
	}
	return s.engine.fs.RemoveAll(dir)
}

// allTables are the catalog's tables by name.
func (s *Session) allTables() ([]*table, error) {
	dir, err := s.warehouse()
	if err != nil {
		return nil, err
	}
	entries, err := s.engine.fs.ReadDir(path.Join(dir, tableFolder))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []*table
	for _, e := range entries {
		name, ok := strings.CutSuffix(e.Name(), ".json")
		if !ok {
			continue
		}
		t, err := s.findTable(name)
		if err != nil {
			return nil, err
		}
		if t != nil {
			out = append(out, t)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Name < out[j].Name })
	return out, nil
}

// occupied refuses a folder that has something in it and belongs to no table.
func (s *Session) occupied(name string) error {
	dir, err := s.warehouse()
	if err != nil {
		return err
	}
	dir = path.Join(dir, name)
	entries, err := s.engine.fs.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	return errs.New("LOCATION_ALREADY_EXISTS", "location", "'file:"+dir+"'", "identifier", fullName(name))
}
