package sql_test

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/sql"
	"pysparkcompat/engine/types"
)

func TestZZ(t *testing.T) {
	b, err := os.ReadFile("/tmp/exq/a.json")
	if err != nil {
		t.Skip()
	}
	type ans struct {
		Schema []struct {
			Name     string
			Type     any
			Nullable bool
		}
		Value  []string
		Str    *string
		Error  any
		Params map[string]string
		Class  string
	}
	var all map[string]map[string]ans
	json.Unmarshal(b, &all)
	good, bad := 0, 0
	for _, mode := range []string{"true", "false"} {
		for q, w := range all[mode] {
			got := func() (out string) {
				defer func() {
					if r := recover(); r != nil {
						out = fmt.Sprint("PANIC ", r)
					}
				}()
				return zz(q, mode == "true")
			}()
			want := ""
			if w.Error != nil || w.Class != "" {
				want = fmt.Sprintf("ERR %v %s", w.Error, w.Class)
				keys := []string{}
				for k, v := range w.Params {
					keys = append(keys, k+"="+v)
				}
				want += sortJoin(keys)
			} else {
				for _, f := range w.Schema {
					ty := f.Type
					if m, ok := ty.(map[string]any); ok {
						ty = m["type"]
					}
					want += fmt.Sprintf("%s %v %v;", f.Name, ty, f.Nullable)
				}
				if len(w.Value) == 1 {
					s := w.Value[0]
					if w.Str != nil {
						s = *w.Str
					}
					if s == "None" {
						s = "NULL"
					}
					if s=="True" {s="true"}
					if s=="False" {s="false"}
					want += " = " + s
				} else {
					want += " = " + strings.Join(w.Value, ",")
				}
			}
			if got != want {
				bad++
				t.Errorf("[%s] %s\n   got  %s\n   want %s", mode, q, got, want)
			} else {
				good++
			}
		}
	}
	t.Logf("good %d bad %d", good, bad)
}

func sortJoin(k []string) string {
	for i := range k {
		for j := i + 1; j < len(k); j++ {
			if k[j] < k[i] {
				k[i], k[j] = k[j], k[i]
			}
		}
	}
	return " " + strings.Join(k, "; ")
}

func zz(q string, ansi bool) string {
	fail := func(err error) string {
		e := errs.As(err)
		if e == nil {
			return "ERR?? " + err.Error()
		}
		keys := []string{}
		for k, v := range e.Params {
			keys = append(keys, k+"="+v)
		}
		name := any(e.Name)
		if e.Name == "" {
			name = nil
		}
		return fmt.Sprintf("ERR %v %s", name, e.Class) + sortJoin(keys)
	}
	e, err := sql.ParseNamedExpression(q)
	if err != nil {
		return fail(err)
	}
	a := &logical.Analyzer{Catalog: nothing{}, Conf: logical.Settings{ANSI: ansi, Zone: "America/Los_Angeles"}}
	plan, err := a.Analyze(&logical.Project{Child: &logical.Range{End: 1, Step: 1}, Exprs: []expr.Expr{e}})
	if err != nil {
		return fail(err)
	}
	loc, _ := time.LoadLocation("America/Los_Angeles")
	c := &expr.Context{Mem: memory.NewGoAllocator(), Zone: loc, ANSI: ansi, NowMicros: 1704067200000000, Seed: 1, Partition: 1}
	b, err := zzRows(plan, c)
	if err != nil {
		return fail(err)
	}
	out := ""
	for _, o := range plan.Output() {
		k := o.DataType.String()
		switch o.DataType.Kind() {
		case types.KArray:
			k = "array"
		case types.KMap:
			k = "map"
		case types.KStruct:
			k = "struct"
		case types.KByte:
			k = "byte"
		case types.KShort:
			k = "short"
		case types.KInt:
			k = "integer"
		case types.KLong:
			k = "long"
		}
		out += fmt.Sprintf("%s %v %v;", o.Name, k, o.Null)
	}
	vals := []string{}
	for i, o := range plan.Output() {
		s, err := c.Cast(b.Column(i), o.DataType, types.String, expr.CastANSI)
		if err != nil {
			return fail(err)
		}
		v := "NULL"
		if s.Len() == 0 {
			v = "(no rows)"
		} else if !s.IsNull(0) {
			v = s.(*array.String).Value(0)
		}
		vals = append(vals, v)
	}
	return out + " = " + strings.Join(vals, ",")
}

func zzRows(p logical.Plan, c *expr.Context) (arrow.RecordBatch, error) {
	if len(p.Children()) == 0 {
		f := array.NewInt64Builder(c.Mem)
		f.Append(0)
		return batchOf([]arrow.Array{f.NewArray()}, 1), nil
	}
	in, err := zzRows(p.Children()[0], c)
	if err != nil {
		return nil, err
	}
	input := p.Children()[0].Output()
	switch n := p.(type) {
	case *logical.Project:
		return columns(n.Exprs, input, in, c, nil)
	case *logical.Aggregate:
		return aggregated(n, input, in, c)
	case *logical.Generate:
		g, err := generated(n, input, in, c)
		if err != nil {
			return nil, err
		}
		if len(p.Output()) > int(g.NumCols()) {
			f := array.NewInt64Builder(c.Mem)
			for i := 0; i < int(g.NumRows()); i++ {
				f.Append(0)
			}
			return batchOf(append([]arrow.Array{f.NewArray()}, g.Columns()...), int(g.NumRows())), nil
		}
		return g, nil
	}
	return nil, fmt.Errorf("no case for %T", p)
}
