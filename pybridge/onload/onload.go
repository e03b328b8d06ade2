// Package onload is what happens as the library is loaded, before Go has a thread: two settings of memory.
//
// It has no Go of its own and nothing to call. pybridge/native links it in. Invariants: it touches no memory that is
// anybody's; where the platform lacks what it asks for, nothing happens.
package onload

/*
#ifdef __linux__
#define _GNU_SOURCE
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

// one_arena keeps glibc from making a heap for every thread that ever allocates: blocks of a state's database, taken and
// given back by many threads, would spread over all of them and take twice the memory that holds them.
__attribute__((constructor(101))) static void one_arena(void) {
#ifdef __GLIBC__
	if (getenv("MALLOC_ARENA_MAX") == NULL) mallopt(M_ARENA_MAX, 1);
#endif
}

static int forget_relocations(struct dl_phdr_info* info, size_t size, void* ours) {
	int mine = 0;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr)* part = &info->dlpi_phdr[i];
		uintptr_t from = info->dlpi_addr + part->p_vaddr;
		mine |= part->p_type == PT_LOAD && (uintptr_t)ours - from < part->p_memsz;
	}
	const ElfW(Phdr)* first = info->dlpi_phdr;
	if (!mine) return 0;
	while (first->p_type != PT_LOAD) first++;
	if (first->p_flags == PF_R) madvise((void*)(info->dlpi_addr + first->p_vaddr), first->p_filesz, MADV_DONTNEED);
	return 1;
}

// relocated lets go of the pages that the loader read to place this library, six megabytes that nobody reads again;
// who does, such as dlsym for a name, has them read from the file anew.
__attribute__((constructor(102))) static void relocated(void) { dl_iterate_phdr(forget_relocations, (void*)relocated); }
#endif
*/
import "C"
