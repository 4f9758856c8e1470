/// The coroutine library of the sandbox.
///
/// Differs from Lua's own in this: a host wait passes through resume and wrap up to the host; a slice that is over a limit
/// stays over it when a coroutine gives control back; and coroutines end below a protected call of their own, so that
/// their to-be-closed variables always run with the limits in force.
#include <lauxlib.h>

#include "nj_box.h"
#include "nj_libraries.h"

/// How a turn of a coroutine ended.
enum turn { TURN_DONE, TURN_FAILED, TURN_WAITING };

static int is_waiting(lua_State *co) { return (*nj_extra(co) & NJ_THREAD_WAITING) != 0; }

static int body_done(lua_State *L, int status, lua_KContext context) {
    (void)context;
    if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - 1;
    nj_box_of(L)->coroutine_failed = 1;
    return 1;
}

/// The bottom of a script's coroutine: its function and arguments are on the stack.
static int body(lua_State *L) {
    luaL_checkstack(L, 4, NULL);
    lua_pushcfunction(L, nj_on_error);
    lua_insert(L, 1);
    return body_done(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 1, 0, body_done), 0);
}

/// Lets `co` run with the `count` values on top of its stack. TURN_DONE: `*results` values are on top of it; TURN_FAILED:
/// the error value is.
static enum turn run_turn(lua_State *L, nj_box *B, lua_State *co, int count, int *results) {
    // A wait inside of `co` reaches the host only if this call can yield.
    int blocks = !lua_isyieldable(L);
    B->blocked += blocks;
    B->coroutine_failed = 0;
    B->running = co;
    if (B->hooks.mask != 0) nj_hook_enter(B, co);
    int status = lua_resume(co, L, count, results);
    B->running = L;
    B->blocked -= blocks;
    if (status == LUA_YIELD && B->waiting) {
        *nj_extra(co) |= NJ_THREAD_WAITING;
        return TURN_WAITING;
    }
    if (B->time_over || B->memory_over) {
        nj_hook_arm(L);
        int limit = nj_limit_hit(L, B);
        if (limit != NJ_LIMIT_NONE) {
            // What it left on its stack must not make it look like one that has not begun.
            lua_settop(co, status == LUA_YIELD ? -*results - 1 : 0);
            nj_raise_limit(L, B, limit);
        }
    }
    if (status == LUA_YIELD) return TURN_DONE;
    if (status != LUA_OK || B->coroutine_failed) {
        B->coroutine_failed = 0;
        return TURN_FAILED;
    }
    return TURN_DONE;
}

enum status { RUNNING, SUSPENDED, NORMAL, DEAD };
static const char *const status_names[] = {"running", "suspended", "normal", "dead"};

static enum status status_of(lua_State *L, lua_State *co) {
    if (co == L) return RUNNING;
    // The main thread stands for the handler itself, see `running`.
    if (co == nj_box_of(L)->L) return L == nj_box_of(L)->root ? RUNNING : NORMAL;
    if (is_waiting(co)) return NORMAL;
    lua_Debug ar;
    switch (lua_status(co)) {
        case LUA_YIELD: return SUSPENDED;
        case LUA_OK:
            if (lua_getstack(co, 0, &ar)) return NORMAL;
            return lua_gettop(co) == 0 ? DEAD : SUSPENDED;
        default: return DEAD;
    }
}

static lua_State *thread_at(lua_State *L, int index) {
    lua_State *co = lua_tothread(L, index);
    if (co == NULL) luaL_typeerror(L, index, "coroutine");
    return co;
}

/// Moves the arguments (all values from `first` on) and lets it run. On refusal an error message is on top of L's stack.
static enum turn start_turn(lua_State *L, nj_box *B, lua_State *co, int first, int *results) {
    int count = lua_gettop(L) - first + 1;
    enum status status = status_of(L, co);
    if (status != SUSPENDED) {
        lua_pushfstring(L, "cannot resume %s coroutine", status == DEAD ? "dead" : "non-suspended");
        *results = -1;
        return TURN_FAILED;
    }
    if (!lua_checkstack(co, count + 1)) {
        lua_pushliteral(L, "too many arguments to resume");
        *results = -1;
        return TURN_FAILED;
    }
    lua_xmove(L, co, count);
    // The first time, the function below the arguments counts as one.
    return run_turn(L, B, co, lua_status(co) == LUA_YIELD ? count : lua_gettop(co) - 1, results);
}

/// Moves the results or the error to L. Returns their number, or -1 for an error (on top of L's stack).
static int take_results(lua_State *L, lua_State *co, enum turn turn, int results) {
    if (turn == TURN_FAILED) {
        if (results >= 0) lua_xmove(co, L, 1);
        return -1;
    }
    if (!lua_checkstack(L, results + 1)) {
        lua_pop(co, results);
        lua_pushliteral(L, "too many results to resume");
        return -1;
    }
    lua_xmove(co, L, results);
    return results;
}

