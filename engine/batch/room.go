package batch

import (
	"errors"
	"math"

	"github.com/apache/arrow-go/v18/arrow/memory"
)

// TooLarge is what making a column panics with whose rows do not fit: text beyond 2 GB, where 32-bit offsets end, or,
// under Limited, far less wherever fewer rows at once would do. Whoever evaluates expressions recovers it.
var TooLarge = errors.New("the rows of a column are too large")

const (
	// mostBytes and MostElements are what one column holds: Java's longest array.
	mostBytes    = math.MaxInt32 - 15
	MostElements = math.MaxInt32 - 15
	// easyBytes and easyElements are from where on a column of several rows under Limited is too large.
	easyBytes    = 128 << 20
	easyElements = 16 << 20
)

// limited marks an allocator for columns that can be made of fewer rows at once.
type limited struct{ memory.Allocator }

// Limited gives an allocator under which columns of more than one row are TooLarge early, before they fill the memory.
func Limited(mem memory.Allocator) memory.Allocator {
	if _, is := mem.(limited); is {
		return mem
	}
	return limited{mem}
}

// Room panics with TooLarge where so many elements in the first rows of a column are too many.
func Room(mem memory.Allocator, rows, elements int) {
	most := MostElements
	if _, is := mem.(limited); is && rows > 1 {
		most = easyElements
	}
	if elements > most {
		panic(TooLarge)
	}
}

// bytesFor is how much text a column may hold once it has several rows.
func bytesFor(mem memory.Allocator) int {
	if _, is := mem.(limited); is {
		return easyBytes
	}
	return mostBytes
}
