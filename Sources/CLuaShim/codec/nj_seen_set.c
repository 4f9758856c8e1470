#include "nj_seen_set.h"

#include <stdlib.h>
#include <string.h>

static size_t slot_of(const void *table, size_t mask) {
    uint64_t x = (uint64_t)(uintptr_t)table >> 4;
    return (size_t)((x * 0x9E3779B97F4A7C15u) >> 32) & mask;
}

static void insert(nj_seen *slots, size_t mask, nj_seen seen) {
    size_t i = slot_of(seen.table, mask);
    while (slots[i].table != NULL) i = (i + 1) & mask;
    slots[i] = seen;
}

void nj_seen_init(nj_seen_set *set) {
    set->slots = set->local;
    set->mask = NJ_SEEN_LOCAL - 1;
    set->count = 0;
    memset(set->local, 0, sizeof set->local);
}

void nj_seen_free(nj_seen_set *set) {
    if (set->slots != set->local) free(set->slots);
}

int nj_seen_add(nj_seen_set *set, const void *table, uint32_t entry) {
    size_t i = slot_of(table, set->mask);
    for (; set->slots[i].table != NULL; i = (i + 1) & set->mask) {
        if (set->slots[i].table != table) continue;
        if (set->slots[i].entry != 0) return 1;
        set->slots[i].entry = entry;
        return 0;
    }
    set->slots[i] = (nj_seen){table, entry};
    if (++set->count * 2 <= set->mask) return 0;
    size_t size = (set->mask + 1) * 2;
    nj_seen *slots = calloc(size, sizeof *slots);
    if (slots == NULL) return -1;
    for (size_t k = 0; k <= set->mask; k++) {
        if (set->slots[k].table != NULL) insert(slots, size - 1, set->slots[k]);
    }
    nj_seen_free(set);
    set->slots = slots;
    set->mask = size - 1;
    return 0;
}

void nj_seen_take_back(nj_seen_set *set, uint32_t entry) {
    for (size_t i = 0; i <= set->mask; i++) {
        if (set->slots[i].entry == entry) set->slots[i].entry = 0;
    }
}
