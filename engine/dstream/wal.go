package dstream

import (
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"io"
	"path"
	"sort"
	"strconv"
	"strings"
	"sync"

	"pysparkcompat/engine/clock"
	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/vfs"
)

// received is the write-ahead log of receivers: blocks with their data, and which batch got which blocks. Each entry is
// synced before its call returns. Its files are log-<number>; one is removed when nothing in it is needed and a newer
// one is written to. An entry is its length, a checksum, the length of its head, the head as JSON, and the data. Safe
// for concurrent use.
type received struct {
	fs      vfs.FS
	dir     string
	clock   clock.Clock
	rolling int64

	mu     sync.Mutex
	file   vfs.File // that is written to, nil before the first entry and after a failure
	number int64    // of the newest file
	size   int64
	opened int64
	places map[int64]place // of the blocks
	// blocks are those that a file holds, allocated those that it says were given to batches, by file.
	blocks, allocated map[int64][]int64
	closed            bool
}

// place is where a block's data lies.
type place struct{ file, at, length int64 }

// entry is one entry's head: a block of a stream, or, with Stream -1, what a batch was given.
type entry struct {
	Stream int             `json:"stream"`
	Block  Block           `json:"block"`
	Time   int64           `json:"time,omitempty"`
	Given  map[int][]Block `json:"given,omitempty"`
}

// openReceived reads what an earlier life logged, in order, and gives a log that goes on in a new file.
func openReceived(fs vfs.FS, checkpoints string, rolling int64, c clock.Clock, replay func(*entry)) (*received, error) {
	r := &received{fs: fs, dir: path.Join(checkpoints, "receivedData"), clock: c, rolling: rolling, places: map[int64]place{},
		blocks: map[int64][]int64{}, allocated: map[int64][]int64{}}
	if err := fs.MkdirAll(r.dir); err != nil {
		return nil, err
	}
	if err := fs.SyncDir(checkpoints); err != nil {
		return nil, err
	}
	entries, err := fs.ReadDir(r.dir)
	if err != nil {
		return nil, err
	}
	var numbers []int64
	for _, e := range entries {
		if text, ok := strings.CutPrefix(e.Name(), "log-"); ok {
			if n, err := strconv.ParseInt(text, 10, 64); err == nil {
				numbers = append(numbers, n)
			}
		}
	}
	sort.Slice(numbers, func(i, j int) bool { return numbers[i] < numbers[j] })
	for _, n := range numbers {
		data, err := vfs.ReadFile(fs, r.name(n))
		if err != nil {
			return nil, err
		}
		r.scan(n, data, replay)
		r.number = n
	}
	return r, nil
}

func (r *received) name(number int64) string {
	return path.Join(r.dir, "log-"+strconv.FormatInt(number, 10))
}

// scan reads a file's entries. It ends at the first that is not whole: its writer never said that it was kept.
func (r *received) scan(number int64, data []byte, replay func(*entry)) {
	for at := int64(0); ; {
		e, from, length, ok := parse(data[at:])
		if !ok {
			return
		}
		r.note(number, e, at+from, length)
		replay(e)
		at += from + length
	}
}

const head = 12 // length, checksum, length of the JSON

// parse gives an entry's head, and where its data lies.
func parse(data []byte) (e *entry, from, length int64, ok bool) {
	if len(data) < head {
		return nil, 0, 0, false
	}
	total, text := int64(binary.LittleEndian.Uint32(data)), int64(binary.LittleEndian.Uint32(data[8:]))
	if total < text || int64(len(data)) < head+total || crc32.Checksum(data[8:head+total], castagnoli) != binary.LittleEndian.Uint32(data[4:]) {
		return nil, 0, 0, false
	}
	e = &entry{}
	if json.Unmarshal(data[head:head+text], e) != nil {
		return nil, 0, 0, false
	}
	return e, head + text, total - text, true
}

