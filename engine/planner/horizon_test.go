package planner

import (
	"testing"

	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/internal/testkit"
	"pysparkcompat/engine/logical"
)

func analyzed(t *testing.T, p logical.Plan) logical.Plan {
	t.Helper()
	out, err := testkit.Analyzer(testkit.Samples).Analyze(p)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func stream(name string) logical.Plan { return &logical.Named{Parts: []string{name}} }

func marked(p logical.Plan) logical.Plan {
	return &logical.Watermark{Child: p, Column: &expr.Name{Parts: []string{"ts"}, PlanID: -1}, DelayText: "5 seconds"}
}

func TestHorizons(t *testing.T) {
	unique := func(p logical.Plan) logical.Plan { return &logical.Distinct{Child: p, Columns: []string{"k"}} }
	for name, c := range map[string]struct {
		plan logical.Plan
		want [2]int64 // of 7 and of -7
	}{
		"none":               {stream("s_in"), [2]int64{0, 0}},
		"own":                {marked(stream("s_in")), [2]int64{7, -7}},
		"a bounded side":     {stream("t"), [2]int64{0, 0}},
		"a stateful beneath": {unique(marked(stream("s_in"))), [2]int64{7, -7}},
		"a union":            {&logical.Union{Inputs: []logical.Plan{marked(stream("s_in")), stream("s_in")}}, [2]int64{7, -7}},
	} {
		h, err := new(build).with(new(Env)).horizon(analyzed(t, c.plan))
		if err != nil {
			t.Fatal(err)
		}
		for i, global := range []int64{7, -7} {
			if got := h.Of(exec.Epoch{LateBelow: global, Watermark: global}).Watermark; got != c.want[i] {
				t.Errorf("%s: the watermark is %d where the query's is %d, want %d", name, got, global, c.want[i])
			}
		}
	}
}

func (b *build) with(e *Env) *build {
	b.env = e
	return b
}

func TestEarlierHorizons(t *testing.T) {
	late := exec.Horizon(func(g int64) int64 { return g - 5 })
	later := exec.Horizon(func(g int64) int64 { return g - 9 })
	for i, c := range []struct {
		h    exec.Horizon
		want int64
	}{{earlier(late, later), 91}, {earlier(later, late), 91}, {earlier(nil, late), 95}, {earlier(late, nil), 95}} {
		if got := c.h(100); got != c.want {
			t.Errorf("case %d: %d, want %d", i, got, c.want)
		}
	}
	if earlier(nil, nil) != nil {
		t.Error("two horizons of the query's own are the query's own")
	}
}

func TestASecondWatermarkIsFoundBeforeTheQueryRuns(t *testing.T) {
	once := marked(stream("s_in"))
	for name, c := range map[string]struct {
		plan logical.Plan
		want string
	}{
		"one":                {once, ""},
		"twice":              {marked(once), "_LEGACY_ERROR_TEMP_3076"},
		"over a union":       {marked(&logical.Union{Inputs: []logical.Plan{stream("s_in"), once}}), "_LEGACY_ERROR_TEMP_3076"},
		"beneath a union":    {&logical.Union{Inputs: []logical.Plan{once, marked(stream("s_in"))}}, ""},
		"over a dropped one": {marked(&logical.Distinct{Child: once, Columns: []string{"k"}}), "_LEGACY_ERROR_TEMP_3076"},
	} {
		err := new(build).with(new(Env)).redefined(analyzed(t, c.plan))
		if c.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		testkit.WantError(t, name, err, c.want)
	}
}
