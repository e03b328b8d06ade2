package functions

import (
	"math"
	"math/rand"
	"strings"
	"testing"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/expr"
)

func TestTableIsSound(t *testing.T) {
	if d := index().duplicates; len(d) > 0 {
		t.Errorf("two rows are named %v", d)
	}
	for _, r := range Rows() {
		for _, name := range append([]string{r.Name}, r.Aliases...) {
			if name != strings.ToLower(name) || name == "" {
				t.Errorf("%q is not lower case", name)
			}
			if Find(strings.ToUpper(name)) != r {
				t.Errorf("%s is not found in another case", name)
			}
		}
		if r.Bind == nil || r.Max >= 0 && r.Max < r.Min || len(r.Examples) == 0 {
			t.Errorf("%s lacks its Bind, its counts or its examples", r.Name)
		}
	}
}

func TestLambdasStandOnlyWhereAFunctionTakesThem(t *testing.T) {
	for _, r := range Rows() {
		lambda := &expr.Lambda{Params: []string{"x"}, Body: expr.Lit(int32(1))}
		for n := max(r.Min, 1); n <= r.Min+3 && (r.Max < 0 || n <= r.Max); n++ {
			args := make([]expr.Expr, n)
			for i := range args {
				args[i] = lambda
			}
			_, err := Bind(&Env{}, &expr.Call{Name: []string{r.Name}, Args: args, Internal: true})
			if e := errs.As(err); e == nil || !strings.HasPrefix(e.Name, "INVALID_LAMBDA_FUNCTION_CALL.") {
				t.Errorf("%s of %d lambdas gave %v", r.Name, n, err)
			}
		}
	}
}

func TestBindChecksCalls(t *testing.T) {
	one := expr.Lit(int32(1))
	for _, c := range []struct {
		call *expr.Call
		want string
	}{
		{&expr.Call{Name: []string{"nothing"}}, "UNRESOLVED_ROUTINE"},
		{&expr.Call{Name: []string{"getarrayitem"}, Args: []expr.Expr{one, one}}, "UNRESOLVED_ROUTINE"},
		{&expr.Call{Name: []string{"pow"}, Args: []expr.Expr{one}}, "WRONG_NUM_ARGS.WITHOUT_SUGGESTION"},
		{&expr.Call{Name: []string{"abs"}, Args: []expr.Expr{one}, ArgNames: []string{"x"}}, "NAMED_PARAMETERS_NOT_SUPPORTED"},
	} {
		_, err := Bind(&Env{ANSI: true}, c.call)
		if e := errs.As(err); e == nil || e.Name != c.want {
			t.Errorf("%v: %v, want %s", c.call.Name, err, c.want)
		}
	}
}

// TestStrictFunctions holds our own against Go's, which differ in the last digit at most.
func TestStrictFunctions(t *testing.T) {
	r := rand.New(rand.NewSource(3))
	for _, c := range []struct {
		name      string
		ours, gos func(float64) float64
		span      float64
		allowed   float64
	}{
		{"sin", sine, math.Sin, 1000, 4}, {"cos", cosine, math.Cos, 1000, 4}, {"tan", tangent, math.Tan, 1000, 16},
		{"exp", exponential, math.Exp, 600, 2}, {"sinh", hyperbolicSine, math.Sinh, 20, 8},
		{"cosh", hyperbolicCosine, math.Cosh, 20, 4}, {"tanh", hyperbolicTangent, math.Tanh, 20, 8},
		{"atan", arcTangent, math.Atan, 1e6, 2}, {"log", func(x float64) float64 { return logarithm(math.Abs(x)) }, func(x float64) float64 { return math.Log(math.Abs(x)) }, 1e9, 4},
		{"hypot", func(x float64) float64 { return hypotenuse(x, 1.5) }, func(x float64) float64 { return math.Hypot(x, 1.5) }, 1e3, 4},
		{"atan2", func(x float64) float64 { return arcTangent2(x, -2) }, func(x float64) float64 { return math.Atan2(x, -2) }, 1e3, 4},
		{"pow", func(x float64) float64 { return raised(1.3, x) }, func(x float64) float64 { return math.Pow(1.3, x) }, 300, 64},
	} {
		for i := 0; i < 20000; i++ {
			x := (r.Float64()*2 - 1) * c.span
			if i%2 == 0 {
				x = (r.Float64()*2 - 1) * 3
			}
			a, b := c.ours(x), c.gos(x)
			unit := math.Nextafter(math.Abs(b), math.Inf(1)) - math.Abs(b)
			if math.Abs(a-b) > c.allowed*math.Max(unit, 1e-16*math.Min(1, math.Abs(b)+1e-3)) {
				t.Fatalf("%s(%v) = %v, Go has %v", c.name, x, a, b)
			}
		}
	}
}
