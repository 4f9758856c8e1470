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
    if (B->fault_line > 0) snprintf(B->fault_chunk, sizeof B->fault_chunk, "%s", nj_chunk_name(ar.source));
}

static void over_memory(nj_box *B) {
    if (!B->active || B->memory_over) return;
    B->memory_over = 1;
    nj_hook_arm(B->running);
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
    if (after > B->memory_bytes && new_size > old) {
        // For a new block, old_size is the type of what it is for.
        int refusable = block == NULL && ((new_size > NJ_REFUSED_ABOVE && (old_size == LUA_TSTRING || old_size == LUA_TUSERDATA))
                                          || (new_size > NJ_BUFFER_MAX && old_size == 0));
        over_memory(B);
        if (refusable) {
            if (B->active && B->fault_line == 0) note_fault(B, B->running);
            return NULL;
        }
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

/// Garbage does not count: collects before it says no.
static int memory_is_over(lua_State *L, nj_box *B) {
    if (B->raised == NJ_LIMIT_MEMORY) return 1;
    lua_gc(L, LUA_GCCOLLECT);
    if (B->used > B->memory_bytes) return 1;
    B->memory_over = 0;
    return 0;
}

int nj_limit_hit(lua_State *L, nj_box *B) {
    if (!B->active) return NJ_LIMIT_NONE;
    if (B->time_over) return NJ_LIMIT_TIME;
    return B->memory_over && memory_is_over(L, B) ? NJ_LIMIT_MEMORY : NJ_LIMIT_NONE;
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
