package sql_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/functions"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/sql"
	"pysparkcompat/engine/types"
)

// Every row of the function table has examples, and each of them gives what it says: parsed, analysed without a FROM,
// evaluated twice (as written, and with its constants folded), and compared as text.
func TestFunctionExamples(t *testing.T) {
	for _, row := range functions.Rows() {
		if len(row.Examples) == 0 {
			t.Errorf("%s has no example", row.Name)
		}
		for _, ex := range row.Examples {
			for _, folded := range []bool{false, true} {
				got, err := value(ex.SQL, folded)
				switch e := errs.As(err); {
				case err != nil && e == nil:
					t.Errorf("%s: %s: %v", row.Name, ex.SQL, err)
				case ex.Error != "" && (e == nil || e.Name != ex.Error):
					t.Errorf("%s: %s: %q, %v, want %s", row.Name, ex.SQL, got, err, ex.Error)
				case ex.Error == "" && err != nil:
					t.Errorf("%s: %s: %v", row.Name, ex.SQL, err)
				case ex.Error == "" && got != ex.Value:
					t.Errorf("%s: %s: %q, want %q (folded: %v)", row.Name, ex.SQL, got, ex.Value, folded)
				}
			}
		}
	}
}

// value is the text of an expression's value: CAST(… AS STRING), a line a row.
func value(text string, folded bool) (string, error) {
	plan, err := sql.ParseQuery("SELECT " + text)
	if err != nil {
		return "", err
	}
	a := &logical.Analyzer{Catalog: nothing{}, Conf: logical.Settings{ANSI: true, Zone: "UTC"}}
	if plan, err = a.Analyze(plan); err != nil {
		return "", err
	}
	run := &oneRow{mem: memory.NewGoAllocator()}
	if folded {
		run.how = "folded"
	}
	c := &expr.Context{Mem: run.mem, Zone: time.UTC, ANSI: true, NowMicros: 1704067200000000, Seed: 1}
	b, err := run.rows(c, plan)
	if err != nil {
		return "", err
	}
	if b.NumCols() != 1 {
		return "", fmt.Errorf("%d columns", b.NumCols())
	}
	s, err := c.Cast(b.Column(0), plan.Output()[0].DataType, types.String, expr.CastANSI)
	if err != nil {
		return "", err
	}
	lines := make([]string, s.Len())
	for i := range lines {
		if lines[i] = "NULL"; !s.IsNull(i) {
			lines[i] = s.(*array.String).Value(i)
		}
	}
	return strings.Join(lines, "\n"), nil
}

type nothing struct{}

func (nothing) Open(*logical.Scan) (*logical.Scan, error) { return nil, errs.Internal("no source") }
func (nothing) Table([]string, map[string]string, bool) (logical.Plan, error) {
	return nil, nil
}
