package batch

// Pages is a list by slot that never moves when it grows, so that growing costs what is new and nothing is held twice.
type Pages[T any] struct{ pages [][]T }

const (
	pageShift = 12
	pageMask  = 1<<pageShift - 1
)

// Grow makes place for slots below n; new ones are zero.
func (p *Pages[T]) Grow(n int) {
	for p.Len() < n {
		p.pages = append(p.pages, make([]T, 1<<pageShift))
	}
}

// At is a slot's place.
func (p *Pages[T]) At(slot int32) *T { return &p.pages[slot>>pageShift][slot&pageMask] }

// Len is how many slots have a place.
func (p *Pages[T]) Len() int { return len(p.pages) << pageShift }

// Reset forgets all.
func (p *Pages[T]) Reset() { p.pages = nil }
