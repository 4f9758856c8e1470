#include "nj_task.h"

#include <lauxlib.h>
#include <stdlib.h>

/// A slot without a coroutine: one that was dropped, or a new one.
static uint32_t empty_slot(nj_state *S) {
    if (S->empty_head != NJ_NO_SLOT) return S->empty_head;
    if (S->task_count == (uint32_t)S->options.tasks) return NJ_NO_SLOT;
    if (S->task_count == S->task_space) {
        uint32_t space = S->task_space == 0 ? 16 : S->task_space * 2;
        nj_task *moved = realloc(S->tasks, space * sizeof *moved);
        if (moved == NULL) return NJ_NO_SLOT;
        S->tasks = moved;
        S->task_space = space;
    }
    S->tasks[S->task_count] = (nj_task){NULL, 1, NJ_TASK_EMPTY, NJ_NO_SLOT};
    S->empty_head = S->task_count++;
    return S->empty_head;
}

/// Makes the coroutine of a slot and anchors it.
static int make_thread(lua_State *L) {
    nj_state *S = nj_of(L);
    uint32_t slot = *(uint32_t *)lua_touserdata(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, S->threads_ref);
    lua_State *thread = lua_newthread(L);
    lua_rawseti(L, -2, (lua_Integer)slot + 1);
    S->tasks[slot].L = thread;
    return 0;
}

nj_task *nj_task_take(nj_state *S) {
    if (S->idle_head != NJ_NO_SLOT) {
        nj_task *task = &S->tasks[S->idle_head];
        S->idle_head = task->next;
        S->idle_count--;
        return task;
    }
    uint32_t slot = empty_slot(S);
    if (slot == NJ_NO_SLOT) {
        nj_failure_set(S, NJ_FAILURE_MEMORY, "too_many_tasks", "too many handlers wait at the same time");
        return NULL;
    }
    if (nj_protect(S, make_thread, &slot) != 0) return NULL;
    nj_task *task = &S->tasks[slot];
    S->empty_head = task->next;
    return task;
}

void nj_task_free(nj_state *S, nj_task *task) {
    lua_State *L = task->L;
    task->generation++;
    // Dead by an error that no call caught, or closed while it waited: back to the beginning.
    if (lua_status(L) != LUA_OK) lua_resetthread(L);
    lua_settop(L, 0);
    uint32_t slot = (uint32_t)(task - S->tasks);
    if (S->idle_count < (uint32_t)S->options.pool) {
        task->state = NJ_TASK_IDLE;
        task->next = S->idle_head;
        S->idle_head = slot;
        S->idle_count++;
        return;
    }
    // Setting an existing field to nil allocates nothing.
    lua_rawgeti(S->box.L, LUA_REGISTRYINDEX, S->threads_ref);
    lua_pushnil(S->box.L);
    lua_rawseti(S->box.L, -2, (lua_Integer)slot + 1);
    lua_pop(S->box.L, 1);
    task->L = NULL;
    task->state = NJ_TASK_EMPTY;
    task->next = S->empty_head;
    S->empty_head = slot;
}
