package dstream

import (
	"fmt"
)

// node is a stream of the graph. The generator owns it once the context has started.
type node struct {
	Spec
	id      int
	stream  int // number among the input streams, -1 for others
	parents []*node
	slide   int64
	used    bool // an output operation depends on it

	remember, interval int64
	// tokens are the RDDs made, by their times.
	tokens map[int64]Token
	// saved are the paths of RDDs known to be saved; restored those of an earlier life that were not asked for yet.
	saved, restored map[int64]string
	// marked are the RDDs that the driver shall save and of which no path is known yet.
	marked map[int64]Token
	files  *watched
}

// graph is the nodes, in the order they were made: parents come before children.
type graph struct {
	batch    int64
	zero     int64
	remember int64 // of StreamingContext.remember
	nodes    []*node
	inputs   []*node
	outputs  []OutputSpec
	// held counts for each token the places that hold it.
	held map[Token]int
}

func newGraph(batch int64) *graph { return &graph{batch: batch, held: map[Token]int{}} }

// add makes a node, or says what is wrong with it.
func (g *graph) add(s Spec) (*node, error) {
	n := &node{Spec: s, id: len(g.nodes), stream: -1, slide: g.batch, tokens: map[int64]Token{}, saved: map[int64]string{},
		restored: map[int64]string{}, marked: map[int64]Token{}}
	for _, p := range s.Parents {
		if p < 0 || p >= len(g.nodes) {
			return nil, illegal(fmt.Sprintf("a stream depends on number %d, which does not exist", p))
		}
		n.parents = append(n.parents, g.nodes[p])
	}
	switch {
	case s.input():
		n.stream = len(g.inputs)
		g.inputs = append(g.inputs, n)
	case len(n.parents) == 0:
		return nil, illegal("requirement failed: List of DStreams to transform is empty")
	case s.Kind == Windowed || s.Kind == Reduced:
		if n.Slide == 0 {
			n.Slide = n.parents[0].slide
		}
		if err := checkWindow(&n.Spec, n.parents[0].slide); err != nil {
			return nil, err
		}
		n.slide = n.Slide
	default:
		n.slide = n.parents[0].slide
		for _, p := range n.parents[1:] {
			if p.slide != n.slide && s.Slides != "first" {
				return nil, illegal("requirement failed: Some of the DStreams have different slide durations")
			}
		}
	}
	if s.Kind == Files {
		n.files = &watched{}
	}
	g.nodes = append(g.nodes, n)
	return n, nil
}

// initialize sets the zero time and what follows from it: how long RDDs are kept and how often they are saved.
func (g *graph) initialize(zero int64) {
	g.zero = zero
	for _, o := range g.outputs {
		use(g.nodes[o.Node])
	}
	for _, n := range g.nodes {
		if n.interval = n.Interval; n.interval == 0 && n.mustSave() {
			n.interval = n.slide * ((10_000 + n.slide - 1) / n.slide)
		}
		if n.remember = n.slide; n.interval > 0 && n.remember <= n.interval {
			n.remember = 2 * n.interval // so that the latest saved one is not forgotten
		}
		if n.files != nil {
			n.remember = max(n.remember, n.files.window)
		}
	}
	for _, o := range g.outputs {
		n := g.nodes[o.Node] // the operation itself is a stream with its parent's slide
		n.remember = max(n.remember, n.slide, g.remember)
	}
	for i := len(g.nodes) - 1; i >= 0; i-- {
		n := g.nodes[i]
		if !n.used {
			continue
		}
		d := n.remember
		if n.Kind == Windowed || n.Kind == Reduced {
			d += n.Window
		}
		for _, p := range n.parents {
			p.remember = max(p.remember, d)
		}
	}
}

func use(n *node) {
	if n.used {
		return
	}
	n.used = true
	for _, p := range n.parents {
		use(p)
	}
}

// check says what is wrong with the graph at start. saves says whether RDDs can be saved.
func (g *graph) check(saves bool) error {
	for _, n := range g.nodes {
		if !n.used || n.interval == 0 {
			continue
		}
		name := class[n.Kind]
		switch {
		case !saves:
			return illegal("requirement failed: The checkpoint directory has not been set. Please set it by StreamingContext.checkpoint().")
		case n.interval < n.slide:
			return illegal(fmt.Sprintf("requirement failed: The checkpoint interval for %s has been set to %s which is lower than its slide time (%s). "+
				"Please set it to at least %[3]s.", name, millis(n.interval), millis(n.slide)))
		case n.interval%n.slide != 0:
			return illegal(fmt.Sprintf("requirement failed: The checkpoint interval for %s has been set to %s which not a multiple of its slide time (%s). "+
				"Please set it to a multiple of %[3]s.", name, millis(n.interval), millis(n.slide)))
		case n.remember <= n.interval:
			return illegal(fmt.Sprintf("requirement failed: The remember duration for %s has been set to %s which is not more than the checkpoint interval (%s). "+
				"Please set it to a value higher than %[3]s.", name, millis(n.remember), millis(n.interval)))
		}
	}
	return nil
}

// longest is how long the inputs' RDDs are kept at most.
func (g *graph) longest() int64 {
	d := g.batch
	for _, n := range g.inputs {
		if n.used {
			d = max(d, n.remember)
		}
	}
	return d
}

// reach is how far back a batch can still be made: the states it needs are kept so long.
func (g *graph) reach() int64 {
	d := g.longest()
	for _, n := range g.nodes {
		if n.used && n.mustSave() {
			d = min(d, n.remember)
		}
	}
	return d
}

func (g *graph) valid(n *node, t int64) bool { return t > g.zero && (t-g.zero)%n.slide == 0 }
