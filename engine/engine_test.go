package engine_test

import (
	"context"
	"testing"

	"go.uber.org/goleak"

	"pysparkcompat/engine"
	"pysparkcompat/engine/logical"
)

// TestMain lets pass what Pebble leaves of a database that could not be opened.
func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/cockroachdb/pebble/v2.(*ConcurrencyLimitScheduler).periodicGranter"),
		goleak.IgnoreAnyFunction("github.com/cockroachdb/pebble/v2.(*cleanupManager).mainLoop"),
		goleak.IgnoreAnyFunction("github.com/cockroachdb/pebble/v2/record.(*LogWriter).flushLoop"),
		goleak.IgnoreAnyFunction("github.com/cockroachdb/pebble/v2/internal/genericcache.(*shard[...]).releaseLoop"))
}

// session is one with two cores and a view t of the numbers 0 to 9.
func session(t *testing.T) *engine.Session {
	t.Helper()
	s, err := engine.New(engine.Options{Seed: 1}).NewSession(map[string]string{"spark.master": "local[2]", "spark.sql.session.timeZone": "UTC"}, t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	f, err := s.Analyze(&logical.Range{End: 10, Step: 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CreateView("t", f, false); err != nil {
		t.Fatal(err)
	}
	return s
}

func show(t *testing.T, s *engine.Session, query string) string {
	t.Helper()
	p, err := s.ParseQuery(query)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	f, err := s.Analyze(p)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	text, err := s.Show(context.Background(), f, 20, 20, false)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return text
}

func TestQueries(t *testing.T) {
	s := session(t)
	defer s.Close()
	for query, want := range map[string]string{
		"SELECT 1 + 1 AS two":                                                 "+---+\n|two|\n+---+\n|  2|\n+---+\n",
		"SELECT id * 2 AS d FROM t WHERE id > 7":                              "+---+\n|  d|\n+---+\n| 16|\n| 18|\n+---+\n",
		"SELECT id % 2 AS k, count(*) AS n FROM t GROUP BY id % 2 ORDER BY k": "+---+---+\n|  k|  n|\n+---+---+\n|  0|  5|\n|  1|  5|\n+---+---+\n",
		"SELECT sum(id), avg(id) FROM t":                                      "+-------+-------+\n|sum(id)|avg(id)|\n+-------+-------+\n|     45|    4.5|\n+-------+-------+\n",
		"SELECT a.id FROM t a JOIN t b ON a.id = b.id + 8 ORDER BY a.id DESC": "+---+\n| id|\n+---+\n|  9|\n|  8|\n+---+\n",
		"SELECT DISTINCT id % 3 AS r FROM t ORDER BY r LIMIT 2":               "+---+\n|  r|\n+---+\n|  0|\n|  1|\n+---+\n",
		"SELECT explode(array(1, 2)) AS x":                                    "+---+\n|  x|\n+---+\n|  1|\n|  2|\n+---+\n",
	} {
		if got := show(t, s, query); got != want {
			t.Errorf("%s\ngot\n%s\nwant\n%s", query, got, want)
		}
	}
}
