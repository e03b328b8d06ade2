package native

import (
	"os"
	"sync"
	"testing"

	"pysparkcompat/pybridge/handover"
	"pysparkcompat/pybridge/host"
)

// TestMain puts the fake in the place of the real host: the boundary is tested alone.
func TestMain(m *testing.M) {
	service = sync.OnceValue(func() host.Host { return newFake(handover.NewAllocator()) })
	os.Exit(m.Run())
}
