package logical

import (
	"testing"

	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/functions"
	"pysparkcompat/engine/types"
)

func bindCall(t *testing.T, name string, args ...expr.Expr) expr.Expr {
	t.Helper()
	e, err := functions.Bind(&functions.Env{ANSI: true, ParseType: types.ParseType}, &expr.Call{Name: []string{name}, Args: args})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestBounds reads from conditions how far a side's rows stay behind the watermark of the other, in milliseconds.
func TestBounds(t *testing.T) {
	mine := &expr.Attr{ID: expr.NewID(), Name: "mine", DataType: types.Timestamp}
	other := &expr.Attr{ID: expr.NewID(), Name: "other", DataType: types.Timestamp, EventTime: true}
	plain := &expr.Attr{ID: expr.NewID(), Name: "plain", DataType: types.Timestamp}
	v := &expr.Attr{ID: expr.NewID(), Name: "v", DataType: types.Long}
	seconds := func(n int64) expr.Expr {
		return &expr.Literal{Value: expr.Micros(n * 1_000_000), DataType: types.DayTimeInterval}
	}
	month := &expr.Literal{Value: expr.Interval{Months: 1}, DataType: types.CalendarInterval}
	long := func(e expr.Expr) expr.Expr { return &expr.Cast{Child: e, To: types.Long} }
	f := func(name string, args ...expr.Expr) expr.Expr { return bindCall(t, name, args...) }
	for name, c := range map[string]struct {
		e    expr.Expr
		want int64 // at a watermark of 100 seconds; 0 is no bound
	}{
		"other < mine":                  {f("<", other, mine), 100_000},
		"mine > other":                  {f(">", mine, other), 100_000},
		"other <= mine":                 {f("<=", other, mine), 99_999},
		"mine >= other":                 {f(">=", mine, other), 99_999},
		"mine < other":                  {f("<", mine, other), 0},
		"other <= mine + 10 s":          {f("<=", other, f("+", mine, seconds(10))), 89_999},
		"other - 10 s < mine":           {f("<", f("-", other, seconds(10)), mine), 90_000},
		"other + 10 s < mine":           {f("<", f("+", other, seconds(10)), mine), 110_000},
		"mine + 4 s > other + 1 s":      {f(">", f("+", mine, seconds(4)), f("+", other, seconds(1))), 97_000},
		"long(other) < long(mine) + 5":  {f("<", long(other), f("+", long(mine), expr.Lit(int64(5)))), 95_000},
		"long(other) - long(mine) <= 5": {f("<=", f("-", long(other), long(mine)), expr.Lit(int64(5))), 94_999},
		"other < mine + 1 month":        {f("<", other, f("+", mine, month)), 0},
		"a time without a watermark":    {f("<", plain, mine), 0},
		"of two columns":                {f("<", f("+", long(other), v), long(mine)), 0},
		"a constant":                    {f(">", v, expr.Lit(int64(1))), 0},
		"mine > 1":                      {f(">", long(mine), expr.Lit(int64(1))), 1000},
		"an equality":                   {f("=", other, mine), 0},
		"one side":                      {f("<", mine, f("+", mine, seconds(1))), 0},
	} {
		list := Bounds([]expr.Expr{c.e}, []*expr.Attr{mine}, []*expr.Attr{v, plain, other})
		got := int64(0)
		if len(list) > 0 {
			got = list[0].Of(100_000_000) / 1000
		}
		if got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// TestBoundedState says which joins of streams wait for a match no longer than a watermark allows, as PySpark says.
func TestBoundedState(t *testing.T) {
	l := &expr.Attr{ID: expr.NewID(), Name: "l", DataType: types.Timestamp, EventTime: true}
	r := &expr.Attr{ID: expr.NewID(), Name: "r", DataType: types.Timestamp, EventTime: true}
	k, k2 := &expr.Attr{ID: expr.NewID(), Name: "k", DataType: types.Long}, &expr.Attr{ID: expr.NewID(), Name: "k2", DataType: types.Long}
	left, right := &Data{node: done([]*expr.Attr{k, l})}, &Data{node: done([]*expr.Attr{k2, r})}
	equal, later, sooner, same := bindCall(t, "=", k, k2), bindCall(t, ">", l, r), bindCall(t, "<", l, r), bindCall(t, "=", l, r)
	for name, c := range map[string]struct {
		condition []expr.Expr
		want      map[JoinType]bool
	}{
		"keys":       {[]expr.Expr{equal}, map[JoinType]bool{LeftOuter: false, RightOuter: false, FullOuter: false, LeftSemi: false}},
		"time":       {[]expr.Expr{equal, same}, map[JoinType]bool{LeftOuter: true, RightOuter: true, FullOuter: true, LeftSemi: true}},
		"left later": {[]expr.Expr{equal, later}, map[JoinType]bool{LeftOuter: true, RightOuter: false, FullOuter: true, LeftSemi: true}},
		"left first": {[]expr.Expr{equal, sooner}, map[JoinType]bool{LeftOuter: false, RightOuter: true, FullOuter: true, LeftSemi: false}},
	} {
		for kind, want := range c.want {
			if got := boundedState(join(kind, left, right, and(c.condition...))); got != want {
				t.Errorf("%s, %s: %v", name, kind, got)
			}
		}
	}
}
