package checkpoint_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"pysparkcompat/engine/checkpoint"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/vfs"
)

func ends(text ...string) (out []json.RawMessage) {
	for _, t := range text {
		if t == "" {
			out = append(out, nil)
		} else {
			out = append(out, json.RawMessage(t))
		}
	}
	return out
}

func TestEntriesHaveSparksForm(t *testing.T) {
	o := &checkpoint.Offsets{Watermark: 10, Timestamp: 20, Conf: map[string]string{"spark.sql.shuffle.partitions": "2"}, Ends: ends(`{"logOffset":0}`, "", "7")}
	body, err := o.Encode()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"batchWatermarkMs":10,"batchTimestampMs":20,"conf":{"spark.sql.shuffle.partitions":"2"}}` + "\n{\"logOffset\":0}\n-\n7"
	if string(body) != want {
		t.Fatalf("got %s", body)
	}
	back, err := checkpoint.DecodeOffsets(body)
	if err != nil || !reflect.DeepEqual(back, o) {
		t.Fatalf("read back as %+v, %v", back, err)
	}
	for _, bad := range []string{"", "{", want + "\n{torn", "null\n7", want + "\nnull"} {
		if _, err := checkpoint.DecodeOffsets([]byte(bad)); errs.As(err) == nil || errs.As(err).Name != "MALFORMED_LOG_FILE" {
			t.Errorf("%q gave %v", bad, err)
		}
	}
}

func TestANullCommitIsMalformed(t *testing.T) {
	if c, err := checkpoint.DecodeCommit([]byte("null\n")); errs.As(err) == nil || errs.As(err).Name != "MALFORMED_LOG_FILE" {
		t.Fatal(c, err)
	}
}

func TestDecide(t *testing.T) {
	first := &checkpoint.Offsets{Watermark: 0, Ends: ends("1")}
	second := &checkpoint.Offsets{Watermark: 5, Ends: ends("2")}
	done := func(w int64) *checkpoint.Commit { return &checkpoint.Commit{NextWatermark: w} }
	none := int64(-1)
	for name, c := range map[string]struct {
		h    checkpoint.History
		want checkpoint.Resume
		fail bool
	}{
		"new":       {h: checkpoint.History{LatestID: none, CommitID: none}, want: checkpoint.Resume{State: none}},
		"first cut": {h: checkpoint.History{Latest: first, LatestID: 0, CommitID: none}, want: checkpoint.Resume{Next: 0, Logged: first, State: none}},
		"committed": {h: checkpoint.History{Latest: first, LatestID: 0, Commit: done(9), CommitID: 0},
			want: checkpoint.Resume{Next: 1, Starts: ends("1"), Watermark: 9, LateBelow: 0, State: 0}},
		"second cut": {h: checkpoint.History{Latest: second, LatestID: 1, Before: first, Commit: done(5), CommitID: 0},
			want: checkpoint.Resume{Next: 1, Logged: second, Starts: ends("1"), Watermark: 5, LateBelow: 0, State: 0}},
		"commit without offsets": {h: checkpoint.History{LatestID: none, Commit: done(0), CommitID: 0}, fail: true},
		"commit ahead":           {h: checkpoint.History{Latest: first, LatestID: 0, Commit: done(0), CommitID: 1}, fail: true},
		"two open":               {h: checkpoint.History{Latest: second, LatestID: 2, Before: first, Commit: done(0), CommitID: 0}, fail: true},
	} {
		got, err := checkpoint.Decide(c.h)
		if (err != nil) != c.fail || err == nil && !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestEveryFaultLeavesACheckpointThatGoesOn(t *testing.T) {
	epoch := func(files vfs.FS) error {
		c, err := checkpoint.Open(files, "/q")
		if err != nil {
			return err
		}
		h, err := c.History()
		if err != nil {
			return err
		}
		r, err := checkpoint.Decide(h)
		if err != nil {
			return err
		}
		if r.Logged == nil {
			if err := c.AddOffsets(r.Next, &checkpoint.Offsets{Ends: ends("1")}); err != nil {
				return err
			}
		}
		return c.AddCommit(r.Next, &checkpoint.Commit{NextWatermark: r.Next})
	}
	for at := 1; ; at++ {
		base := vfs.NewMemory()
		if err := epoch(base); err != nil {
			t.Fatal(err)
		}
		faulty := &vfs.Faulty{Base: base, FailAt: at, Sticky: true, Torn: true}
		err := epoch(faulty)
		if faulty.Count() < at {
			if err != nil {
				t.Fatal(err)
			}
			return
		}
		if err != nil && !errors.Is(err, vfs.ErrInjected) {
			t.Fatalf("fault %d (%v): %v", at, faulty.Operations(), err)
		}
		base.Crash()
		if err := epoch(base); err != nil {
			t.Fatalf("after fault %d (%v) and a crash: %v", at, faulty.Operations(), err)
		}
		c, err := checkpoint.Open(base, "/q")
		if err != nil {
			t.Fatal(err)
		}
		if h, err := c.History(); err != nil || h.LatestID != h.CommitID || h.LatestID < 1 || h.LatestID > 2 {
			t.Fatalf("after fault %d: %+v, %v", at, h, err)
		}
	}
}

func TestAnotherProcessOnTheCheckpoint(t *testing.T) {
	files := vfs.NewMemory()
	a, err := checkpoint.Open(files, "/q")
	if err != nil {
		t.Fatal(err)
	}
	b, err := checkpoint.Open(files, "/q")
	if err != nil || a.ID() != b.ID() {
		t.Fatalf("ids %s and %s, %v", a.ID(), b.ID(), err)
	}
	if err := a.AddOffsets(0, &checkpoint.Offsets{}); err != nil {
		t.Fatal(err)
	}
	if e := errs.As(b.AddOffsets(0, &checkpoint.Offsets{})); e == nil || e.Name != "CONCURRENT_STREAM_LOG_UPDATE" {
		t.Fatalf("the second writer got %v", e)
	}
}
