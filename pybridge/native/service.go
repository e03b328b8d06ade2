package native

import (
	"sync"

	"pysparkcompat/pybridge/connect"
	"pysparkcompat/pybridge/handover"
	"pysparkcompat/pybridge/host"
	_ "pysparkcompat/pybridge/onload"
)

// service is the one host of this process, made when the first call needs it.
var service = sync.OnceValue(func() host.Host { return connect.New(handover.NewAllocator()) })
