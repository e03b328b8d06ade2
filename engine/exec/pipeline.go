package exec

import (
	"context"
	"errors"
	"strings"
	"sync"

	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/source"
)

// Config is what a pipeline runs on.
type Config struct {
	// Instance gives what every operator may know; Index and Count are filled in.
	Instance Instance
	// Cores is how many instances a stage has where nothing else says.
	Cores int
	// Ordered keeps the sources' order of rows through Single exchanges, as far as operators keep it: for results
	// that a user looks at. Streams do without.
	Ordered bool
	// Ended is called after an epoch, with how it ended, before Run returns its answer; it may be nil.
	Ended func(error) error
}

// StageInput is what one source gives in an epoch.
type StageInput struct{ Splits []source.Split }

// Pipeline is a plan's operators, ready to run epoch after epoch. One goroutine calls Run, Metrics and Close, in turn.
// Run starts a goroutine for each instance of each stage and returns when all have ended. After an error only Close
// may be called.
type Pipeline struct {
	c         Config
	stages    []*stage // producers before consumers
	exchanges []*exchange
	root      *stage
	failed    bool
}

// New cuts the plan into stages and makes all operators.
func New(root *Node, c Config) (*Pipeline, error) {
	if c.Instance.Now == nil {
		c.Instance.Now = clock.Real{}.Now
	}
	p := &Pipeline{c: c}
	s, err := p.stage(root, 0, c.Cores)
	if err == nil {
		p.root = s
		err = p.makeTasks()
	}
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	return p, nil
}

// stage cuts the stage beneath a feed; n is the number of instances that the plan asks for, or 0, and otherwise how
// many there are where no exchange asks either.
func (p *Pipeline) stage(f Feed, n, otherwise int) (*stage, error) {
	s := &stage{n: n}
	s.root, _ = f.(*Node)
	if err := p.collect(s, f); err != nil {
		return nil, err
	}
	if s.n == 0 {
		s.n = otherwise
	}
	for _, in := range s.inputs {
		if in.from != nil {
			in.from.consumers = s.n
		}
	}
	p.stages = append(p.stages, s)
	return s, nil
}

// collect finds a stage's inputs, in the order of its ports, and the stages before it.
func (p *Pipeline) collect(s *stage, f Feed) error {
	switch f := f.(type) {
	case *Leaf:
		s.inputs = append(s.inputs, &input{leaf: f})
		return nil
	case *Exchange:
		return p.collectExchange(s, f)
	}
	n, ok := f.(*Node)
	if !ok {
		return errs.Internal("a stage cannot be fed by %T", f)
	}
	for _, b := range n.Before {
		before, err := p.stage(b.Root, b.Instances, 1)
		if err != nil {
			return err
		}
		before.once = b.Once
		s.before = append(s.before, before)
	}
	for _, in := range n.Inputs {
		if err := p.collect(s, in); err != nil {
			return err
		}
	}
	return nil
}

func (p *Pipeline) collectExchange(s *stage, f *Exchange) error {
	n := f.Instances
	if f.Kind == Single {
		n = 1
	}
	if n == 0 {
		n = p.c.Cores
	}
	if s.n != 0 && s.n != n {
		return errs.Internal("exchanges into one stage ask for %d and %d instances", s.n, n)
	}
	s.n = n
	from, err := p.stage(f.From, 0, p.c.Cores)
	if err != nil {
		return err
	}
	x := newExchange(f, p.c.Instance.Mem, from.n, n, p.c.Ordered)
	from.out = x
	p.exchanges = append(p.exchanges, x)
	s.inputs = append(s.inputs, &input{from: x})
	return nil
}

func (p *Pipeline) makeTasks() error {
	for _, s := range p.stages {
		for i := 0; i < s.n; i++ {
			t := &task{s: s, instance: p.c.Instance}
			t.instance.Index, t.instance.Count = i, s.n
			s.tasks = append(s.tasks, t)
			if s.root == nil {
				t.mouths = []mouth{{}}
				continue
			}
			root, err := t.newLink(s.root, nil, 0)
			if err != nil {
				return err
			}
			t.root = root
		}
	}
	return nil
}

