package expr_test

import (
	"math"
	"math/big"
	"math/rand"
	"reflect"
	"testing"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"
	"github.com/apache/arrow-go/v18/arrow/memory"

	"pysparkcompat/engine/batch"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/types"
)

func col(name string, t types.Type) *expr.Attr {
	return &expr.Attr{ID: expr.NewID(), Name: name, DataType: t, Null: true}
}

// plus adds two longs: a function for tests of the machinery.
var plus = &expr.Function{Name: "plus", Kernel: func(c *expr.Context, n int, args []expr.Vector, _ any, out types.Type) (expr.Vector, error) {
	f := batch.NewFixed[int64](c.Mem, n)
	for i := range f.Values {
		f.Values[i] = batch.Values[int64](args[0].Array)[args[0].Row(i)] + batch.Values[int64](args[1].Array)[args[1].Row(i)]
	}
	return expr.Vector{Array: f.Done(types.Arrow(out), nil)}, nil
}}

func add(l, r expr.Expr) *expr.Apply {
	return &expr.Apply{Fn: plus, Args: []expr.Expr{l, r}, DataType: types.Long}
}

// nodes is one of every kind, with its text.
func nodes() map[string]expr.Expr {
	a, b := col("a", types.Long), col("b c", types.String)
	sum := &expr.Aggregate{Name: "sum"}
	gen := &expr.Generator{Name: "explode"}
	return map[string]expr.Expr{
		"a":                                 a,
		"x.`y z`":                           &expr.Name{Parts: []string{"x", "y z"}},
		"t.*":                               &expr.Star{Target: []string{"t"}},
		"`c.*`":                             &expr.Regex{Pattern: "c.*"},
		"it's":                              expr.Lit("it's"),
		"(a + b c)":                         &expr.Call{Name: []string{"+"}, Args: []expr.Expr{a, b}},
		"'f(DISTINCT a) FILTER (WHERE b c)": &expr.Call{Name: []string{"f"}, Args: []expr.Expr{a}, Distinct: true, Filter: b},
		"a AS `v w`":                        &expr.Alias{Child: a, Names: []string{"v w"}},
		"CAST(a AS DECIMAL(5,2))":           &expr.Cast{Child: a, To: types.Decimal{Precision: 5, Scale: 2}, Mode: expr.CastANSI},
		"TRY_CAST(a AS INT)":                &expr.Cast{Child: a, To: types.Int, Mode: expr.CastTry},
		"a[0]":                              &expr.Extract{Child: a, Key: expr.Lit(int32(0))},
		"update_fields(a, dropfield())":     &expr.Update{Child: a, Path: []string{"x"}},
		"lambdafunction(namedlambdavariable(), namedlambdavariable())": &expr.Lambda{Body: &expr.LambdaVar{Name: "x", ID: 1, DataType: types.Int}, Params: []string{"x"}},
		"a DESC NULLS LAST": &expr.Sort{Child: a, Descending: true},
		"a OVER (PARTITION BY b c ORDER BY a ASC NULLS FIRST ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)": &expr.Over{Fn: a,
			Partition: []expr.Expr{b}, Order: []expr.Expr{&expr.Sort{Child: a, NullsFirst: true}}, Frame: &expr.Frame{Rows: true, Upper: expr.Lit(int32(0))}},
		"plus(a, 1)":                         add(a, expr.Lit(int64(1))),
		"sum(DISTINCT a) FILTER (WHERE b c)": &expr.Agg{Fn: sum, Args: []expr.Expr{a}, DataType: types.Long, Distinct: true, Filter: b},
		"explode(a)":                         &expr.Generate{Fn: gen, Args: []expr.Expr{a}, Fields: []types.Field{{Name: "col", Type: types.Int}}},
		"window(a, 1, 2, 3)":                 &expr.TimeWindow{Time: a, Duration: 1, Slide: 2, Start: 3},
		"f(a, k => b c)":                     &expr.UDF{FuncName: "f", Args: []expr.Expr{a, b}, ArgNames: []string{"", "k"}, Out: types.Int},
	}
}

func TestNodes(t *testing.T) {
	for want, e := range nodes() {
		if e.String() != want {
			t.Errorf("%T: %q, want %q", e, e, want)
		}
		children := e.Children()
		same := e.With(append([]expr.Expr(nil), children...))
		if !reflect.DeepEqual(same, e) {
			t.Errorf("%T with its own children is %#v", e, same)
		}
		if len(children) > 0 {
			other := append([]expr.Expr(nil), children...)
			other[len(other)-1] = col("other", types.Long)
			changed := e.With(other)
			if reflect.DeepEqual(changed, e) || !reflect.DeepEqual(changed.Children(), other) {
				t.Errorf("%T with other children has %v", e, changed.Children())
			}
			if expr.TreeEqual(e, changed) {
				t.Errorf("%T equals itself over other children", e)
			}
		}
		if u, volatile := e.(*expr.UDF); !volatile && !expr.TreeEqual(e, same) {
			t.Errorf("%T does not equal its copy", e)
		} else if volatile && expr.TreeEqual(u, same) {
			t.Error("a call that is not deterministic equals another")
		}
	}
}

