package metalog

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"sort"
	"strconv"
	"strings"
	"time"

	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/vfs"
)

const compactSuffix = ".compact"

// Compaction is the settings of a compacted log: spark.sql.streaming.fileSource.log.* or fileSink.log.*.
type Compaction struct {
	Interval     int
	Delete       bool
	CleanupDelay time.Duration
	// MinBatches is spark.sql.streaming.minBatchesToRetain.
	MinBatches int
}

// Compacted is a log whose every Interval-th entry holds all entries so far. T is one line, as JSON. One goroutine uses it.
type Compacted[T any] struct {
	log    *Log
	set    Compaction
	clock  clock.Clock
	decode func(line []byte) (T, error)
	encode func(T) ([]byte, error)
	// keep says which entries a compaction takes over; nil takes all.
	keep func(T) bool
	// ahead is the next compacted entry, written but for its own lines.
	ahead   *draft
	aheadID int64
}

// OpenCompacted opens the folder. The interval is what the entries there were made with, as Spark derives it.
func OpenCompacted[T any](files vfs.FS, dir string, set Compaction, c clock.Clock,
	encode func(T) ([]byte, error), decode func([]byte) (T, error)) (*Compacted[T], error) {
	if set.Interval <= 0 {
		return nil, errs.New("_LEGACY_ERROR_UNNAMED_COMPACT_INTERVAL", "value", strconv.Itoa(set.Interval))
	}
	l, err := Open(files, dir, 1)
	if err != nil {
		return nil, err
	}
	out := &Compacted[T]{log: l, set: set, clock: c, encode: encode, decode: decode, aheadID: -1}
	names, err := out.names()
	if err != nil {
		return nil, err
	}
	var compacts []int64
	for _, n := range names {
		if n.compact {
			compacts = append(compacts, n.id)
		}
	}
	out.set.Interval = interval(set.Interval, compacts)
	return out, nil
}

// interval is Spark's rule: the distance of the last two compactions, or of the only one a divisor near the setting.
func interval(setting int, compacts []int64) int {
	n := len(compacts)
	switch {
	case n >= 2:
		return int(compacts[n-1] - compacts[n-2])
	case n == 1:
		whole := int(compacts[0]) + 1
		if whole <= setting || setting >= whole/2 {
			return whole
		}
		for d := setting; d <= whole/2; d++ {
			if whole%d == 0 {
				return d
			}
		}
		return whole
	}
	return setting
}

// Retain has compactions leave out what keep denies.
func (c *Compacted[T]) Retain(keep func(T) bool) { c.keep = keep }

// Interval is the distance between compactions.
func (c *Compacted[T]) Interval() int { return c.set.Interval }

// Dir is the folder.
func (c *Compacted[T]) Dir() string { return c.log.dir }

func (c *Compacted[T]) compacts(id int64) bool { return (id+1)%int64(c.set.Interval) == 0 }

func (c *Compacted[T]) name(id int64) string {
	if c.compacts(id) {
		return strconv.FormatInt(id, 10) + compactSuffix
	}
	return strconv.FormatInt(id, 10)
}

type named struct {
	id      int64
	compact bool
}

// names lists the entries in order.
func (c *Compacted[T]) names() ([]named, error) {
	entries, err := c.log.fs.ReadDir(c.log.dir)
	if err != nil {
		return nil, err
	}
	var out []named
	for _, e := range entries {
		number, compact := strings.CutSuffix(e.Name(), compactSuffix)
		if id, err := strconv.ParseInt(number, 10, 64); err == nil && id >= 0 {
			out = append(out, named{id, compact})
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].id < out[j].id })
	return out, nil
}

// Latest gives the highest number; ok is false while there is none.
func (c *Compacted[T]) Latest() (id int64, ok bool, err error) {
	names, err := c.names()
	if err != nil || len(names) == 0 {
		return -1, false, err
	}
	return names[len(names)-1].id, true, nil
}

