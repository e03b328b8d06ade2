package dstream

import (
	"encoding/binary"
	"strconv"
	"sync"
	"unicode/utf8"

	"pysparkcompat/engine/errs"
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

// MemoryBlocks keep blocks in memory.
type MemoryBlocks struct {
	mu     sync.Mutex
	blocks map[int64][]byte
}

// NewMemoryBlocks is a store without blocks.
func NewMemoryBlocks() *MemoryBlocks { return &MemoryBlocks{blocks: map[int64][]byte{}} }

func (m *MemoryBlocks) Put(id int64, data []byte) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.blocks[id] = data
	return nil
}

func (m *MemoryBlocks) Get(id int64) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if data, ok := m.blocks[id]; ok {
		return data, nil
	}
	return nil, errs.New(errs.Unnamed+"DSTREAM_BLOCK", "block", strconv.FormatInt(id, 10))
}

func (m *MemoryBlocks) Drop(ids []int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, id := range ids {
		delete(m.blocks, id)
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
