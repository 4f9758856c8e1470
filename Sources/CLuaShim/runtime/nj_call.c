/// Calls into Lua: one resume per slice, everything that may raise below it.
#include <lauxlib.h>
#include <string.h>

#include "nj_internal.h"
#include "nj_task.h"

nj_values *nj_arguments(nj_state *S) { return &S->in; }

const nj_failure *nj_state_failure(const nj_state *S) { return &S->failure; }

int nj_protect(nj_state *S, lua_CFunction body, void *argument) {
    lua_State *L = S->box.L;
    int top = lua_gettop(L);
    if (!lua_checkstack(L, 4)) {
        nj_failure_set(S, NJ_FAILURE_MEMORY, "memory", "Lua's stack is full");
        return -1;
    }
    lua_pushcfunction(L, body);
    lua_pushlightuserdata(L, argument);
    int status = lua_pcall(L, 1, 0, 0);
    if (status != LUA_OK) {
        // A slice may run around this call; the failure is not its own.
        int raised = S->box.raised;
        S->box.raised = NJ_LIMIT_NONE;
        S->box.trace.noted = 0;
        nj_failure_take(S, L, status);
        S->box.raised = raised;
        lua_settop(L, top);
        return -1;
    }
    return 0;
}

/// Results are everything above the message handler, which is at the bottom.
static int root_done(lua_State *L, int status, lua_KContext context) {
    (void)context;
    if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - 1;
    nj_state *S = nj_of(L);
    S->root_failed = 1;
    nj_failure_take(S, L, status);
    return 0;
}

/// The bottom of every coroutine of the host's: fetches function and arguments inside the protection of the resume.
static int root_body(lua_State *L) {
    nj_state *S = nj_of(L);
    lua_pushcfunction(L, nj_on_error);
    lua_rawgeti(L, LUA_REGISTRYINDEX, S->start_ref);
    int count = nj_push_values(L, S, &S->in);
    return root_done(L, lua_pcallk(L, count, LUA_MULTRET, 1, 0, root_done), 0);
}

/// A state that is full for good must not spend all its time on looking for garbage.
enum { FULL_COLLECTION_NANOSECONDS = 1000000000 };

/// Garbage of earlier slices must not fail this one.
static int memory_is_full(nj_state *S) {
    if (S->box.used <= S->box.memory_bytes) return 0;
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    int64_t now = (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
    if (S->collected == 0 || now - S->collected >= FULL_COLLECTION_NANOSECONDS) {
        S->collected = now;
        lua_gc(S->box.L, LUA_GCCOLLECT);
        if (S->box.used <= S->box.memory_bytes) return 0;
    }
    nj_failure_clear(S);
    S->box.fault_line = 0;
    S->box.fault_chunk[0] = 0;
    nj_failure_limit(S, NJ_LIMIT_MEMORY);
    return 1;
}

/// Work of the collector per byte allocated, while over half of the limit is in use.
enum { COLLECTOR_HASTE = 4 };

/// Between slices, where no deadline runs: brings the garbage away before it reaches the limit, which would cost a slice a
/// whole collection.
static void collect_ahead(nj_state *S) {
    // In steps of 64 KiB of new memory: a step has a price of its own.
    if (S->box.used < S->stepped) S->stepped = S->box.used;
    size_t grown = S->box.used - S->stepped;
    if (grown < (64 << 10)) return;
    lua_gc(S->box.L, LUA_GCSTEP, (int)(grown * COLLECTOR_HASTE >> 10));
    S->stepped = S->box.used;
}

static int fail(nj_state *S, nj_task *task) {
    nj_task_free(S, task);
    return NJ_FAILED;
}

/// Runs or goes on with a coroutine until it returns, waits or fails.
static int run(nj_state *S, nj_task *task, int64_t nanoseconds, nj_slice_result *result) {
    lua_State *L = task->L;
    int count = 0;
    task->state = NJ_TASK_RUNNING;
    S->root_failed = 0;
    S->hint_value = NULL;
    nj_slice_begin(&S->box, L, nanoseconds);
    int status = lua_resume(L, NULL, 0, &count);
    nj_slice_end(&S->box);
    int raised = S->box.raised;
    if (S->box.time_over | S->box.memory_over) nj_disarm(&S->box, L);
    if (S->box.used > S->box.memory_bytes / 2) collect_ahead(S);
    if (status == LUA_YIELD && S->box.waiting) {
        task->state = NJ_TASK_WAITING;
        result->slot = (uint32_t)(task - S->tasks);
        result->generation = task->generation;
        return NJ_WAITING;
    }
    if (raised != NJ_LIMIT_NONE) {
        // Whatever the script did with the error: its slice is over.
        nj_failure_limit(S, raised);
        return fail(S, task);
    }
    if (status != LUA_OK) {
        nj_failure_take(S, L, status);
        return fail(S, task);
    }
    if (S->root_failed) return fail(S, task);
    result->L = L;
    result->count = count;
    result->slot = (uint32_t)(task - S->tasks);
    result->generation = task->generation;
    return NJ_RETURNED;
}

int nj_start(nj_state *S, int32_t ref, int waits, int64_t nanoseconds, nj_slice_result *result) {
    if (memory_is_full(S)) return NJ_FAILED;
    nj_task *task = nj_task_take(S);
    if (task == NULL) return NJ_FAILED;
    S->start_ref = ref;
    S->may_wait = waits && !S->loading;
    lua_pushcfunction(task->L, root_body);
    if (nanoseconds <= 0) nanoseconds = S->loading ? S->options.load_nanoseconds : S->options.slice_nanoseconds;
    return run(S, task, nanoseconds, result);
}

static nj_task *waiting_task(const nj_state *S, uint32_t slot, uint32_t generation) {
    if (slot >= S->task_count) return NULL;
    nj_task *task = &S->tasks[slot];
    return task->generation == generation && task->state == NJ_TASK_WAITING ? task : NULL;
}

int nj_task_waits(const nj_state *S, uint32_t slot, uint32_t generation) {
    return waiting_task(S, slot, generation) != NULL;
}

static int go_on(nj_state *S, uint32_t slot, uint32_t generation, int raise, nj_slice_result *result) {
    nj_task *task = waiting_task(S, slot, generation);
    if (task == NULL) {
        nj_failure_set(S, NJ_FAILURE_NOT_FOUND, "stale_task", "the handler does not wait any more");
        return NJ_FAILED;
    }
    S->raise_wait = raise;
    S->may_wait = 1;
    return run(S, task, S->options.slice_nanoseconds, result);
}

int nj_resume(nj_state *S, uint32_t slot, uint32_t generation, nj_slice_result *result) {
    return go_on(S, slot, generation, 0, result);
}

int nj_raise(nj_state *S, uint32_t slot, uint32_t generation, nj_slice_result *result) {
    return go_on(S, slot, generation, 1, result);
}

int nj_cancel(nj_state *S, uint32_t slot, uint32_t generation) {
    nj_task *task = waiting_task(S, slot, generation);
    if (task == NULL) return 0;
    task->state = NJ_TASK_RUNNING;
    S->may_wait = 0;
    nj_slice_begin(&S->box, task->L, S->options.slice_nanoseconds);
    lua_resetthread(task->L);
    nj_slice_end(&S->box);
    if (S->box.time_over | S->box.memory_over) nj_disarm(&S->box, task->L);
    nj_task_free(S, task);
    return 1;
}

void nj_results_done(nj_state *S, const nj_slice_result *result) { nj_task_free(S, &S->tasks[result->slot]); }