// Has says whether the number is taken.
func (c *Compacted[T]) Has(id int64) (bool, error) {
	_, err := c.log.fs.Stat(path.Join(c.log.dir, c.name(id)))
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// Add writes an entry durably; added is false where the number is taken. At a compaction the file holds what came before too.
func (c *Compacted[T]) Add(ctx context.Context, id int64, entries []T) (added bool, err error) {
	if c.keep != nil && c.compacts(id) {
		entries = c.kept(entries)
	}
	lines, err := c.lines(entries)
	if err != nil {
		return false, err
	}
	if !c.compacts(id) {
		return c.log.add(c.name(id), append([]byte("v1"), lines...))
	}
	if taken, err := c.Has(id); err != nil || taken {
		return false, err
	}
	if err := c.Prepare(ctx, id); err != nil {
		return false, err
	}
	d := c.ahead
	c.ahead, c.aheadID = nil, -1
	if err := d.write(lines); err != nil {
		d.drop()
		return false, err
	}
	return d.publish()
}

func (c *Compacted[T]) lines(entries []T) ([]byte, error) {
	var out []byte
	for _, e := range entries {
		line, err := c.encode(e)
		if err != nil {
			return nil, err
		}
		out = append(append(out, '\n'), line...)
	}
	return out, nil
}

// Prepare writes ahead what entry id will hold of the entries before it, if id is a compaction and id-1 is there:
// Add then has only its own lines to write. It may be left out, and called between any two Adds.
func (c *Compacted[T]) Prepare(ctx context.Context, id int64) error {
	if !c.compacts(id) || c.aheadID == id {
		return nil
	}
	c.forgetAhead()
	d, err := c.log.draft(c.name(id))
	if err != nil {
		return err
	}
	if err := c.copyBefore(ctx, d, id); err != nil {
		d.drop()
		return err
	}
	c.ahead, c.aheadID = d, id
	return nil
}

func (c *Compacted[T]) copyBefore(ctx context.Context, d *draft, id int64) error {
	if err := d.write([]byte("v1")); err != nil {
		return err
	}
	start := max(id-int64(c.set.Interval), 0)
	for at := start; at < id; at++ {
		if err := ctx.Err(); err != nil {
			return err
		}
		if c.keep != nil {
			if err := c.copyKept(d, at, id-1); err != nil {
				return err
			}
			continue
		}
		content, err := c.content(at, id-1)
		if err != nil {
			return err
		}
		if line := bytes.IndexByte(content, '\n'); line >= 0 {
			if err := d.write(bytes.TrimRight(content[line:], "\n")); err != nil {
				return err
			}
		}
	}
	// What is copied now need not be flushed when the entry's own lines are.
	return d.file.Sync()
}

// copyKept copies what is to stay of an entry.
func (c *Compacted[T]) copyKept(d *draft, id, latest int64) error {
	entries, err := c.read(id, latest)
	if err != nil {
		return err
	}
	lines, err := c.lines(c.kept(entries))
	if err != nil {
		return err
	}
	return d.write(lines)
}

func (c *Compacted[T]) kept(entries []T) []T {
	out := make([]T, 0, len(entries))
	for _, e := range entries {
		if c.keep(e) {
			out = append(out, e)
		}
	}
	return out
}

// content is an entry's bytes, its version checked; it must be there.
func (c *Compacted[T]) content(id, latest int64) ([]byte, error) {
	file := path.Join(c.log.dir, c.name(id))
	content, err := vfs.ReadFile(c.log.fs, file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, errs.New("_LEGACY_ERROR_UNNAMED_LOG_MISSING", "path", file, "latestId", strconv.FormatInt(latest, 10),
			"compactInterval", strconv.Itoa(c.set.Interval)).WithCause(err)
	}
	if err != nil {
		return nil, err
	}
	if _, err := parse(file, content, 1); err != nil {
		return nil, err
	}
	return content, nil
}

func (c *Compacted[T]) read(id, latest int64) ([]T, error) {
	content, err := c.content(id, latest)
	if err != nil {
		return nil, err
	}
	lines := bytes.Split(content, []byte{'\n'})[1:]
	out := make([]T, 0, len(lines))
	for i, line := range lines {
		if len(line) == 0 && i == len(lines)-1 {
			break
		}
		v, err := c.decode(line)
		if err != nil {
			return nil, errs.New("_LEGACY_ERROR_UNNAMED_LOG_UNREADABLE", "path", path.Join(c.log.dir, c.name(id)),
				"reason", fmt.Sprintf("line %d: %v", i+2, err)).WithCause(err)
		}
		out = append(out, v)
	}
	return out, nil
}

// Get reads what entry id holds; of a compacted one that is all before it too. ok is false where there is none.
func (c *Compacted[T]) Get(id int64) (entries []T, ok bool, err error) {
	if ok, err := c.Has(id); err != nil || !ok {
		return nil, false, err
	}
	entries, err = c.read(id, id)
	return entries, err == nil, err
}

// All reads the whole log: the last compacted entry and those behind it. A gap among them raises.
func (c *Compacted[T]) All() ([]T, error) {
	latest, ok, err := c.Latest()
	if err != nil || !ok {
		return nil, err
	}
	step := int64(c.set.Interval)
	start := max((latest+1)/step*step-1, 0)
	var out []T
	for id := start; id <= latest; id++ {
		entries, err := c.read(id, latest)
		if err != nil {
			return nil, err
		}
		out = append(out, entries...)
	}
	return out, nil
}

// Expire removes what a later compaction holds and nobody needs any more, by Spark's rule: entries before the
// last compaction that keeps MinBatches of them, once they are CleanupDelay old. And what interrupted writers left.
func (c *Compacted[T]) Expire(latest int64) error {
	if err := c.sweep(latest); err != nil {
		return err
	}
	if !c.set.Delete || int64(c.set.Interval) > latest+1-int64(c.set.MinBatches) {
		return nil
	}
	first := latest + 1 - int64(c.set.MinBatches)
	compaction := first - first%int64(c.set.Interval) - 1
	names, err := c.names()
	if err != nil {
		return err
	}
	due := c.clock.Now().Add(-c.set.CleanupDelay)
	for _, n := range names {
		if n.id >= compaction {
			break
		}
		name := c.name(n.id)
		info, err := c.log.fs.Stat(path.Join(c.log.dir, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return err
		}
		if !info.ModTime().After(due) {
			if err := c.log.remove(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// sweep looks for leftovers once, and spares the draft at hand.
func (c *Compacted[T]) sweep(latest int64) error {
	c.log.mu.Lock()
	defer c.log.mu.Unlock()
	if c.log.oldest >= 0 {
		return nil
	}
	c.log.oldest = 0
	return c.log.sweep(latest)
}

func (c *Compacted[T]) forgetAhead() {
	if c.ahead != nil {
		c.ahead.drop()
		c.ahead, c.aheadID = nil, -1
	}
}

// Close gives up what was prepared.
func (c *Compacted[T]) Close() error {
	c.forgetAhead()
	return nil
}
