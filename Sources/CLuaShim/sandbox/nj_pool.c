/// Small blocks of one state. A script makes and drops tables and strings all the time; a free list per size costs a few
/// instructions where the general allocator costs a search.
#include <stdlib.h>
#include <string.h>

#include "nj_pool.h"

/// Slabs grow from the first size to the last: a small state stays small, a large one asks seldom.
enum { SLAB_FIRST = 4 << 10, SLAB_LAST = 64 << 10, GRAIN = 16 };

struct nj_slab {
    nj_slab *next;
    size_t bytes;
};

static size_t class_of(size_t size) { return (size + GRAIN - 1) / GRAIN; }

static void *take(nj_pool *pool, size_t size) {
    size_t class = class_of(size);
    nj_free_block *block = pool->free[class];
    if (block != NULL) {
        pool->free[class] = block->next;
        return block;
    }
    size_t bytes = class * GRAIN;
    if ((size_t)(pool->end - pool->at) < bytes) {
        // The rest of the old slab is given to the lists, so that nothing is lost.
        size_t rest = (size_t)(pool->end - pool->at) / GRAIN;
        if (rest > 0) {
            nj_free_block *left = (nj_free_block *)pool->at;
            left->next = pool->free[rest];
            pool->free[rest] = left;
        }
        size_t slab_bytes = pool->slabs == NULL ? SLAB_FIRST : pool->slabs->bytes < SLAB_LAST ? pool->slabs->bytes * 2 : SLAB_LAST;
        nj_slab *slab = malloc(slab_bytes);
        if (slab == NULL) {
            pool->at = pool->end = NULL;
            return NULL;
        }
        slab->next = pool->slabs;
        slab->bytes = slab_bytes;
        pool->slabs = slab;
        pool->at = (char *)slab + GRAIN;
        pool->end = (char *)slab + slab_bytes;
    }
    void *fresh = pool->at;
    pool->at += bytes;
    return fresh;
}

static void give(nj_pool *pool, void *block, size_t size) {
    nj_free_block *freed = block;
    size_t class = class_of(size);
    freed->next = pool->free[class];
    pool->free[class] = freed;
}

void nj_pool_free(nj_pool *pool, void *block, size_t size) {
    if (block == NULL) return;
    if (size > NJ_POOL_MAX) free(block);
    else if (size > 0) give(pool, block, size);
}

void *nj_pool_resize(nj_pool *pool, void *block, size_t old_size, size_t new_size) {
    if (block == NULL) return new_size <= NJ_POOL_MAX ? take(pool, new_size) : malloc(new_size);
    if (old_size > NJ_POOL_MAX && new_size > NJ_POOL_MAX) return realloc(block, new_size);
    if (old_size <= NJ_POOL_MAX && new_size <= NJ_POOL_MAX && class_of(old_size) == class_of(new_size)) return block;
    void *moved = new_size <= NJ_POOL_MAX ? take(pool, new_size) : malloc(new_size);
    if (moved == NULL) return NULL;
    memcpy(moved, block, old_size < new_size ? old_size : new_size);
    nj_pool_free(pool, block, old_size);
    return moved;
}

void nj_pool_close(nj_pool *pool) {
    for (nj_slab *slab = pool->slabs; slab != NULL;) {
        nj_slab *next = slab->next;
        free(slab);
        slab = next;
    }
    memset(pool, 0, sizeof *pool);
}
