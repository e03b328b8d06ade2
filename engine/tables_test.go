package engine_test

import (
	"context"
	"strings"
	"testing"

	"pysparkcompat/engine"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/vfs"
)

// statement runs a text and gives what a query shows, in one line, or the condition of what it raises.
func statement(t *testing.T, s *engine.Session, text string) string {
	t.Helper()
	ctx := context.Background()
	said := func(err error) string {
		if e := errs.As(err); e != nil {
			return e.Name
		}
		return err.Error()
	}
	c, err := s.ParseCommand(text, engine.SQLArgs{})
	if err != nil {
		return said(err)
	}
	var f *engine.Frame
	if c != nil {
		f, err = s.RunCommand(ctx, c)
	} else if p, e := s.ParseQuery(text); e != nil {
		err = e
	} else {
		f, err = s.Analyze(p)
	}
	if err != nil {
		return said(err)
	}
	shown, err := s.Show(ctx, f, 20, 0, false)
	if err != nil {
		return said(err)
	}
	var rows []string
	for i, line := range strings.Split(shown, "\n") {
		if i > 2 && strings.HasPrefix(line, "|") {
			rows = append(rows, strings.Join(strings.Fields(strings.ReplaceAll(line, "|", " ")), ","))
		}
	}
	return strings.Join(rows, " ")
}

type step struct{ text, want string }

func walk(t *testing.T, s *engine.Session, steps []step) {
	t.Helper()
	for _, c := range steps {
		if got := statement(t, s, c.text); got != c.want {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
}

func TestTablesOutliveTheirSession(t *testing.T) {
	m := vfs.NewMemory()
	s := filesSession(t, m)
	walk(t, s, []step{
		{"CREATE TABLE t (id INT, k STRING) USING json PARTITIONED BY (k)", ""},
		{"INSERT INTO t VALUES (1, 'a'), (2, 'b')", ""},
		{"INSERT INTO t (k, id) VALUES ('c', 3)", ""},
		{"SELECT * FROM t ORDER BY id", "1,a 2,b 3,c"},
		{"CREATE TABLE t (id INT) USING json", "TABLE_OR_VIEW_ALREADY_EXISTS"},
		{"CREATE TABLE u USING parquet AS SELECT id * 10 AS tens FROM t", ""},
		{"INSERT OVERWRITE u SELECT tens FROM u", "UNSUPPORTED_OVERWRITE.TABLE"},
		{"INSERT INTO u SELECT 'x'", "INCOMPATIBLE_DATA_FOR_TABLE.CANNOT_SAFELY_CAST"},
		{"INSERT INTO u SELECT 1, 2", "INSERT_COLUMN_ARITY_MISMATCH.TOO_MANY_DATA_COLUMNS"},
		{"INSERT INTO u SELECT 99999999999", "CAST_OVERFLOW_IN_TABLE_INSERT"},
		{"SHOW TABLES", "default,t,false default,u,false"},
	})
	s.Close()
	s = filesSession(t, m)
	defer s.Close()
	walk(t, s, []step{
		{"SELECT sum(tens) FROM u", "60"},
		{"SELECT id FROM default.t WHERE t.k = 'b'", "2"},
		{"INSERT OVERWRITE u SELECT 7", ""},
		{"SELECT * FROM spark_catalog.default.u", "7"},
		{"TRUNCATE TABLE t", ""},
		{"SELECT count(*) FROM t", "0"},
		{"DROP TABLE t", ""}, {"DROP TABLE t", "TABLE_OR_VIEW_NOT_FOUND"}, {"DROP TABLE IF EXISTS t", ""},
		{"SELECT * FROM t", "TABLE_OR_VIEW_NOT_FOUND"},
		{"SELECT * FROM a.b.c", "REQUIRES_SINGLE_PART_NAMESPACE"},
		{"CREATE TABLE other.t (id INT) USING json", "SCHEMA_NOT_FOUND"},
		{"CREATE TABLE `a b` (id INT) USING json", "INVALID_SCHEMA_OR_RELATION_NAME"},
		{"SHOW TABLES LIKE 'u|x*'", "default,u,false"},
	})
	if _, err := m.Stat("/spark-warehouse/t"); err == nil {
		t.Error("the files of a dropped table are still there")
	}
}

func TestAFolderIsNoTable(t *testing.T) {
	m := vfs.NewMemory()
	s := filesSession(t, m)
	defer s.Close()
	walk(t, s, []step{{"CREATE TABLE made USING json AS SELECT 1 AS a", ""}})
	if err := m.Rename("/spark-warehouse/made", "/spark-warehouse/plain"); err != nil {
		t.Fatal(err)
	}
	walk(t, s, []step{
		{"SELECT * FROM plain", "TABLE_OR_VIEW_NOT_FOUND"},
		{"CREATE TABLE plain (a INT) USING json", "LOCATION_ALREADY_EXISTS"},
		{"SELECT * FROM made", ""},
		{"CREATE TABLE ext USING json LOCATION '/spark-warehouse/plain'", ""},
		{"SELECT * FROM ext", "1"},
		{"TRUNCATE TABLE ext", "CANNOT_TRUNCATE_EXTERNAL_TABLE"},
		{"DROP TABLE ext", ""},
	})
	if _, err := m.Stat("/spark-warehouse/plain"); err != nil {
		t.Error(err)
	}
}

func TestMetadataIsHiddenUntilItIsNamed(t *testing.T) {
	s := filesSession(t, inputFiles(t))
	defer s.Close()
	walk(t, s, []step{
		{"CREATE TABLE t (k STRING) USING json LOCATION '/in'", ""},
		{"SELECT * FROM t LIMIT 1", "k0"},
		{"SELECT DISTINCT k, _metadata.file_name FROM t WHERE _metadata.file_name = '1.json' ORDER BY k", "k0,1.json k1,1.json k2,1.json"},
		{"SELECT _metadata.file_name AS f, count(*) FROM t GROUP BY _metadata.file_name ORDER BY f", "0.json,12 1.json,12 2.json,12 3.json,12"},
		{"SELECT DISTINCT t._metadata.file_path FROM t WHERE t._metadata.file_block_start = 0 AND _metadata.file_name < '1'", "file:///in/0.json"},
		{"SELECT * FROM t WHERE _metadata.file_name = '2.json' AND k = 'k1' LIMIT 1", "k1"},
		{"SELECT file_size = file_block_length FROM (SELECT _metadata.* FROM t LIMIT 1)", "true"},
		{"SELECT m.file_name FROM (SELECT _metadata AS m, k FROM t) WHERE k = 'k0' AND m.file_name = '3.json' LIMIT 1", "3.json"},
		{"SELECT k FROM t ORDER BY _metadata.file_name DESC, k LIMIT 1", "k0"},
		{"SELECT _metadata.nothing FROM t", "FIELD_NOT_FOUND"},
		{"SELECT _metadata FROM (SELECT 1)", "UNRESOLVED_COLUMN.WITH_SUGGESTION"},
		{"SELECT _metadata FROM (SELECT 'own' AS _metadata)", "own"},
	})
}