func TestTransformSharesWhatStays(t *testing.T) {
	a, one := col("a", types.Long), expr.Lit(int64(1))
	left, right := add(a, one), add(one, one)
	tree := add(left, right)
	out, err := expr.Transform(tree, func(e expr.Expr) (expr.Expr, error) {
		if e == a {
			return expr.Lit(int64(5)), nil
		}
		return e, nil
	})
	if err != nil || out.String() != "plus(plus(5, 1), plus(1, 1))" {
		t.Fatalf("%v, %v", out, err)
	}
	if out.Children()[1] != expr.Expr(right) || tree.Args[0] != expr.Expr(left) {
		t.Error("a branch that stays was copied, or the old tree changed")
	}
	if got := expr.Fold(&expr.Context{}, tree).String(); got != "plus(plus(a, 1), 2)" {
		t.Errorf("folded: %s", got)
	}
	if len(expr.Attrs(tree, left)) != 1 || expr.Foldable(tree) || !expr.Foldable(right) {
		t.Error("attributes or foldability")
	}
}

func TestCompile(t *testing.T) {
	mem := memory.NewCheckedAllocator(memory.NewGoAllocator())
	defer mem.AssertSize(t, 0)
	a, b := col("a", types.Long), col("b", types.Int)
	f := batch.NewFixed[int64](mem, 3)
	copy(f.Values, []int64{1, 2, 3})
	g := batch.NewFixed[int32](mem, 3)
	copy(g.Values, []int32{10, 20, 30})
	rb := batch.Make(types.ArrowSchema(types.Struct{Fields: []types.Field{{Name: "b", Type: types.Int}, {Name: "a", Type: types.Long}}}),
		[]arrow.Array{g.Done(arrow.PrimitiveTypes.Int32, nil), f.Done(arrow.PrimitiveTypes.Int64, nil)}, 3)
	defer rb.Release()
	ev, err := expr.Compile(add(a, &expr.Cast{Child: b, To: types.Long, Mode: expr.CastANSI}), []*expr.Attr{b, a})
	if err != nil {
		t.Fatal(err)
	}
	ctx := &expr.Context{Mem: mem}
	v, err := ev.Eval(ctx, rb)
	if err != nil {
		t.Fatal(err)
	}
	if v.Const || v.String() != "[11 22 33]" {
		t.Errorf("%v", v)
	}
	v.Release()
	v, err = expr.EvalOn(ctx, ev, rb, []int32{2, 0})
	if err != nil || v.String() != "[33 11]" {
		t.Errorf("some rows: %v, %v", v, err)
	}
	v.Release()
	constant, err := expr.Compile(add(expr.Lit(int64(1)), expr.Lit(int64(2))), nil)
	if err != nil {
		t.Fatal(err)
	}
	v, err = constant.Eval(ctx, rb)
	if err != nil || !v.Const || v.Len() != 1 {
		t.Errorf("a constant is %v, %v", v, err)
	}
	all := v.Expand(mem, 3)
	if all.(*array.Int64).Value(2) != 3 || all.Len() != 3 {
		t.Errorf("expanded: %v", all)
	}
	all.Release()
	v.Release()
	if _, err := expr.Compile(col("c", types.Long), []*expr.Attr{a}); err == nil {
		t.Error("an attribute without a column compiles")
	}
}

func TestCommonTypes(t *testing.T) {
	d := func(p, s int) types.Type { return types.Decimal{Precision: p, Scale: s} }
	for _, c := range []struct{ a, b, ansi, legacy types.Type }{
		{types.Byte, types.Long, types.Long, types.Long},
		{types.Int, types.Float, types.Double, types.Float},
		{types.Float, types.Double, types.Double, types.Double},
		{types.Int, d(5, 2), d(12, 2), d(12, 2)},
		{types.Int, d(20, 2), d(20, 2), d(20, 2)},
		{d(38, 2), d(38, 20), d(38, 2), d(38, 2)},
		{d(10, 2), types.Double, types.Double, types.Double},
		{types.String, types.Int, types.Long, types.String},
		{types.String, types.Date, types.Date, types.String},
		{types.String, types.Boolean, types.Boolean, nil},
		{types.Date, types.Timestamp, types.Timestamp, types.Timestamp},
		{types.Date, types.TimestampNTZ, types.TimestampNTZ, types.TimestampNTZ},
		{types.Null, types.Binary, types.Binary, types.Binary},
		{types.Boolean, types.Int, nil, nil},
		{types.Array{Elem: types.Int}, types.Array{Elem: types.Long}, types.Array{Elem: types.Long}, types.Array{Elem: types.Long}},
		{types.Array{Elem: types.Int}, types.Int, nil, nil},
	} {
		for _, pair := range [][2]types.Type{{c.a, c.b}, {c.b, c.a}} {
			if got := expr.Wider(pair[0], pair[1], true); !types.Equal(got, c.ansi) {
				t.Errorf("%v and %v meet in %v, want %v", pair[0], pair[1], got, c.ansi)
			}
			if got := expr.Wider(pair[0], pair[1], false); !types.Equal(got, c.legacy) {
				t.Errorf("without ANSI %v and %v meet in %v, want %v", pair[0], pair[1], got, c.legacy)
			}
		}
	}
}

