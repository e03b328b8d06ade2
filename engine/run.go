package engine

import (
	"context"
	"io"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/conf"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/exec"
	"pysparkcompat/engine/format"
	"pysparkcompat/engine/logical"
	"pysparkcompat/engine/planner"
	"pysparkcompat/engine/source"
)

// Rows are the results of a batch run, read while it runs. One goroutine uses them; Close always.
type Rows struct{ results *exec.Results }

// Next gives the next batch, owned by the caller; io.EOF after the last.
func (r *Rows) Next(ctx context.Context) (arrow.RecordBatch, error) {
	b, err := r.results.Next(ctx)
	if err == nil && b == nil {
		err = io.EOF
	}
	return b, err
}

// Close ends the run.
func (r *Rows) Close() error { return r.results.Close() }

// Run runs a frame whose sources are bounded. The rows keep the order of the sources, as far as the plan keeps it.
func (s *Session) Run(ctx context.Context, f *Frame) (*Rows, error) {
	return s.run(ctx, f.plan)
}

func (s *Session) run(ctx context.Context, p logical.Plan) (*Rows, error) {
	if err := logical.CheckBatch(p); err != nil {
		return nil, err
	}
	p, err := s.cache.fill(ctx, s, p)
	if err != nil {
		return nil, err
	}
	return s.runUncached(ctx, p)
}

// runUncached runs a plan as it is.
func (s *Session) runUncached(ctx context.Context, p logical.Plan) (*Rows, error) {
	results := exec.NewResults()
	err := s.batch(ctx, p, true, func(root *exec.Node) *exec.Node {
		return &exec.Node{Inputs: []exec.Feed{&exec.Exchange{From: root, Kind: exec.Single}}, Name: "CollectResults", Make: results.Collect}
	}, func(pipeline *exec.Pipeline, e exec.Epoch, inputs []exec.StageInput) error {
		results.Start(ctx, pipeline, e, inputs)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &Rows{results}, nil
}

// batch plans a bounded frame under a root of its own and starts it.
func (s *Session) batch(ctx context.Context, p logical.Plan, ordered bool, top func(*exec.Node) *exec.Node,
	start func(*exec.Pipeline, exec.Epoch, []exec.StageInput) error) error {
	p = logical.Optimize(p, s.folding())
	plan, err := planner.Make(p, s.plannerEnv())
	if err != nil {
		return err
	}
	inputs, err := s.inputs(ctx, plan)
	if err != nil {
		return err
	}
	pipeline, err := exec.New(top(plan.Root), exec.Config{Instance: s.instance(), Cores: s.cores, Ordered: ordered, Ended: s.tellers(plan)})
	if err != nil {
		return err
	}
	return start(pipeline, s.onlyEpoch(), inputs)
}

// onlyEpoch is the epoch of a batch run.
func (s *Session) onlyEpoch() exec.Epoch {
	return exec.Epoch{NowMicros: micros(s.Clock().Now()), LateBelow: noWatermark, Watermark: noWatermark, Seed: s.engine.seed, Last: true}
}

const noWatermark = -1 << 63

func (s *Session) plannerEnv() *planner.Env {
	return &planner.Env{Instance: s.instance(), Cores: s.cores, Runner: s.runner, Zone: s.conf.String(conf.TimeZone), Conf: s.udfConf(),
		BatchRows: s.conf.Int(conf.ArrowBatch), Partitions: s.conf.Int(conf.ShufflePartitions)}
}

// inputs are the splits of a batch plan's sources.
func (s *Session) inputs(ctx context.Context, plan *planner.Plan) ([]exec.StageInput, error) {
	out := make([]exec.StageInput, len(plan.Leaves))
	for i, l := range plan.Leaves {
		splits, err := s.splits(ctx, l)
		if err != nil {
			return nil, err
		}
		out[i].Splits = splits
	}
	return out, nil
}

// splits are those of one bounded source.
func (s *Session) splits(ctx context.Context, l planner.Leaf) ([]source.Split, error) {
	switch {
	case l.Data != nil:
		return s.dataSplits(l.Data.Rows)
	case l.Range != nil:
		return planner.RangeSplits(l.Range, s.cores, s.engine.mem), nil
	}
	table, ok := l.Scan.Source.(source.Table)
	if !ok {
		return nil, errs.Internal("a source of type %T is no table", l.Scan.Source)
	}
	return table.Splits(ctx)
}

// portions cuts batches into as many consecutive parts as there are cores.
func portions(batches []arrow.RecordBatch, cores int) []source.Split {
	parts := min(cores, len(batches))
	out := make([]source.Split, parts)
	for i := range out {
		out[i] = exec.NewValues(batches[i*len(batches)/parts : (i+1)*len(batches)/parts])
	}
	return out
}

// Show is the text that show() prints.
func (s *Session) Show(ctx context.Context, f *Frame, rows, truncate int, vertical bool) (string, error) {
	batches, err := s.first(ctx, f, rows)
	if err != nil {
		return "", err
	}
	defer release(batches)
	return format.Show(f.Schema(), batches, s.location(), format.ShowOptions{Rows: rows, Truncate: truncate, Vertical: vertical})
}

// first gives a frame's first rows, and one more where there are more.
func (s *Session) first(ctx context.Context, f *Frame, n int) ([]arrow.RecordBatch, error) {
	rows, err := s.run(ctx, &logical.Limit{Child: f.plan, N: int64(max(n, 0)) + 1})
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []arrow.RecordBatch
	for {
		b, err := rows.Next(ctx)
		if err == io.EOF {
			return out, nil
		}
		if err != nil {
			release(out)
			return nil, err
		}
		out = append(out, b)
	}
}

func release(batches []arrow.RecordBatch) {
	for _, b := range batches {
		b.Release()
	}
}

// HTML is the table that a notebook shows.
func (s *Session) HTML(ctx context.Context, f *Frame, rows, truncate int) (string, error) {
	batches, err := s.first(ctx, f, rows)
	if err != nil {
		return "", err
	}
	defer release(batches)
	return format.HTML(f.Schema(), batches, s.location(), format.ShowOptions{Rows: rows, Truncate: truncate}), nil
}
