package parquet

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/memory"
	pq "github.com/apache/arrow-go/v18/parquet"
	"github.com/apache/arrow-go/v18/parquet/file"

	"pysparkcompat/engine/batch"
)

// column reads one field of a row group, n rows at a time.
type column interface {
	// read gives the next n rows.
	read(n int) (arrow.Array, error)
	// skip passes n rows over.
	skip(n int) error
	close()
}

// values decodes one physical type into one Arrow type. Order of calls: dictionary (if the chunk has one), then page
// for each page and read or skip within it; begin and finish around the reads of one array.
type values interface {
	dictionary(data []byte, n int) error
	// page starts on the bytes of n values; numbered says that they are dictionary numbers.
	page(data []byte, n int, numbered bool) error
	begin(n int)
	// read decodes set values for the rows [at, at+rows); valid says which of those, nil for all.
	read(at, rows, set int, valid *batch.Marks) error
	skip(set int) error
	finish(valid *batch.Marks) arrow.Array
	drop()
}

// flat is a column without repetition, of which at most the field itself may be null.
type flat struct {
	pages    file.PageReader
	optional bool
	levels   hybrid
	left     int // rows left in the page
	v        values
	mem      memory.Allocator
	valid    *batch.Marks // of the array at hand
	scratch  []byte
}

func (c *flat) close() {
	c.v.drop()
	c.valid.Drop()
	c.valid = nil
	c.pages.Close()
}

// advance goes to the next page with rows.
func (c *flat) advance() error {
	for c.left == 0 {
		if !c.pages.Next() {
			if err := c.pages.Err(); err != nil {
				return err
			}
			return errShort
		}
		if err := c.start(c.pages.Page()); err != nil {
			return err
		}
	}
	return nil
}

func (c *flat) start(p file.Page) error {
	switch p := p.(type) {
	case *file.DictionaryPage:
		return c.v.dictionary(p.Data(), int(p.NumValues()))
	case *file.DataPageV1:
		data := p.Data()
		if c.optional {
			if p.DefinitionLevelEncoding() != pq.Encodings.RLE {
				return fmt.Errorf("definition levels are encoded as %v", p.DefinitionLevelEncoding())
			}
			if len(data) < 4 || len(data)-4 < int(binary.LittleEndian.Uint32(data)) {
				return errShort
			}
			size := int(binary.LittleEndian.Uint32(data))
			c.levels.reset(data[4:4+size], 1)
			data = data[4+size:]
		}
		return c.values(data, int(p.NumValues()), pq.Encoding(p.Encoding()))
	case *file.DataPageV2:
		data := p.Data()
		def, rep := int(p.DefinitionLevelByteLen()), int(p.RepetitionLevelByteLen())
		if def < 0 || rep < 0 || def+rep > len(data) {
			return errShort
		}
		c.levels.reset(data[rep:rep+def], 1)
		return c.values(data[rep+def:], int(p.NumValues()), pq.Encoding(p.Encoding()))
	}
	return nil // an index page
}

func (c *flat) values(data []byte, n int, enc pq.Encoding) error {
	c.left = n
	switch enc {
	case pq.Encodings.Plain:
		return c.v.page(data, n, false)
	case pq.Encodings.RLEDict, pq.Encodings.PlainDict:
		return c.v.page(data, n, true)
	}
	return fmt.Errorf("a page is encoded as %v", enc)
}

func (c *flat) read(n int) (arrow.Array, error) {
	c.v.begin(n)
	need := func() []byte {
		if c.valid == nil {
			c.valid = batch.NewMarks(c.mem, n, true)
		}
		return c.valid.Bits
	}
	for done := 0; done < n; {
		if err := c.advance(); err != nil {
			return nil, err
		}
		rows := min(c.left, n-done)
		set := rows
		if c.optional {
			var err error
			if set, err = c.levels.levels(rows, done, need); err != nil {
				return nil, err
			}
		}
		marks := c.valid
		if set == rows {
			marks = nil
		}
		if err := c.v.read(done, rows, set, marks); err != nil {
			return nil, err
		}
		done += rows
		c.left -= rows
	}
	valid := c.valid
	c.valid = nil
	return c.v.finish(valid), nil
}

func (c *flat) skip(n int) error {
	for n > 0 {
		if err := c.advance(); err != nil {
			return err
		}
		rows := min(c.left, n)
		set := rows
		if c.optional {
			if cap(c.scratch) < rows/8+1 {
				c.scratch = make([]byte, rows/8+1)
			}
			var err error
			if set, err = c.levels.levels(rows, 0, func() []byte { return c.scratch[:rows/8+1] }); err != nil {
				return err
			}
		}
		if err := c.v.skip(set); err != nil {
			return err
		}
		n -= rows
		c.left -= rows
	}
	return nil
}

var errDictionary = errors.New("a page points outside its dictionary")

// numbers is the dictionary numbers of a page.
type numbers struct {
	hybrid
	scratch []uint32
}

func (d *numbers) start(data []byte) error {
	if len(data) == 0 {
		d.reset(nil, 0)
		return nil
	}
	if data[0] > 32 {
		return fmt.Errorf("dictionary numbers of %d bits", data[0])
	}
	d.reset(data[1:], uint(data[0]))
	return nil
}

// next gives n numbers, all below limit; they are good until the next call.
func (d *numbers) next(n, limit int) ([]uint32, error) {
	if cap(d.scratch) < n {
		d.scratch = make([]uint32, max(n, batch.Rows))
	}
	out := d.scratch[:n]
	if err := d.fill(out); err != nil {
		return nil, err
	}
	var largest uint32
	for _, v := range out {
		largest = max(largest, v)
	}
	if n > 0 && int(largest) >= limit {
		return nil, errDictionary
	}
	return out, nil
}
