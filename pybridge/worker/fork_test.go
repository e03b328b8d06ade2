package worker

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"pysparkcompat/engine/udf"
)

// A fork that something kills before it says hello is replaced; one that is killed each time is told of.
func TestForksThatDieAtOnce(t *testing.T) {
	for _, times := range []int{forks, forks + 1} {
		beside := t.TempDir()
		source := "import os, signal\n" + fmt.Sprintf(`
folder = %q
def die():
    n = len(os.listdir(folder))
    if n < %d:
        open(folder + f"/{n}", "w").close()
        os.kill(os.getpid(), signal.SIGKILL)
def go():
    os.register_at_fork(after_in_child=die)
`, t.TempDir(), times)
		if err := os.WriteFile(filepath.Join(beside, "forks_that_die.py"), []byte(source), 0o644); err != nil {
			t.Fatal(err)
		}
		c := config(t)
		c.Path, c.Setup = append(paths(t), beside), "forks_that_die:go"
		got, err := run(limited(t), newPool(t, c), one(t, udf.Scalar, "bigint", "bigint", "f = lambda x: x"), longs(1, 1))
		if died := times > forks; (err != nil) != died || !died && flat(got) != `{"y":1}` {
			t.Errorf("%d deaths: %s %v", times, flat(got), err)
		}
	}
}
