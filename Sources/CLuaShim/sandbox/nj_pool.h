/// An allocator for the small blocks of one Lua state. One thread at a time; internal to the shim.
///
/// Memory goes back to the system when the state is closed, all at once.
#ifndef NJ_POOL_H
#define NJ_POOL_H

#include <stddef.h>

/// Blocks up to this size come from slabs: tables, closures, short strings and the small arrays of game states. 0 turns
/// the pool off, so that memory checkers see every block.
#ifndef NJ_POOL_MAX
#define NJ_POOL_MAX 512
#endif

typedef struct nj_slab nj_slab;
typedef struct nj_free_block {
    struct nj_free_block *next;
} nj_free_block;

/// Zero-initialized is empty and valid.
typedef struct nj_pool {
    nj_free_block *free[NJ_POOL_MAX / 16 + 1];  ///< by size in grains of 16 bytes
    char *at, *end;                     ///< unused part of the newest slab
    nj_slab *slabs;
} nj_pool;

/// As realloc, with the size the block had. `new_size` is at least 1. NULL when out of memory; the block stays.
void *nj_pool_resize(nj_pool *pool, void *block, size_t old_size, size_t new_size);
void nj_pool_free(nj_pool *pool, void *block, size_t size);
/// Gives all slabs back; larger blocks must have been freed.
void nj_pool_close(nj_pool *pool);

#endif
