/// Life of a state.
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "../sandbox/nj_libraries.h"
#include "nj_internal.h"

/// The text of the error tables the host raises.
static int error_text(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_pushliteral(L, "message");
    lua_rawget(L, 1);
    return 1;
}

static int keep_text(lua_State *L, const char *text) {
    lua_pushstring(L, text);
    return luaL_ref(L, LUA_REGISTRYINDEX);
}

static int keep_table(lua_State *L) {
    lua_createtable(L, 0, 0);
    return luaL_ref(L, LUA_REGISTRYINDEX);
}

static void open_errors(lua_State *L, nj_state *S) {
    lua_createtable(L, 0, 3);
    lua_pushcfunction(L, error_text);
    lua_setfield(L, -2, "__tostring");
    lua_pushliteral(L, "error");
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    S->error_ref = luaL_ref(L, LUA_REGISTRYINDEX);
}

static int open_body(lua_State *L) {
    nj_state *S = nj_of(L);
    luaL_checkstack(L, 40, NULL);
    if (nj_forget_metamethods(L) != 0) return luaL_error(L, "the operating system gave no random bytes");
    S->threads_ref = keep_table(L);
    S->modules_ref = keep_table(L);
    S->key_code_ref = keep_text(L, "code");
    S->key_message_ref = keep_text(L, "message");
    S->key_place_ref = keep_text(L, "place");
    open_errors(L, S);
    nj_environment_open(L, S);
    nj_types_open(L, S);
    nj_api_open(L, S);
    lua_pushvalue(L, -1);
    S->api_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    lua_rawgeti(L, LUA_REGISTRYINDEX, S->modules_ref);
    lua_insert(L, -2);
    lua_setfield(L, -2, "nightjar");
    return 0;
}

/// Per cent of the live data at which the next collection begins.
enum { NJ_GC_PAUSE = 400 };

/// Nothing raises outside of a protected call; if it did, the message must not be lost.
static int on_panic(lua_State *L) {
    (void)L;
    abort();
}

nj_state *nj_state_new(const nj_options *options) {
    nj_state *S = calloc(1, sizeof *S);
    if (S == NULL) return NULL;
    S->options = *options;
    S->box.memory_bytes = options->memory_bytes;
    S->options.json.stop = &S->box.time_over;
    S->options.plain.stop = &S->box.time_over;
    S->loading = 1;
    S->idle_head = S->empty_head = NJ_NO_SLOT;
    S->box.L = lua_newstate(nj_allocate, S);
    if (S->box.L == NULL) {
        free(S);
        return NULL;
    }
    *nj_extra(S->box.L) = (uintptr_t)S;
    lua_atpanic(S->box.L, on_panic);
    // Collect at four times the live data instead of twice: memory is bounded anyway, and handlers make short-lived tables.
    lua_gc(S->box.L, LUA_GCINC, NJ_GC_PAUSE, 0, 0);
    S->box.running = S->box.L;
    if (nj_protect(S, open_body, NULL) != 0 || nj_watch_add(&S->box) != 0) {
        nj_state_close(S);
        return NULL;
    }
    return S;
}

void nj_state_close(nj_state *S) {
    nj_watch_remove(&S->box);
    lua_close(S->box.L);
    nj_pool_close(&S->box.pool);
    free(S->tasks);
    free(S->offences);
    nj_buf *const buffers[] = {&S->in.scratch,      &S->out.scratch,   &S->codec,          &S->source, &S->code, &S->chunk,
                               &S->failure.message, &S->failure.chunk, &S->failure.trace, &S->failure.code,
                               &S->place_files.names, &S->box.trace.chunk, &S->box.trace.text};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) nj_buf_free(buffers[i]);
    free(S);
}

void nj_state_adopt(nj_state *S) { nj_watch_adopt(&S->box); }

int nj_state_owned(const nj_state *S) { return pthread_equal(S->box.owner, pthread_self()); }

int nj_state_running(const nj_state *S) { return S->box.active; }

size_t nj_state_memory(const nj_state *S) { return S->box.used; }

size_t nj_state_memory_peak(nj_state *S) {
    size_t peak = S->box.peak;
    S->box.peak = S->box.used;
    return peak;
}

void nj_state_collect(nj_state *S, int full) {
    if (full) lua_gc(S->box.L, LUA_GCCOLLECT);
    else lua_gc(S->box.L, LUA_GCSTEP, 0);
}

void nj_state_set_loading(nj_state *S, int loading) {
    S->loading = loading;
    // As large as the largest file, and of no use from here on.
    if (!loading) nj_buf_free(&S->code);
}

void nj_state_set_sealed(nj_state *S, int sealed) { S->sealed = sealed; }

struct nj_stop {
    _Atomic int made;
};

nj_stop *nj_stop_new(void) { return calloc(1, sizeof(nj_stop)); }

void nj_stop_free(nj_stop *stop) { free(stop); }

void nj_stop_make(nj_stop *stop) { atomic_store(&stop->made, 1); }

int nj_stop_is_made(const nj_stop *stop) { return atomic_load(&stop->made); }

void nj_state_obey(nj_state *S, const nj_stop *stop) { nj_watch_obey(&S->box, &stop->made); }
