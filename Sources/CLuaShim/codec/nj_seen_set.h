/// Private to the shim: the tables an encoder has met. No Lua.
#ifndef NJ_SEEN_SET_H
#define NJ_SEEN_SET_H

#include <stddef.h>
#include <stdint.h>

/// Small values never touch the heap.
enum { NJ_SEEN_LOCAL = 64 };

typedef struct nj_seen {
    const void *table;  ///< NULL: free
    uint32_t entry;     ///< top-level entry it was met under; 0 when that entry was taken back
} nj_seen;

/// A hash set of addresses.
typedef struct nj_seen_set {
    nj_seen *slots;
    size_t mask;  ///< number of slots minus one, a power of two minus one
    size_t count;
    nj_seen local[NJ_SEEN_LOCAL];
} nj_seen_set;

void nj_seen_init(nj_seen_set *set);
void nj_seen_free(nj_seen_set *set);
/// Adds a table met under `entry` (from 1). 1 if it was there already, 0 if not, -1 when out of memory.
int nj_seen_add(nj_seen_set *set, const void *table, uint32_t entry);
/// Takes back the tables met under `entry`: they may be met again.
void nj_seen_take_back(nj_seen_set *set, uint32_t entry);

#endif
