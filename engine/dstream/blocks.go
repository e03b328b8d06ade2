package dstream

import (
	"encoding/binary"
	"errors"
	"path"
	"strconv"
	"sync"
	"unicode/utf8"

	"pysparkcompat/engine/errs"
	"pysparkcompat/engine/vfs"
)

// Block is received data as batches name it.
type Block struct {
	ID      int64 `json:"id"`
	Records int64 `json:"records"`
}

// Blocks keep received data, each block the pickle of a list of texts, until it is dropped. Safe for concurrent use.
type Blocks interface {
	Put(id int64, data []byte) error
	// Get fails for a block that was dropped or lost.
	Get(id int64) ([]byte, error)
	Drop(ids []int64)
}

// store keeps blocks in memory up to a limit and those beyond in files of a folder.
type store struct {
	fs    vfs.FS
	dir   string
	limit int64

	mu     sync.Mutex
	used   int64
	blocks map[int64][]byte // nil where it is a file
	made   bool             // the folder
}

// NewBlocks is a store without blocks. Without a folder all are in memory.
func NewBlocks(fs vfs.FS, dir string, limit int64) Blocks {
	return &store{fs: fs, dir: dir, limit: limit, blocks: map[int64][]byte{}}
}

func (s *store) name(id int64) string { return path.Join(s.dir, strconv.FormatInt(id, 10)) }

func (s *store) Put(id int64, data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dir == "" || s.used+int64(len(data)) <= s.limit {
		s.blocks[id] = data
		s.used += int64(len(data))
		return nil
	}
	if !s.made {
		if err := s.fs.MkdirAll(s.dir); err != nil {
			return err
		}
		s.made = true
	}
	f, err := s.fs.Create(s.name(id), false)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		s.fs.Remove(s.name(id)) //nolint:errcheck // the block is tried again under the same name
		return err
	}
	s.blocks[id] = nil
	return nil
}

func (s *store) Get(id int64) ([]byte, error) {
	s.mu.Lock()
	data, ok := s.blocks[id]
	s.mu.Unlock()
	switch {
	case !ok:
		return nil, errs.New(errs.Unnamed+"DSTREAM_BLOCK", "block", strconv.FormatInt(id, 10))
	case data != nil:
		return data, nil
	}
	return vfs.ReadFile(s.fs, s.name(id))
}

func (s *store) Drop(ids []int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, id := range ids {
		data, ok := s.blocks[id]
		if ok && data == nil {
			s.fs.Remove(s.name(id)) //nolint:errcheck // it goes with the application's folder
		}
		s.used -= int64(len(data))
		delete(s.blocks, id)
	}
}

// pickled is a list of texts being written as Python's pickle, protocol 4: PROTO, EMPTY_LIST, MARK, texts, APPENDS, STOP.
type pickled struct {
	data  []byte
	count int64
}

// text adds one; bytes that are no UTF-8 become the replacement character.
func (p *pickled) text(line []byte) {
	if p.count == 0 {
		p.data = append(p.data[:0:0], 0x80, 4, ']', '(')
	}
	p.count++
	if !utf8.Valid(line) {
		line = []byte(string([]rune(string(line))))
	}
	if len(line) < 256 {
		p.data = append(p.data, 0x8c, byte(len(line)))
	} else {
		p.data = binary.LittleEndian.AppendUint32(append(p.data, 'X'), uint32(len(line)))
	}
	p.data = append(p.data, line...)
}

// cut gives what was added and begins anew.
func (p *pickled) cut() (data []byte, count int64) {
	data, count = append(p.data, 'e', '.'), p.count
	p.data, p.count = nil, 0
	return data, count
}
