package state

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/cockroachdb/pebble/v2"

	"pysparkcompat/engine/batch"
)

// opened reads how many rows the database has, all of them absent, and brings them where they surely fit.
func (c *cold) opened() error {
	for _, p := range c.mine() {
		b, err := c.d.get(c.head(nil, p, countKind))
		if err != nil {
			return err
		}
		if n, w := binary.Varint(b); w > 0 {
			c.counts[p] = n
			c.absent += int(n)
		}
	}
	if c.t.spec.Resident || int64(c.absent)*coldRow < c.d.tableBytes()/2 {
		return c.all()
	}
	return nil
}

// coldRow is a guess of what a row takes in memory.
const coldRow = 160

// all brings every row.
func (c *cold) all() error {
	if c.absent == 0 {
		return nil
	}
	return c.scan(func([]int32) error { return nil }, true)
}

// scan brings the rows that are not in memory, some at a time; unless they are to stay, they go when visit has had them.
func (c *cold) scan(visit func(slots []int32) error, stay bool) error {
	for _, p := range c.mine() {
		lower := c.head(nil, p, rowKind)
		if err := c.walk(lower, c.head(nil, p, rowKind+1), visit, stay); err != nil {
			return err
		}
	}
	return nil
}

// walk is scan between two keys.
func (c *cold) walk(lower, upper []byte, visit func(slots []int32) error, stay bool) error {
	it, err := c.d.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return err
	}
	more := it.First()
	for more && err == nil {
		keys, values, n := c.columns(c.t.spec.Keys), c.columns(c.t.spec.Values), 0
		for ; more && n < chunk/8; more = it.Next() {
			if _, deleted := c.gone[string(it.Key())]; deleted {
				continue
			}
			v, bad := it.ValueAndErr()
			if bad != nil {
				err = bad
				break
			}
			keys.add(c.keyPart(it.Key()))
			values.add(v)
			n++
		}
		err = c.visit(keys.done(), values.done(), n, visit, stay, err)
	}
	if err == nil {
		err = it.Error()
	}
	if closing := it.Close(); err == nil {
		err = closing
	}
	return err
}

// keyPart is the encoded keys of a row's key.
func (c *cold) keyPart(key []byte) []byte {
	if c.byKey() {
		return key[keyHead+8:]
	}
	return key[keyHead:]
}

func (c *cold) visit(keys, values []arrow.Array, n int, visit func([]int32) error, stay bool, err error) error {
	defer batch.Release(keys...)
	defer batch.Release(values...)
	if err != nil || n == 0 {
		return err
	}
	slots, err := c.load(keys, values, n)
	if err != nil || len(slots) == 0 {
		return err
	}
	if err := visit(slots); err != nil || stay {
		return err
	}
	c.evict(slices.DeleteFunc(slots, func(s int32) bool { return hasBit(c.t.marked, s) }))
	return nil
}

// due brings the rows that are due and not in memory.
func (c *cold) due(upTo int64) error {
	if c.absent == 0 || upTo < c.floor {
		return nil
	}
	end := int64(math.MaxInt64)
	if upTo < math.MaxInt64 {
		end = upTo + 1
	}
	for _, p := range c.mine() {
		var err error
		if c.byKey() {
			err = c.walk(c.head(nil, p, rowKind), ordered(c.head(nil, p, rowKind), end), func([]int32) error { return nil }, true)
		} else {
			err = c.dueBySecond(c.head(nil, p, dueKind), ordered(c.head(nil, p, dueKind), end))
		}
		if err != nil {
			return err
		}
	}
	c.floor = end
	return nil
}

// dueBySecond brings the rows whose second keys lie between two.
func (c *cold) dueBySecond(lower, upper []byte) error {
	it, err := c.d.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		return err
	}
	more := it.First()
	for more && err == nil {
		keys, n := c.columns(c.t.spec.Keys), 0
		for ; more && n < chunk/8; more = it.Next() {
			keys.add(it.Key()[keyHead+8:])
			n++
		}
		cols := keys.done()
		slots, rows := make([]int32, n), make([]int32, 0, n)
		c.t.groups.Find(cols, n, slots)
		for i, s := range slots {
			if s < 0 {
				rows = append(rows, int32(i))
			}
		}
		if len(rows) > 0 {
			err = c.bring(cols, rows)
		}
		batch.Release(cols...)
	}
	if err == nil {
		err = it.Error()
	}
	if closing := it.Close(); err == nil {
		err = closing
	}
	return err
}