// note keeps where things are.
func (r *received) note(number int64, e *entry, at, length int64) {
	if e.Stream < 0 {
		for _, blocks := range e.Given {
			for _, b := range blocks {
				r.allocated[number] = append(r.allocated[number], b.ID)
			}
		}
		return
	}
	r.places[e.Block.ID] = place{number, at, length}
	r.blocks[number] = append(r.blocks[number], e.Block.ID)
}

func (r *received) block(stream int, b Block, data []byte) error {
	return r.append(&entry{Stream: stream, Block: b}, data)
}

// allocation logs which blocks a batch got; one without blocks needs no entry.
func (r *received) allocation(t int64, given map[int][]Block) error {
	if len(given) == 0 {
		return nil
	}
	return r.append(&entry{Stream: -1, Time: t, Given: given}, nil)
}

// append writes an entry and syncs it. After a failure the next entry begins a new file: the end of this one may be torn.
func (r *received) append(e *entry, data []byte) error {
	text, err := json.Marshal(e)
	if err != nil {
		return errs.Internal("log of received data: %v", err)
	}
	out := make([]byte, 8, head+len(text)+len(data))
	out = binary.LittleEndian.AppendUint32(out, uint32(len(text)))
	out = append(append(out, text...), data...)
	binary.LittleEndian.PutUint32(out, uint32(len(text)+len(data)))
	binary.LittleEndian.PutUint32(out[4:], crc32.Checksum(out[8:], castagnoli))
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.roll(); err != nil {
		return err
	}
	_, err = r.file.Write(out)
	if err == nil {
		err = r.file.Sync()
	}
	if err != nil {
		r.file.Close() //nolint:errcheck // the entry failed already
		r.file = nil
		return err
	}
	r.note(r.number, e, r.size+head+int64(len(text)), int64(len(data)))
	r.size += int64(len(out))
	return nil
}

// roll has a file to write to: a new one each interval, and after a failure.
func (r *received) roll() error {
	if r.closed {
		return errStopped
	}
	now := r.clock.Now().UnixMilli()
	if r.file != nil && now-r.opened < r.rolling {
		return nil
	}
	f, err := r.fs.Create(r.name(r.number+1), true)
	if err != nil {
		return err
	}
	if err := r.fs.SyncDir(r.dir); err != nil {
		f.Close() //nolint:errcheck // nothing was written
		r.number++
		return err
	}
	if r.file != nil {
		r.file.Close() //nolint:errcheck // all of it is synced
	}
	r.number++
	r.file, r.size, r.opened = f, 0, now
	return nil
}

// read gives a block's data.
func (r *received) read(id int64) ([]byte, bool) {
	r.mu.Lock()
	p, ok := r.places[id]
	r.mu.Unlock()
	if !ok {
		return nil, false
	}
	f, err := r.fs.Open(r.name(p.file))
	if err != nil {
		return nil, false
	}
	defer f.Close() //nolint:errcheck // only read
	data := make([]byte, p.length)
	if _, err := io.ReadFull(io.NewSectionReader(f, p.at, p.length), data); err != nil {
		return nil, false
	}
	return data, true
}

// clean removes the files of which no block is needed any more. What cannot be removed is tried again.
func (r *received) clean(needed map[int64]bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for n := int64(1); n < r.number; n++ {
		if _, known := r.blocks[n]; !known {
			if _, known := r.allocated[n]; !known {
				continue
			}
		}
		if anyOf(r.blocks[n], needed) || anyOf(r.allocated[n], needed) {
			continue
		}
		if r.fs.Remove(r.name(n)) != nil {
			continue
		}
		for _, id := range r.blocks[n] {
			delete(r.places, id)
		}
		delete(r.blocks, n)
		delete(r.allocated, n)
	}
}

func anyOf(ids []int64, in map[int64]bool) bool {
	for _, id := range ids {
		if in[id] {
			return true
		}
	}
	return false
}

func (r *received) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	if r.file != nil {
		r.file.Close() //nolint:errcheck // all of it is synced
		r.file = nil
	}
}