static int resume_again(lua_State *L, int status, lua_KContext context);

static int resume_finish(lua_State *L, lua_State *co, enum turn turn, int results) {
    if (turn == TURN_WAITING) return lua_yieldk(L, 0, 0, resume_again);
    int count = take_results(L, co, turn, results);
    lua_pushboolean(L, count >= 0);
    lua_insert(L, count >= 0 ? -(count + 1) : -2);
    return count >= 0 ? count + 1 : 2;
}

static int resume_again(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    lua_State *co = lua_tothread(L, 1);
    int results = 0;
    *nj_extra(co) &= ~NJ_THREAD_WAITING;
    enum turn turn = run_turn(L, nj_box_of(L), co, 0, &results);
    return resume_finish(L, co, turn, results);
}

static int co_resume(lua_State *L) {
    lua_State *co = thread_at(L, 1);
    int results = 0;
    enum turn turn = start_turn(L, nj_box_of(L), co, 2, &results);
    return resume_finish(L, co, turn, results);
}

static int wrap_again(lua_State *L, int status, lua_KContext context);

static int wrap_finish(lua_State *L, lua_State *co, enum turn turn, int results) {
    if (turn == TURN_WAITING) return lua_yieldk(L, 0, 0, wrap_again);
    int count = take_results(L, co, turn, results);
    return count >= 0 ? count : lua_error(L);
}

static int wrap_again(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    int results = 0;
    *nj_extra(co) &= ~NJ_THREAD_WAITING;
    enum turn turn = run_turn(L, nj_box_of(L), co, 0, &results);
    return wrap_finish(L, co, turn, results);
}

static int wrap_call(lua_State *L) {
    lua_State *co = lua_tothread(L, lua_upvalueindex(1));
    int results = 0;
    enum turn turn = start_turn(L, nj_box_of(L), co, 1, &results);
    return wrap_finish(L, co, turn, results);
}

static int co_create(lua_State *L) {
    luaL_checktype(L, 1, LUA_TFUNCTION);
    lua_State *co = lua_newthread(L);
    // A new thread inherits the creator's hook; it has to be armed for itself.
    nj_hook_disarm(co);
    lua_pushcfunction(co, body);
    lua_pushvalue(L, 1);
    lua_xmove(L, co, 1);
    return 1;
}

static int co_wrap(lua_State *L) {
    co_create(L);
    lua_pushcclosure(L, wrap_call, 1);
    return 1;
}

static int co_yield(lua_State *L) {
    if (L == nj_box_of(L)->root) return luaL_error(L, "attempt to yield from outside a coroutine");
    return lua_yield(L, lua_gettop(L));
}

static int co_status(lua_State *L) {
    lua_pushstring(L, status_names[status_of(L, thread_at(L, 1))]);
    return 1;
}

static int co_isyieldable(lua_State *L) {
    lua_State *co = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;
    lua_pushboolean(L, co != nj_box_of(L)->root && co != nj_box_of(L)->L && lua_isyieldable(co));
    return 1;
}

/// The host's coroutines are never handed to scripts, which could resume one that waits: the main thread stands for them.
static int co_running(lua_State *L) {
    int is_root = L == nj_box_of(L)->root;
    if (is_root) lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_MAINTHREAD);
    else lua_pushthread(L);
    lua_pushboolean(L, is_root);
    return 2;
}

static int co_close(lua_State *L) {
    nj_box *B = nj_box_of(L);
    lua_State *co = thread_at(L, 1);
    enum status status = status_of(L, co);
    if (status != SUSPENDED && status != DEAD) return luaL_error(L, "cannot close a %s coroutine", status_names[status]);
    if (co == B->L) return luaL_error(L, "cannot close the main coroutine");
    if (B->close_depth >= NJ_CLOSE_DEPTH_MAX) return luaL_error(L, "coroutines close each other too deeply");
    B->close_depth++;
    B->blocked++;
    B->running = co;
    if (B->time_over || B->memory_over) nj_hook_arm(co);
    int result = lua_resetthread(co);
    B->running = L;
    B->blocked--;
    B->close_depth--;
    if (B->time_over || B->memory_over) {
        nj_hook_arm(L);
        nj_check_slow(L, B);
    }
    lua_pushboolean(L, result == LUA_OK);
    if (result == LUA_OK) {
        lua_settop(co, 0);
        return 1;
    }
    lua_xmove(co, L, 1);
    return 2;
}

void nj_coroutine_open(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"create", co_create},   {"resume", co_resume}, {"wrap", co_wrap},
        {"yield", co_yield},     {"status", co_status}, {"isyieldable", co_isyieldable},
        {"running", co_running}, {"close", co_close},   {NULL, NULL},
    };
    luaL_newlib(L, functions);
}
