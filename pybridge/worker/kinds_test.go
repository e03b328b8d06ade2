package worker

import (
	"strings"
	"testing"

	"pysparkcompat/engine/udf"
)

func TestSmoke(t *testing.T) {
	both(t, func(t *testing.T, p *Pool) {
		got, err := run(limited(t), p, one(t, udf.Scalar, "bigint", "bigint", "f = lambda x: x + 1"), longs(1, 3))
		if err != nil || len(got) != 1 || strings.ReplaceAll(got[0], "\n", "") != `{"y":2}{"y":3}{"y":4}` {
			t.Fatalf("%q %v", got, err)
		}
	})
}