// Run drives one epoch: Begin marks, the rows of all inputs (by Leaf.Source), End marks. The first error cancels the
// rest and is the one returned.
func (p *Pipeline) Run(ctx context.Context, e Epoch, inputs []StageInput) error {
	if p.failed {
		return errs.Internal("a pipeline that failed is run again")
	}
	if err := p.open(inputs); err != nil {
		return err
	}
	run, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var wg sync.WaitGroup
	for _, s := range p.stages {
		if s.once && s.ran {
			continue
		}
		for _, t := range s.tasks {
			wg.Add(1)
			go func() {
				defer wg.Done()
				if err := t.run(run, e); err != nil {
					cancel(err)
					return
				}
				if s.left.Add(-1) == 0 {
					s.ran = true
					close(s.done)
				}
			}()
		}
	}
	wg.Wait()
	for _, x := range p.exchanges {
		x.drain()
	}
	err := context.Cause(run)
	p.failed = err != nil
	if p.c.Ended != nil {
		return p.c.Ended(err)
	}
	return err
}

// open readies the stages for an epoch.
func (p *Pipeline) open(inputs []StageInput) error {
	for _, s := range p.stages {
		s.done = make(chan struct{})
		if s.once && s.ran {
			close(s.done)
			continue
		}
		s.left.Store(int32(s.n))
		splits := make([]int, len(s.inputs))
		for i, in := range s.inputs {
			splits[i] = -1
			if in.leaf == nil {
				continue
			}
			if in.leaf.Source >= len(inputs) {
				return errs.Internal("source %d has no input among %d", in.leaf.Source, len(inputs))
			}
			in.splits = inputs[in.leaf.Source].Splits
			in.next.Store(0)
			splits[i] = len(in.splits)
		}
		if s.out != nil {
			s.lanes = newLanes(splits, s.n)
			s.out.open(s.lanes)
		}
	}
	return nil
}

// Close closes all operators.
func (p *Pipeline) Close() error {
	var all []error
	for _, s := range p.stages {
		for _, t := range s.tasks {
			if err := t.close(); err != nil {
				all = append(all, err)
			}
		}
		s.tasks = nil
	}
	return errors.Join(all...)
}

// Explain is the operators, the last one first, each beneath the one it feeds.
func (p *Pipeline) Explain() string {
	var b strings.Builder
	if p.root != nil && len(p.root.tasks) > 0 {
		p.explainFeed(&b, p.root.root, p.root, 0)
	}
	return b.String()
}

func (p *Pipeline) explainFeed(b *strings.Builder, f Feed, s *stage, depth int) {
	line := func(text string) {
		if depth > 0 {
			b.WriteString(strings.Repeat("   ", depth-1) + "+- ")
		}
		b.WriteString(text + "\n")
	}
	switch f := f.(type) {
	case *Leaf:
		line(f.Name)
	case *Exchange:
		line(f.Explain())
		p.explainFeed(b, f.From, p.below(f), depth+1)
	case *Node:
		text := s.explain(f)
		if text == "Project " { // only passes columns on
			p.explainFeed(b, f.Inputs[0], s, depth)
			return
		}
		line(text)
		for _, before := range f.Before {
			for _, other := range p.stages {
				if other.root == before.Root {
					p.explainFeed(b, before.Root, other, depth+1)
				}
			}
		}
		for _, in := range f.Inputs {
			p.explainFeed(b, in, s, depth+1)
		}
	}
}

// below is the stage that feeds an exchange.
func (p *Pipeline) below(x *Exchange) *stage {
	for _, s := range p.stages {
		if s.out != nil && s.out.plan == x {
			return s
		}
	}
	return nil
}

func (s *stage) explain(n *Node) string {
	if s != nil && len(s.tasks) > 0 {
		for _, l := range s.tasks[0].links {
			if l.node == n {
				return l.op.Explain()
			}
		}
	}
	return n.Name
}

// Explain is the exchange's line in explain().
func (x *Exchange) Explain() string {
	switch x.Kind {
	case Single:
		return "Exchange SinglePartition"
	case RoundRobin:
		return "Exchange RoundRobinPartitioning"
	case Broadcast:
		return "BroadcastExchange"
	}
	return "Exchange hashpartitioning"
}
