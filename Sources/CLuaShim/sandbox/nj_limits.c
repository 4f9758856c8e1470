/// Memory and time limits: the allocator, and what ends a slice.
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "nj_box.h"

/// Notes where the first limit of a slice struck. No allocation in Lua.
static void note_fault(nj_box *B, lua_State *L) {
    lua_Debug ar;
    B->fault_line = nj_position(L, 0, &ar);
    B->fault_chunk[0] = 0;
    if (B->fault_line > 0) snprintf(B->fault_chunk, sizeof B->fault_chunk, "%s", nj_source_label(&ar));
}

static void over_memory(nj_box *B) {
    if (!B->active || B->memory_over) return;
    B->memory_over = 1;
    nj_hook_arm(B->running);
}

/// What a new block may never be, however little is in use: its users run inside C. `kind`: the type of what it is for, 0
/// for parts of tables and for buffers.
static const char *too_large(const nj_box *B, size_t kind, size_t size) {
    if (size <= NJ_STRING_MAX || !B->active || B->host_gives) return NULL;
    // Some bytes for the string's own header.
    if (kind == LUA_TSTRING && size > NJ_STRING_MAX + 64) return "a string may have 8 MiB at most";
    if (kind == 0 && size > NJ_TABLE_BYTES_MAX) return "a table may have 524288 keys at most";
    return NULL;
}

static void *refuse(nj_box *B, const char *what) {
    if (B->active && B->fault_line == 0) note_fault(B, B->running);
    B->refused = what;
    return NULL;
}

void *nj_allocate(void *ud, void *block, size_t old_size, size_t new_size) {
    nj_box *B = ud;
    size_t old = block != NULL ? old_size : 0;
    if (new_size == 0) {
        nj_pool_free(&B->pool, block, old);
        B->used -= old;
        return NULL;
    }
    size_t after = B->used - old + new_size;
    // For a new block, old_size is the type of what it is for.
    const char *large = block == NULL ? too_large(B, old_size, new_size) : NULL;
    if (large != NULL) return refuse(B, large);
    if (after > B->memory_bytes && new_size > old) {
        int refusable = block == NULL && ((new_size > NJ_REFUSED_ABOVE && (old_size == LUA_TSTRING || old_size == LUA_TUSERDATA))
                                          || (new_size > NJ_BUFFER_MAX && old_size == 0));
        over_memory(B);
        if (refusable) return refuse(B, NULL);
    }
    void *moved = nj_pool_resize(&B->pool, block, old, new_size);
    if (moved == NULL) return new_size <= old ? block : NULL;
    B->used = after;
    if (after > B->peak) B->peak = after;
    return moved;
}

_Noreturn void nj_raise_limit(lua_State *L, nj_box *B, int limit) {
    if (B->raised == NJ_LIMIT_NONE) {
        B->raised = limit;
        note_fault(B, L);
        nj_note_trace(B, L, 0);
    }
    const char *what = limit == NJ_LIMIT_TIME ? "the script took too long" : "the script is over its memory limit";
    if (B->fault_line > 0) lua_pushfstring(L, "%s:%d: %s", B->fault_chunk, B->fault_line, what);
    else lua_pushstring(L, what);
    lua_error(L);
    abort();
}

/// Kilobytes that the collector gets through before the time is looked at.
enum { COLLECT_STEP_KB = 1024 };

/// Garbage does not count: collects before it says no. The first cycle may have begun before the garbage was made.
static void collect(lua_State *L, nj_box *B) {
    for (int cycles = 0; cycles < 2 && !B->time_over && B->used > B->memory_bytes / 2;) {
        if (lua_gc(L, LUA_GCSTEP, COLLECT_STEP_KB)) cycles++;
    }
}

int nj_limit_hit(lua_State *L, nj_box *B) {
    if (!B->active) return NJ_LIMIT_NONE;
    if (B->time_over) return NJ_LIMIT_TIME;
    if (!B->memory_over) return NJ_LIMIT_NONE;
    if (B->raised == NJ_LIMIT_MEMORY) return NJ_LIMIT_MEMORY;
    collect(L, B);
    if (B->time_over) return NJ_LIMIT_TIME;
    if (B->used > B->memory_bytes) return NJ_LIMIT_MEMORY;
    B->memory_over = 0;
    return NJ_LIMIT_NONE;
}

void nj_check_slow(lua_State *L, nj_box *B) {
    int limit = nj_limit_hit(L, B);
    if (limit != NJ_LIMIT_NONE) nj_raise_limit(L, B, limit);
}

void nj_disarm(nj_box *B, lua_State *L) {
    B->time_over = 0;
    B->memory_over = 0;
    nj_hook_disarm(L);
}
