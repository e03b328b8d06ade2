package engine_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pysparkcompat/engine"
	"pysparkcompat/engine/expr"
	"pysparkcompat/engine/internal/testkit"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/vfs"
)

// inputFiles are four files of events whose times rise, some behind the watermark of the file before.
func inputFiles(t *testing.T) *vfs.Memory {
	t.Helper()
	m := vfs.NewMemory()
	if err := m.MkdirAll("/in"); err != nil {
		t.Fatal(err)
	}
	for n := range 4 {
		var text strings.Builder
		for i := range 12 {
			second := n*15 + i - 3*(i%4)
			fmt.Fprintf(&text, `{"k":"k%d","ts":"2024-01-01T00:%02d:%02dZ"}`+"\n", i%3, (60+second)/60, (60+second)%60)
		}
		file, err := m.Create(fmt.Sprintf("/in/%d.json", n), true)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = file.Write([]byte(text.String())); err == nil {
			err = errors.Join(file.Sync(), file.Close(), m.SyncDir("/in"), m.SyncDir("/"))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return m
}

const onDisk = "org.apache.spark.sql.execution.streaming.state.RocksDBStateStoreProvider"

func filesSession(t *testing.T, files vfs.FS) *engine.Session { return faultSession(t, files, "") }

// faultSession keeps state with the provider, in as little memory as it can.
func faultSession(t *testing.T, files vfs.FS, provider string) *engine.Session {
	t.Helper()
	settings := map[string]string{"spark.master": "local[2]", "spark.sql.session.timeZone": "UTC",
		"spark.sql.shuffle.partitions": "3", "spark.sql.streaming.minBatchesToRetain": "2", "spark.sql.streaming.fileSink.log.compactInterval": "3",
		"spark.sql.streaming.stateStore.minDeltasForSnapshot": "2", "spark.sql.streaming.stateStore.rocksdb.maxMemoryUsageMB": "1"}
	if provider != "" {
		settings["spark.sql.streaming.stateStore.providerClass"] = provider
	}
	s, err := engine.New(engine.Options{FS: files, Seed: 1}).NewSession(settings, "/", nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// countWindows runs the query over all there is: JSON files, a window's count, parquet files.
func countWindows(s *engine.Session) error {
	return runWindows(s, engine.StreamSpec{Format: "parquet", Path: "/out", Mode: "append"}, engine.Callbacks{})
}

// runWindows runs the window's count into a sink.
func runWindows(s *engine.Session, spec engine.StreamSpec, calls engine.Callbacks) error {
	schema, err := engine.ParseSchema("k STRING, ts TIMESTAMP")
	if err != nil {
		return err
	}
	scan := &logical.Scan{Format: "json", Options: map[string]string{"maxFilesPerTrigger": "1"}, Schema: &schema, Paths: []string{"/in"}, Stream: true}
	rows, err := s.Analyze(&logical.Watermark{Child: scan, Column: &expr.Name{Parts: []string{"ts"}, PlanID: -1}, DelayText: "2 seconds"})
	if err != nil {
		return err
	}
	if err := s.CreateView("events", rows, true); err != nil {
		return err
	}
	plan, err := s.ParseQuery("SELECT window.start AS start, k, n FROM (SELECT window(ts, '10 seconds') AS window, k, count(*) AS n FROM events GROUP BY window(ts, '10 seconds'), k)")
	if err != nil {
		return err
	}
	frame, err := s.Analyze(plan)
	if err != nil {
		return err
	}
	spec.Options, spec.Trigger = map[string]string{"checkpointLocation": "/check"}, engine.Trigger{Kind: engine.AvailableNow}
	q, err := s.Start(frame, spec, calls)
	if err != nil {
		return err
	}
	q.Begin()
	<-q.Done()
	if failure := q.Failure(); failure != nil {
		return failure
	}
	return nil
}

// outputRows is what a reader of the table finds.
func outputRows(t *testing.T, s *engine.Session) []string {
	t.Helper()
	f, err := s.Analyze(&logical.Scan{Format: "parquet", Paths: []string{"/out"}})
	if err != nil {
		t.Fatal(err)
	}
	rows, err := s.Run(context.Background(), f)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for {
		b, err := rows.Next(context.Background())
		if err == io.EOF {
			slices.Sort(out)
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, testkit.Texts(b)...)
		b.Release()
	}
}

// TestAQuerySurvivesEveryFault fails each operation of source, checkpoint, state and sink in turn, once or for good,
// and starts the query again, after a crash or without one: the table is that of the undisturbed run.
func TestAQuerySurvivesEveryFault(t *testing.T) {
	calm := filesSession(t, inputFiles(t))
	if err := countWindows(calm); err != nil {
		t.Fatal(err)
	}
	want := outputRows(t, calm)
	calm.Close()
	if len(want) < 12 {
		t.Fatalf("the undisturbed run gives %s", testkit.Show(want))
	}
	for _, sticky := range []bool{false, true} {
		for _, crash := range []bool{false, true} {
			t.Run(fmt.Sprintf("sticky=%v crash=%v", sticky, crash), func(t *testing.T) {
				t.Parallel()
				faults, failed := 0, 0
				for at := 1; ; at++ {
					passed, err := oneFault(t, want, at, sticky, crash)
					if passed {
						break
					}
					faults++
					if err != nil {
						failed++
					}
				}
				t.Logf("%d faults, of which %d ended the query", faults, failed)
				if faults < 200 || failed < faults/2 {
					t.Errorf("only %d of %d faults were felt", failed, faults)
				}
			})
		}
	}
}

// TestAQuerySurvivesFaultsInItsRecovery lets several runs die one after another, each at a place of its own.
func TestAQuerySurvivesFaultsInItsRecovery(t *testing.T) {
	t.Parallel()
	calm := filesSession(t, inputFiles(t))
	if err := countWindows(calm); err != nil {
		t.Fatal(err)
	}
	want := outputRows(t, calm)
	calm.Close()
	rng := rand.New(rand.NewPCG(1, 2))
	for trial := range 100 {
		base := inputFiles(t)
		var deaths []string
		for range 6 {
			faulty := &vfs.Faulty{Base: base, FailAt: 1 + rng.IntN(150), Sticky: true, Torn: true}
			s := filesSession(t, faulty)
			err := countWindows(s)
			s.Close()
			if err == nil {
				break
			}
			deaths = append(deaths, faulty.Operations()[faulty.FailAt-1])
			if rng.IntN(2) == 0 {
				base.Crash()
			}
		}
		s := filesSession(t, base)
		if err := countWindows(s); err != nil {
			t.Fatalf("trial %d, after faults at %q: %v", trial, deaths, err)
		}
		if got := outputRows(t, s); !testkit.Same(got, want, true) {
			t.Fatalf("trial %d, after faults at %q:\n%s\nwant\n%s", trial, deaths, testkit.Show(got), testkit.Show(want))
		}
		s.Close()
	}
}

// oneFault says whether the run had fewer operations than that, and else what the fault led to.
func oneFault(t *testing.T, want []string, at int, sticky, crash bool) (passed bool, err error) {
	base := inputFiles(t)
	faulty := &vfs.Faulty{Base: base, FailAt: at, Sticky: sticky, Torn: true}
	s := filesSession(t, faulty)
	err = countWindows(s)
	s.Close()
	if faulty.Count() < at {
		if err != nil {
			t.Fatal(err)
		}
		return true, nil
	}
	operation := faulty.Operations()[at-1]
	if crash {
		base.Crash()
	}
	again := filesSession(t, base)
	defer again.Close()
	if failure := countWindows(again); failure != nil {
		t.Fatalf("after fault %d (%s, which gave %v): %v", at, operation, err, failure)
	}
	if got := outputRows(t, again); !testkit.Same(got, want, true) {
		t.Fatalf("after fault %d (%s, which gave %v):\n%s\nwant\n%s", at, operation, err, testkit.Show(got), testkit.Show(want))
	}
	return false, err
}

// epochsOf is what a foreachBatch function saw of each epoch, over the lives of a query.
type epochsOf struct {
	t    *testing.T
	seen map[int64][]string
}

// take is the function: an epoch given again must have the same rows.
func (e *epochsOf) take(ctx context.Context, s *engine.Session, epoch int64, rows *engine.EpochRows) error {
	f, err := s.EpochFrame(rows)
	if err != nil {
		return err
	}
	run, err := s.Run(ctx, f)
	if err != nil {
		return err
	}
	defer run.Close()
	var got []string
	for {
		b, err := run.Next(ctx)
		if err == io.EOF {
			break
		}
		if err != nil {
			return err
		}
		got = append(got, testkit.Texts(b)...)
		b.Release()
	}
	slices.Sort(got)
	if before, again := e.seen[epoch]; again && !testkit.Same(got, before, true) {
		e.t.Errorf("epoch %d was given again with other rows:\n%s\nbefore\n%s", epoch, testkit.Show(got), testkit.Show(before))
	}
	e.seen[epoch] = got
	return nil
}

func (e *epochsOf) run(s *engine.Session, mode string) error {
	return runWindows(s, engine.StreamSpec{Format: engine.ForeachBatch, Mode: mode}, engine.Callbacks{Batch: func(ctx context.Context, epoch int64, rows *engine.EpochRows) error {
		return e.take(ctx, s, epoch, rows)
	}})
}

// TestForeachBatchSurvivesEveryFault fails each operation in turn, with state in memory and on disk: after the restart
// every epoch came with the rows of the undisturbed run, and one that came twice with the same.
func TestForeachBatchSurvivesEveryFault(t *testing.T) {
	for _, mode := range []string{"append", "update", "complete"} {
		for _, provider := range []string{"", onDisk} {
			t.Run(mode+" "+provider, func(t *testing.T) {
				t.Parallel()
				calm := &epochsOf{t, map[int64][]string{}}
				s := faultSession(t, inputFiles(t), provider)
				if err := calm.run(s, mode); err != nil {
					t.Fatal(err)
				}
				s.Close()
				for at := 1; ; at++ {
					base := inputFiles(t)
					faulty := &vfs.Faulty{Base: base, FailAt: at, Sticky: at%2 == 0, Torn: true}
					epochs := &epochsOf{t, map[int64][]string{}}
					s := faultSession(t, faulty, provider)
					failure := epochs.run(s, mode)
					s.Close()
					if faulty.Count() < at {
						break
					}
					if at%3 == 0 {
						base.Crash()
					}
					s = faultSession(t, base, provider)
					if err := epochs.run(s, mode); err != nil {
						t.Fatalf("after fault %d (%s, which gave %v): %v", at, faulty.Operations()[at-1], failure, err)
					}
					s.Close()
					for epoch, want := range calm.seen {
						if got := epochs.seen[epoch]; !testkit.Same(got, want, true) {
							t.Fatalf("after fault %d (%s, which gave %v), epoch %d:\n%s\nwant\n%s", at, faulty.Operations()[at-1], failure, epoch, testkit.Show(got), testkit.Show(want))
						}
					}
				}
			})
		}
	}
}

// TestAQueryWithStateOnDiskSurvivesEveryFault is the file sink's test over the other provider.
func TestAQueryWithStateOnDiskSurvivesEveryFault(t *testing.T) {
	calm := faultSession(t, inputFiles(t), onDisk)
	if err := countWindows(calm); err != nil {
		t.Fatal(err)
	}
	want := outputRows(t, calm)
	calm.Close()
	for _, crash := range []bool{false, true} {
		t.Run(fmt.Sprintf("crash=%v", crash), func(t *testing.T) {
			t.Parallel()
			for at := 1; ; at++ {
				base := inputFiles(t)
				faulty := &vfs.Faulty{Base: base, FailAt: at, Sticky: at%2 == 0, Torn: true}
				s := faultSession(t, faulty, onDisk)
				failure := countWindows(s)
				s.Close()
				if faulty.Count() < at {
					break
				}
				if crash {
					base.Crash()
				}
				s = faultSession(t, base, onDisk)
				if err := countWindows(s); err != nil {
					t.Fatalf("after fault %d (%s, which gave %v): %v", at, faulty.Operations()[at-1], failure, err)
				}
				if got := outputRows(t, s); !testkit.Same(got, want, true) {
					t.Fatalf("after fault %d (%s, which gave %v):\n%s\nwant\n%s", at, faulty.Operations()[at-1], failure, testkit.Show(got), testkit.Show(want))
				}
				s.Close()
			}
		})
	}
}
