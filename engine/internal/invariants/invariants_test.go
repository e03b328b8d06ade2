package invariants

import "testing"

func TestCheck(t *testing.T) {
	defer func() {
		if broken := recover() != nil; broken != Enabled {
			t.Fatalf("a broken promise panicked: %v, checks enabled: %v", broken, Enabled)
		}
	}()
	Check(true, "holds")
	Check(false, "broken %d", 1)
}
