// Lua's one hook among several users: each sees its own events, and the limits strike all the same.
#include <time.h>

#include "../../Sources/CLuaShim/sandbox/nj_box.h"
#include "check.h"

static int lines, counts, calls;

static void on_line(lua_State *L, lua_Debug *ar) {
    lua_getinfo(L, "l", ar);
    CHECK(ar->event == LUA_HOOKLINE && ar->currentline > 0);
    lines++;
}

static void on_call(lua_State *L, lua_Debug *ar) {
    (void)L;
    CHECK(ar->event == LUA_HOOKCALL || ar->event == LUA_HOOKTAILCALL);
    calls++;
}

static void on_count(lua_State *L, lua_Debug *ar) {
    (void)L;
    CHECK(ar->event == LUA_HOOKCOUNT);
    counts++;
}

static int32_t dispatch(void *host, int32_t selector, nj_call *call) {
    (void)host, (void)selector, (void)call;
    return NJ_HOST_NONE;
}

static int32_t resolve(void *host, const char *name, size_t len, nj_buf *source, nj_buf *chunk) {
    (void)host, (void)name, (void)len, (void)source, (void)chunk;
    return -1;
}

static nj_state *new_box(void) {
    nj_options options = {0};
    options.memory_bytes = 8 << 20;
    options.slice_nanoseconds = 30000000;
    options.load_nanoseconds = 30000000;
    options.json = options.plain = (nj_limits){64, 1 << 20, NULL};
    options.pool = 4;
    options.tasks = 16;
    options.dispatch = dispatch;
    options.resolve = resolve;
    nj_state *S = nj_state_new(&options);
    nj_state_set_loading(S, 0);
    return S;
}

/// Runs a chunk; 1 when it returned.
static int run(nj_state *S, const char *text) {
    nj_slice_result result;
    int32_t ref = nj_load(S, text, strlen(text), "hook.lua");
    CHECK(ref != 0);
    nj_values_clear(nj_arguments(S));
    int returned = nj_start(S, ref, 0, 0, &result) == NJ_RETURNED;
    if (returned) nj_results_done(S, &result);
    nj_release(S, ref);
    return returned;
}

static int timed_out(nj_state *S) { return nj_state_failure(S)->kind == NJ_FAILURE_TIMEOUT; }

int main(void) {
    nj_state *S = new_box();
    nj_box *B = (nj_box *)S;  // a state begins with its box

    CHECK(run(S, "local x = 1\nlocal y = 2"));
    CHECK(lines == 0);

    nj_hook_set(B, NJ_HOOK_DEBUGGER, on_line, LUA_MASKLINE, 0);
    CHECK(run(S, "local x = 1\nlocal y = 2"));
    CHECK(lines == 2);

    // Coroutines, new and old, are seen as well.
    lines = 0;
    CHECK(run(S, "local f = function(n)\nlocal x = n\ncoroutine.yield()\nx = 2\nend\nlocal co = coroutine.wrap(f)\nco(1)\nco()"));
    CHECK(lines == 8);  // four in the chunk, four in the coroutine

    // Two users at once: their own events, their own counts.
    lines = 0;
    nj_hook_set(B, NJ_HOOK_PROFILER, on_count, LUA_MASKCOUNT, 100);
    CHECK(run(S, "for i = 1, 1000 do local x = i end"));
    CHECK(lines >= 1000 && counts >= 10 && counts < 60);
    nj_hook_set(B, NJ_HOOK_PROFILER, on_call, LUA_MASKCALL, 0);
    CHECK(run(S, "local f = function() end f() f() f()"));
    CHECK(calls >= 4);

    // The limits strike under both, in a coroutine that swallows errors, too.
    CHECK(!run(S, "while true do end") && timed_out(S));
    CHECK(!run(S, "coroutine.wrap(function() while true do pcall(function() while true do end end) end end)()") && timed_out(S));

    // Gone is gone, also for a coroutine made meanwhile.
    nj_hook_set(B, NJ_HOOK_DEBUGGER, NULL, 0, 0);
    nj_hook_set(B, NJ_HOOK_PROFILER, NULL, 0, 0);
    lines = counts = calls = 0;
    CHECK(run(S, "local co = coroutine.wrap(function() for i = 1, 100 do coroutine.yield(i) end end) for i = 1, 50 do co() end"));
    CHECK(lines == 0 && counts == 0 && calls == 0);
    CHECK(!run(S, "while true do end") && timed_out(S));

    nj_state_close(S);
    return finish("test_hook");
}
