package dstream

import (
	"context"
	"sort"

	"pysparkcompat/engine/errs"
)

// token is a node's RDD at a time: the one made before, else a new one; None where there is none.
func (c *Context) token(ctx context.Context, n *node, t int64) (Token, error) {
	if tok, ok := n.tokens[t]; ok {
		return tok, nil
	}
	if path, ok := n.restored[t]; ok {
		tok, err := c.driver.Restore(ctx, n.id, t, path)
		if err != nil {
			return None, err
		}
		delete(n.restored, t)
		n.saved[t] = path
		c.graph.remembers(n, t, tok)
		return tok, nil
	}
	if !c.graph.valid(n, t) {
		return None, nil
	}
	if err := ctx.Err(); err != nil {
		return None, context.Cause(ctx)
	}
	tok, err := c.make(ctx, n, t)
	if err != nil || tok == None {
		return None, err
	}
	c.graph.remembers(n, t, tok)
	if n.saves(c.graph.zero, t) {
		n.marked[t] = tok
	}
	return tok, nil
}

func (n *node) saves(zero, t int64) bool { return n.interval > 0 && (t-zero)%n.interval == 0 }

func (g *graph) remembers(n *node, t int64, tok Token) {
	if tok != None {
		n.tokens[t] = tok
		g.held[tok]++
	}
}

// make asks the driver for an RDD, with what the node's kind makes it of.
func (c *Context) make(ctx context.Context, n *node, t int64) (Token, error) {
	r := &Request{Node: n.id, Kind: n.Kind, Time: t, Checkpoint: n.saves(c.graph.zero, t)}
	var err error
	switch n.Kind {
	case Files:
		r.Paths, err = c.newFiles(n, t)
	case Socket:
		r.Blocks, err = c.blocksOf(n, t)
	case Queue:
	case Mapped:
		var none bool
		if none, err = c.parents(ctx, n, r); none {
			return None, err
		}
	case Windowed:
		r.Tokens, err = c.slice(ctx, n.parents[0], t-n.Window+n.parents[0].slide, t)
	case Stateful:
		if r.Previous, err = c.token(ctx, n, t-n.slide); err != nil {
			return None, err
		}
		var of Token
		if of, err = c.token(ctx, n.parents[0], t); of == None {
			return r.Previous, err // nothing came: the state stays what it was
		}
		r.Tokens = []Token{of}
	case Reduced:
		if whole, err := c.reduced(ctx, n, r); err != nil || whole == None {
			return whole, err
		}
	default:
		err = errs.Internal("a stream of kind %q", n.Kind)
	}
	if err != nil {
		return None, err
	}
	return c.driver.Compute(ctx, r)
}

// parents fills in the parents' RDDs; none says that the node has no RDD since a parent has none.
func (c *Context) parents(ctx context.Context, n *node, r *Request) (none bool, err error) {
	for _, p := range n.parents {
		tok, err := c.token(ctx, p, r.Time)
		if err != nil {
			return true, err
		}
		if tok == None && n.Missing != Null {
			if n.Missing == Fail {
				err = errs.New(errs.Unnamed+"DSTREAM_NO_RDD", "time", millis(r.Time))
			}
			return true, err
		}
		r.Tokens = append(r.Tokens, tok)
	}
	return false, nil
}

// small is the number of slides below which a window is reduced anew: taking out and putting in would cost more.
const small = 5

// reduced fills in what a window with an inverse is made of; it gives None where there is nothing to reduce.
func (c *Context) reduced(ctx context.Context, n *node, r *Request) (some Token, err error) {
	p, t := n.parents[0], r.Time
	previous, err := c.token(ctx, n, t-n.slide)
	if err != nil {
		return None, err
	}
	if n.Inverse && previous != None && n.Window >= small*n.slide {
		r.Previous = previous
		if r.Left, err = c.slice(ctx, p, t-n.slide-n.Window+p.slide, t-n.Window); err != nil {
			return None, err
		}
		r.Came, err = c.slice(ctx, p, t-n.slide+p.slide, t)
		return previous, err
	}
	r.Came, err = c.slice(ctx, p, t-n.Window+p.slide, t)
	if len(r.Came) == 0 {
		return None, err
	}
	return r.Came[0], err
}

// slice is a node's RDDs between two times, both included.
func (c *Context) slice(ctx context.Context, n *node, from, to int64) ([]Token, error) {
	held, err := c.between(ctx, n, from, to)
	out := make([]Token, 0, len(held))
	for _, h := range held {
		out = append(out, h.Token)
	}
	return out, err
}

func (c *Context) between(ctx context.Context, n *node, from, to int64) ([]Held, error) {
	zero := c.graph.zero
	align := func(t int64) int64 { return (t-zero)/n.slide*n.slide + zero }
	var out []Held
	for t := max(align(from), zero); t <= align(to); t += n.slide {
		tok, err := c.token(ctx, n, t)
		if err != nil {
			return nil, err
		}
		if tok != None {
			out = append(out, Held{n.id, t, tok})
		}
	}
	return out, nil
}

// output asks for the RDDs of all output operations at a time.
func (c *Context) jobs(ctx context.Context, t int64) ([]*Output, error) {
	var out []*Output
	for i, o := range c.graph.outputs {
		tok, err := c.token(ctx, c.graph.nodes[o.Node], t)
		if err != nil {
			return nil, err
		}
		if tok != None {
			out = append(out, &Output{Index: i, ID: len(out), Node: o.Node, Time: t, Token: tok})
		}
	}
	return out, nil
}

// forget drops the RDDs that no batch after t needs.
func (g *graph) forget(t int64) []Token {
	var out []Token
	for _, n := range g.nodes {
		before := t - n.remember
		for at, tok := range n.tokens {
			if at <= before {
				delete(n.tokens, at)
				if g.release(tok) {
					out = append(out, tok)
				}
			}
		}
		for _, m := range []map[int64]string{n.saved, n.restored} {
			for at := range m {
				if at <= before {
					delete(m, at)
				}
			}
		}
		for at := range n.marked {
			if at <= before {
				delete(n.marked, at)
			}
		}
		if n.files != nil {
			n.files.forget(before)
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i] < out[j] })
	return out
}

// release gives one hold of a token back and says whether it was the last.
func (g *graph) release(tok Token) bool {
	g.held[tok]--
	if g.held[tok] > 0 {
		return false
	}
	delete(g.held, tok)
	return true
}
