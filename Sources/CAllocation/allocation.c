// malloc and its like, for the whole process, libraries included: glibc's own, which count the requests
// that fail. A decoder that finds no memory says in words of its own, or in none, that the file is
// damaged; only whoever was asked for the memory knows.
#include "CAllocation.h"
#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static _Atomic uint64_t failures;

static void *counted(void *block) {
    if (!block) atomic_fetch_add_explicit(&failures, 1, memory_order_relaxed);
    return block;
}

void *malloc(size_t size) { return counted(__libc_malloc(size)); }

void *calloc(size_t count, size_t size) { return counted(__libc_calloc(count, size)); }

void *realloc(void *block, size_t size) {
    void *moved = __libc_realloc(block, size);
    // Of nothing nothing is what was asked for.
    return size == 0 ? moved : counted(moved);
}

void *memalign(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size)); }

void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

int posix_memalign(void **block, size_t alignment, size_t size) {
    if (alignment % sizeof(void *) || alignment == 0 || alignment & (alignment - 1)) return EINVAL;
    int before = errno;
    void *found = memalign(alignment, size);
    errno = before;
    if (!found) return ENOMEM;
    *block = found;
    return 0;
}

uint64_t callocation_failures(void) {
    return atomic_load_explicit(&failures, memory_order_relaxed);
}

int callocation_has(uint64_t bytes) {
    void *found =
        mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (found == MAP_FAILED) return 0;
    munmap(found, bytes);
    return 1;
}
