/*
 * malloc of this program, which fails once on demand: the nth request of some libraries, told by who called it. Everything
 * else is glibc's. The program needs -rdynamic, so that the libraries find it here.
 */
#ifndef FAILING_MALLOC_H
#define FAILING_MALLOC_H

#include <link.h>
#include <stdint.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);

static struct {
    uintptr_t begin, end;
    bool is_jansson;
} failing[8];
static int failing_count;
/* Requests that count are those of this size; 0: of any. */
static size_t failing_size;
/*
 * jansson's text buffers have sizes of 32, 64, 128 … bytes. Where one cannot grow, jansson 2.14 leaves out what did not fit
 * and goes on, sometimes past the buffer's end: neither its caller nor errno can tell once a number was read after it.
 */
enum growth { WITHOUT_GROWTH, ONLY_GROWTH };
static enum growth growth = WITHOUT_GROWTH;
/* How many further requests succeed; below 0 none fails. */
static atomic_long requests_left = -1;

static int note_library(struct dl_phdr_info *library, size_t size, void *name) {
    (void)size;
    if (!strstr(library->dlpi_name, (const char *)name)) return 0;
    for (int i = 0; i < library->dlpi_phnum; i++) {
        const ElfW(Phdr) *part = &library->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || !(part->p_flags & PF_X)) continue;
        CHECK(failing_count < 8, "too many libraries");
        failing[failing_count].is_jansson = strstr(name, "jansson") != NULL;
        failing[failing_count].begin = library->dlpi_addr + part->p_vaddr;
        failing[failing_count++].end = library->dlpi_addr + part->p_vaddr + part->p_memsz;
    }
    return 0;
}

SHARED void let_fail_in(const char *library) {
    int before = failing_count;
    dl_iterate_phdr(note_library, (void *)(uintptr_t)library);
    CHECK(failing_count > before, "%s is not loaded", library);
}

static bool is_last(void) {
    long left = requests_left;
    while (left >= 0) {
        if (atomic_compare_exchange_weak(&requests_left, &left, left - 1)) return left == 0;
    }
    return false;
}

static bool must_fail(size_t size, void *caller) {
    if (failing_size && size != failing_size) return false;
    for (int i = 0; i < failing_count; i++) {
        if ((uintptr_t)caller < failing[i].begin || (uintptr_t)caller >= failing[i].end) continue;
        bool grows = failing[i].is_jansson && size >= 32 && (size & (size - 1)) == 0;
        if (grows != (growth == ONLY_GROWTH)) return false;
        return is_last();
    }
    return false;
}

void *malloc(size_t size) {
    if (!must_fail(size, __builtin_return_address(0))) return __libc_malloc(size);
    errno = ENOMEM;
    return NULL;
}

void *calloc(size_t count, size_t size) {
    if (!must_fail(count * size, __builtin_return_address(0))) return __libc_calloc(count, size);
    errno = ENOMEM;
    return NULL;
}

void *realloc(void *block, size_t size) {
    if (!must_fail(size, __builtin_return_address(0))) return __libc_realloc(block, size);
    errno = ENOMEM;
    return NULL;
}

#endif
