/// Memory and time limits: the allocator, and the hook that ends a slice.
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../runtime/nj_internal.h"

static void on_hook(lua_State *L, lua_Debug *ar);

void nj_arm(lua_State *L) {
    // Call events as well: a C function that calls C functions (sort with rawequal) runs no instruction.
    lua_sethook(L, on_hook, LUA_MASKCALL | LUA_MASKCOUNT, 1);
}

/// Notes where the first limit of a slice struck. No allocation in Lua.
static void note_fault(nj_state *S, lua_State *L) {
    lua_Debug ar;
    S->fault_line = nj_position(L, 0, &ar);
    S->fault_chunk[0] = 0;
    if (S->fault_line > 0) snprintf(S->fault_chunk, sizeof S->fault_chunk, "%s", nj_chunk_name(ar.source));
}

static void over_memory(nj_state *S) {
    if (!S->active || S->memory_over) return;
    S->memory_over = 1;
    nj_arm(S->running);
}

void *nj_allocate(void *ud, void *block, size_t old_size, size_t new_size) {
    nj_state *S = ud;
    size_t old = block != NULL ? old_size : 0;
    if (new_size == 0) {
        nj_pool_free(&S->pool, block, old);
        S->used -= old;
        return NULL;
    }
    size_t after = S->used - old + new_size;
    if (after > S->options.memory_bytes && new_size > old) {
        // For a new block, old_size is the type of what it is for.
        int refusable = block == NULL && ((new_size > NJ_REFUSED_ABOVE && (old_size == LUA_TSTRING || old_size == LUA_TUSERDATA))
                                          || (new_size > NJ_BUFFER_MAX && old_size == 0));
        over_memory(S);
        if (refusable) {
            if (S->active && S->fault_line == 0) note_fault(S, S->running);
            return NULL;
        }
    }
    void *moved = nj_pool_resize(&S->pool, block, old, new_size);
    if (moved == NULL) return new_size <= old ? block : NULL;
    S->used = after;
    if (after > S->peak) S->peak = after;
    return moved;
}

_Noreturn void nj_raise_limit(lua_State *L, nj_state *S, int limit) {
    if (S->raised == NJ_LIMIT_NONE) {
        S->raised = limit;
        note_fault(S, L);
        nj_trace(S, L, 0);
    }
    const char *what = limit == NJ_LIMIT_TIME ? "the script took too long" : "the script is over its memory limit";
    if (S->fault_line > 0) lua_pushfstring(L, "%s:%d: %s", S->fault_chunk, S->fault_line, what);
    else lua_pushstring(L, what);
    lua_error(L);
    abort();
}

/// Garbage does not count: collects before it says no.
static int memory_is_over(lua_State *L, nj_state *S) {
    if (S->raised == NJ_LIMIT_MEMORY) return 1;
    lua_gc(L, LUA_GCCOLLECT);
    if (S->used > S->options.memory_bytes) return 1;
    S->memory_over = 0;
    return 0;
}

int nj_limit_hit(lua_State *L, nj_state *S) {
    if (!S->active) return NJ_LIMIT_NONE;
    if (S->time_over) return NJ_LIMIT_TIME;
    return S->memory_over && memory_is_over(L, S) ? NJ_LIMIT_MEMORY : NJ_LIMIT_NONE;
}

void nj_check_slow(lua_State *L, nj_state *S) {
    int limit = nj_limit_hit(L, S);
    if (limit != NJ_LIMIT_NONE) nj_raise_limit(L, S, limit);
}

static void on_hook(lua_State *L, lua_Debug *ar) {
    (void)ar;
    nj_state *S = nj_of(L);
    nj_check_slow(L, S);
    // A coroutine of an earlier slice, or memory that was garbage. The signal may strike here: then it stays armed.
    lua_sethook(L, NULL, 0, 0);
    atomic_signal_fence(memory_order_seq_cst);
    if (S->active && S->time_over) nj_arm(L);
}

void nj_disarm(nj_state *S, lua_State *L) {
    S->time_over = 0;
    S->memory_over = 0;
    if (lua_gethookmask(L) != 0) lua_sethook(L, NULL, 0, 0);
}
