package sql_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/functions"
	"pysparkcompat/engine/sql"
	"pysparkcompat/engine/types"
)

// typed binds an unresolved tree without columns, from its leaves up.
func typed(e expr.Expr) (expr.Expr, error) {
	env := &functions.Env{ANSI: true, Zone: "UTC", ParseType: types.ParseSchema}
	return expr.Transform(e, func(n expr.Expr) (expr.Expr, error) {
		switch n := n.(type) {
		case *expr.Call:
			return functions.Bind(env, n)
		case *expr.Cast:
			if n.Mode == expr.CastSession {
				o := *n
				o.Mode = expr.CastANSI
				return &o, expr.CheckCast(&o)
			}
		}
		return n, nil
	})
}

// value computes constant SQL text and gives it as a cast to string shows it.
func value(mem memory.Allocator, text string) (string, error) {
	e, err := sql.ParseExpression(text)
	if err != nil {
		return "", err
	}
	if e, err = typed(e); err != nil {
		return "", err
	}
	if e.Type().Kind() != types.KString {
		e = &expr.Cast{Child: e, To: types.String, Mode: expr.CastANSI}
	}
	run, err := expr.Compile(e, nil)
	if err != nil {
		return "", err
	}
	one := array.NewRecordBatch(arrow.NewSchema(nil, nil), nil, 1)
	defer one.Release()
	v, err := run.Eval(&expr.Context{Mem: mem, Zone: time.UTC, ANSI: true, NowMicros: 1_600_000_000_000_000}, one)
	if err != nil {
		return "", err
	}
	defer v.Release()
	if v.IsNull(0) {
		return "NULL", nil
	}
	return v.Array.(*array.String).Value(0), nil
}

// TestExamples runs the examples of every scalar function. EXAMPLES narrows it to names with a prefix.
func TestExamples(t *testing.T) {
	for _, row := range functions.Rows() {
		if !strings.HasPrefix(row.Name, os.Getenv("EXAMPLES")) {
			continue
		}
		for _, x := range row.Examples {
			mem := memory.NewCheckedAllocator(memory.DefaultAllocator)
			got, err := value(mem, x.SQL)
			mem.AssertSize(t, 0)
			switch e := errs.As(err); {
			case err != nil && e == nil:
				t.Errorf("%s: %v", x.SQL, err)
			case e != nil && (x.Error == "" || e.Name != x.Error):
				t.Errorf("%s: %v, want %s%s", x.SQL, err, x.Value, x.Error)
			case e == nil && (x.Error != "" || got != x.Value):
				t.Errorf("%s: got %q, want %q %s", x.SQL, got, x.Value, x.Error)
			}
		}
	}
}
