package engine

import (
	"context"
	"io"
	"sync"

	"github.com/apache/arrow-go/v18/arrow"

	"pysparkcompat/engine/logical"
)

// StorageLevel is where a persisted frame is kept. All levels are memory here; the level is what storageLevel answers.
type StorageLevel struct {
	Disk, Memory, OffHeap, Deserialized bool
	Replication                         int
}

// MemoryAndDisk is cache()'s level.
var MemoryAndDisk = StorageLevel{Disk: true, Memory: true, Deserialized: true, Replication: 1}

// cache keeps the rows of persisted frames from their first run on. Safe for concurrent use.
type cache struct {
	mu      sync.Mutex
	entries map[logical.Plan]*cached
	tables  map[string]*Frame // see CacheTable
}

type cached struct {
	level StorageLevel
	once  sync.Mutex
	full  bool
	rows  held
}

func newCache() *cache {
	return &cache{entries: map[logical.Plan]*cached{}, tables: map[string]*Frame{}}
}

// untagged is the node that a frame's tags stand on: descendants of the frame share it.
func untagged(p logical.Plan) logical.Plan {
	for {
		t, ok := p.(*logical.Tag)
		if !ok {
			return p
		}
		p = t.Child
	}
}

// Persist marks a frame: its first run keeps the rows, later ones read them.
func (s *Session) Persist(f *Frame, level StorageLevel) error {
	if err := logical.CheckBatch(f.plan); err != nil {
		return err
	}
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	key := untagged(f.plan)
	if s.cache.entries[key] == nil {
		s.cache.entries[key] = &cached{level: level}
	}
	return nil
}

// Unpersist forgets a frame's rows.
func (s *Session) Unpersist(f *Frame) {
	key := untagged(f.plan)
	s.cache.mu.Lock()
	e := s.cache.entries[key]
	delete(s.cache.entries, key)
	s.cache.mu.Unlock()
	if e != nil {
		e.drop()
	}
}

func (e *cached) drop() {
	e.once.Lock()
	defer e.once.Unlock()
	release(e.rows.batches)
	e.rows, e.full = held{}, false
}

// Level is a frame's storage level; the zero value where it is not persisted.
func (s *Session) Level(f *Frame) StorageLevel {
	s.cache.mu.Lock()
	defer s.cache.mu.Unlock()
	if e := s.cache.entries[untagged(f.plan)]; e != nil {
		return e.level
	}
	return StorageLevel{Replication: 1}
}

// ClearCache forgets the rows of all persisted frames.
func (s *Session) ClearCache() { s.cache.clear() }

func (c *cache) clear() {
	c.mu.Lock()
	entries := c.entries
	c.entries, c.tables = map[logical.Plan]*cached{}, map[string]*Frame{}
	c.mu.Unlock()
	for _, e := range entries {
		e.drop()
	}
}

func (c *cache) find(p logical.Plan) *cached {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.entries[p]
}

func (c *cache) empty() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.entries) == 0
}

// fill puts the rows of persisted frames in the place of their plans, running those that have not been run.
func (c *cache) fill(ctx context.Context, s *Session, p logical.Plan) (logical.Plan, error) {
	if c.empty() {
		return p, nil
	}
	if e := c.find(p); e != nil && !p.Streaming() {
		rows, err := e.read(ctx, s, p)
		if err != nil {
			return nil, err
		}
		return logical.Held(p.Output(), rows, "InMemoryTableScan"), nil
	}
	return c.beneath(ctx, s, p)
}

func (c *cache) beneath(ctx context.Context, s *Session, p logical.Plan) (logical.Plan, error) {
	return logical.TryChildren(p, func(child logical.Plan) (logical.Plan, error) { return c.fill(ctx, s, child) })
}

// shown puts what persisted frames are read from in the place of their plans, as explain shows them; nothing runs.
func (c *cache) shown(p logical.Plan) logical.Plan {
	if c.find(p) != nil && !p.Streaming() {
		return logical.Held(p.Output(), held{}, "InMemoryTableScan")
	}
	return logical.MapChildren(p, c.shown)
}

// read runs the plan once; those who come meanwhile wait for it. A failed run is tried again by the next.
func (e *cached) read(ctx context.Context, s *Session, p logical.Plan) (held, error) {
	e.once.Lock()
	defer e.once.Unlock()
	if e.full {
		return e.rows, nil
	}
	beneath, err := s.cache.beneath(ctx, s, p)
	if err != nil {
		return held{}, err
	}
	rows, err := s.runUncached(ctx, beneath)
	if err != nil {
		return held{}, err
	}
	defer rows.Close()
	var out []arrow.RecordBatch
	for {
		b, err := rows.Next(ctx)
		if err == io.EOF {
			e.rows, e.full = held{out}, true
			return e.rows, nil
		}
		if err != nil {
			release(out)
			return held{}, err
		}
		out = append(out, b)
	}
}
