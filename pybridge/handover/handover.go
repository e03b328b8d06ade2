// Package handover gives record batches to Python through Arrow's C data interface.
//
// It is not an allocator of its own and copies nothing. pybridge/native calls it. Invariants:
// what is handed over lives on C memory; the receiver may release it from any thread; a release
// in a forked child does nothing, because the child has no Go runtime to enter and the memory
// is its parent's.
package handover

/*
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct ArrowArray {
	int64_t length, null_count, offset, n_buffers, n_children;
	const void** buffers;
	struct ArrowArray** children;
	struct ArrowArray* dictionary;
	void (*release)(struct ArrowArray*);
	void* private_data;
};

struct guard {
	pid_t pid;
	void (*release)(struct ArrowArray*);
	void* private_data;
};

static void release_guarded(struct ArrowArray* array) {
	struct guard* guard = array->private_data;
	if (guard->pid != getpid()) {
		array->release = NULL;
		return;
	}
	array->release = guard->release;
	array->private_data = guard->private_data;
	free(guard);
	array->release(array);
}

static void clear(uintptr_t address, size_t size) { memset((void*)address, 0, size); }

static void guard_release(uintptr_t address) {
	struct ArrowArray* array = (struct ArrowArray*)address;
	struct guard* guard = malloc(sizeof(struct guard));
	guard->pid = getpid();
	guard->release = array->release;
	guard->private_data = array->private_data;
	array->private_data = guard;
	array->release = release_guarded;
}
*/
import "C"

import (
	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/cdata"
	"github.com/apache/arrow-go/v18/arrow/memory"
	"github.com/apache/arrow-go/v18/arrow/memory/mallocator"
)

const (
	arraySize  = 80
	schemaSize = 72
)

// NewAllocator gives the allocator on C memory that whoever hands batches over must build them with.
func NewAllocator() memory.Allocator { return mallocator.NewMallocator() }

// Export moves a batch into the ArrowArray at the address array, which the receiver owns and
// releases. The receiver's schema is written at the address schema unless that is 0. The structs
// may hold anything before. The caller keeps its own reference to the batch.
func Export(batch arrow.RecordBatch, array, schema uintptr) {
	C.clear(C.uintptr_t(array), arraySize)
	if schema != 0 {
		C.clear(C.uintptr_t(schema), schemaSize)
		cdata.ExportArrowSchema(batch.Schema(), cdata.SchemaFromPtr(schema))
	}
	cdata.ExportArrowRecordBatch(batch, cdata.ArrayFromPtr(array), nil)
	C.guard_release(C.uintptr_t(array))
}
