package sql

import (
	"testing"
)

// No text makes the parser panic or hang.
func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"select a, b + 1 as c from t where a > 1 group by b having c order by 1 limit 3", "case when a then 'x' end",
		"interval '1-2' year to month", "cast(a as array<map<string, decimal(10,2)>>)", "x -> (a, b) -> a[0].b::int",
		"sum(a) filter (where b) over (partition by c order by d rows between 1 preceding and current row)",
		"with q as (values (1, 'a')) select * from q lateral view explode(x) t as y union all select trim(both 'x' from y)",
		"r'x' X'1F' `a``b` 1.5e3BD -- c\n/* d */",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		_, _ = ParseQuery(s)
		_, _ = ParseNamedExpression(s)
	})
}