func TestDecimalsAgainstBigIntegers(t *testing.T) {
	r := rand.New(rand.NewSource(7))
	random := func(digits int) *big.Int {
		v := new(big.Int).Rand(r, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(1+r.Intn(digits))), nil))
		if r.Intn(2) == 0 {
			v.Neg(v)
		}
		return v
	}
	half := func(v *big.Int, by int) *big.Int {
		unit := new(big.Rat).SetFrac(v, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(by)), nil))
		s := unit.FloatString(0) // rounds half away from zero
		out, _ := new(big.Int).SetString(s, 10)
		return out
	}
	for i := 0; i < 20000; i++ {
		x, y := random(37), random(20)
		from, to := r.Intn(12), r.Intn(12)
		want := new(big.Int)
		if to >= from {
			want.Mul(x, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(to-from)), nil))
		} else {
			want = half(x, from-to)
		}
		got, ok := expr.Rescale(decimal128.FromBigInt(x), from, to, 38)
		fits := len(new(big.Int).Abs(want).String()) <= 38
		if ok != fits || ok && got.BigInt().Cmp(want) != 0 {
			t.Fatalf("%v from scale %d to %d: %v %v, want %v", x, from, to, got.BigInt(), ok, want)
		}
		if y.Sign() == 0 {
			continue
		}
		q := new(big.Rat).SetFrac(new(big.Int).Mul(x, new(big.Int).Exp(big.NewInt(10), big.NewInt(6), nil)), y)
		wantQ, _ := new(big.Int).SetString(q.FloatString(0), 10)
		gotQ, ok := expr.DivDecimal(decimal128.FromBigInt(x), decimal128.FromBigInt(y), 2, 2, 6, 38)
		if fits := len(new(big.Int).Abs(wantQ).String()) <= 38; ok != fits || ok && gotQ.BigInt().Cmp(wantQ) != 0 {
			t.Fatalf("%v / %v: %v %v, want %v", x, y, gotQ.BigInt(), ok, wantQ)
		}
		p := half(new(big.Int).Mul(x, y), 4)
		gotP, ok := expr.MulDecimal(decimal128.FromBigInt(x), decimal128.FromBigInt(y), 8, 4, 38)
		if fits := len(new(big.Int).Abs(p).String()) <= 38; ok != fits || ok && gotP.BigInt().Cmp(p) != 0 {
			t.Fatalf("%v * %v: %v %v, want %v", x, y, gotP.BigInt(), ok, p)
		}
		text := string(expr.AppendDecimal(nil, decimal128.FromBigInt(x), from))
		back, status := expr.ParseDecimal([]byte(text), 38, from)
		if status != expr.Parsed || back.BigInt().Cmp(x) != 0 {
			t.Fatalf("%s reads as %v (%v)", text, back.BigInt(), status)
		}
	}
}

func TestFloatText(t *testing.T) {
	for _, c := range []struct {
		v    float64
		bits int
		want string
	}{
		{0, 64, "0.0"}, {math.Copysign(0, -1), 64, "-0.0"}, {1, 64, "1.0"}, {0.001, 64, "0.001"}, {0.0001, 64, "1.0E-4"}, {9999999, 64, "9999999.0"},
		{1e7, 64, "1.0E7"}, {12345678.5, 64, "1.23456785E7"}, {-1.5e300, 64, "-1.5E300"}, {math.NaN(), 64, "NaN"}, {math.Inf(-1), 64, "-Infinity"},
		{float64(float32(0.1)), 32, "0.1"}, {float64(float32(1e10)), 32, "1.0E10"},
	} {
		if got := string(expr.AppendFloat(nil, c.v, c.bits)); got != c.want {
			t.Errorf("%v: %s, want %s", c.v, got, c.want)
		}
	}
}
