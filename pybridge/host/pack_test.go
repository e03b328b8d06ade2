package host

import (
	"bytes"
	"testing"
)

func TestPacks(t *testing.T) {
	parts := [][]byte{[]byte("one"), {}, []byte("three")}
	pack, err := Pack(map[string]int{"a": 1}, parts)
	if err != nil {
		t.Fatal(err)
	}
	head, got, err := Unpack(pack)
	if err != nil || string(head) != `{"a":1}` || len(got) != 3 {
		t.Fatalf("%s %q %v", head, got, err)
	}
	for i, p := range parts {
		if !bytes.Equal(got[i], p) {
			t.Errorf("attachment %d is %q", i, got[i])
		}
	}
	for n := range pack {
		if _, _, err := Unpack(pack[:n]); err == nil {
			t.Errorf("%d bytes of %d passed for a whole message", n, len(pack))
		}
	}
	if _, _, err := Unpack(append(pack, 0)); err == nil {
		t.Error("a message with a byte too many passed")
	}
}
