/// References: values the host holds on to.
#include <lauxlib.h>
#include <string.h>

#include "../codec/nj_frozen.h"
#include "codec/nj_random.h"
#include "nj_internal.h"

typedef struct load_request {
    const char *text;
    size_t len;
    const char *chunk;
    int32_t ref;
} load_request;

static int load_body(lua_State *L) {
    nj_state *S = nj_of(L);
    load_request *request = lua_touserdata(L, 1);
    if (request->len > NJ_SOURCE_MAX) return luaL_error(L, "%s: the file is too long", request->chunk);
    const char *name = lua_pushfstring(L, "@%s", request->chunk);
    if (nj_chunk_load(L, S, request->text, request->len, name) != LUA_OK) {
        nj_hint(S, L, NJ_FAILURE_SYNTAX, "syntax");
        return lua_error(L);
    }
    request->ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

int32_t nj_load(nj_state *S, const char *text, size_t len, const char *chunk) {
    load_request request = {text != NULL ? text : "", text != NULL ? len : 0, chunk, 0};
    if (nj_protect(S, load_body, &request) == 0) return request.ref;
    // The parser shortens long names; the host knows the whole one.
    nj_buf_clear(&S->failure.chunk);
    nj_buf_append(&S->failure.chunk, chunk, strlen(chunk));
    return 0;
}

void nj_release(nj_state *S, int32_t ref) { luaL_unref(S->box.L, LUA_REGISTRYINDEX, ref); }

int32_t nj_ref_field(nj_state *S, int32_t ref, const char *name, size_t len) {
    lua_State *L = S->box.L;
    int top = lua_gettop(L);
    if (!lua_checkstack(L, 6)) return 0;
    lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
    int field = nj_peek_field(L, -1, name, len);
    int32_t found = field != 0 ? nj_peek_ref(L, field) : 0;
    lua_settop(L, top);
    return found;
}

int nj_ref_type(nj_state *S, int32_t ref) {
    int type = lua_rawgeti(S->box.L, LUA_REGISTRYINDEX, ref);
    lua_pop(S->box.L, 1);
    return type;
}

int nj_ref_definition(nj_state *S, int32_t ref, const char **chunk) {
    lua_Debug ar;
    lua_State *L = S->box.L;
    if (!lua_checkstack(L, 2)) return 0;
    if (lua_rawgeti(L, LUA_REGISTRYINDEX, ref) != LUA_TFUNCTION) {
        lua_pop(L, 1);
        return 0;
    }
    lua_getinfo(L, ">S", &ar);
    if (ar.linedefined <= 0) return 0;
    *chunk = nj_chunk_name(ar.source);
    return ar.linedefined;
}

typedef struct set_request {
    int32_t ref;
    const char *name;
    size_t len;
} set_request;

static int set_body(lua_State *L) {
    const set_request *request = lua_touserdata(L, 1);
    if (lua_rawgeti(L, LUA_REGISTRYINDEX, request->ref) != LUA_TTABLE) return luaL_error(L, "a table expected");
    lua_pushlstring(L, request->name, request->len);
    nj_state *S = nj_of(L);
    if (nj_push_values(L, S, &S->in) != 1) return luaL_error(L, "one value expected");
    lua_rawset(L, -3);
    return 0;
}

int nj_ref_set_field(nj_state *S, int32_t ref, const char *name, size_t len) {
    set_request request = {ref, name, len};
    return nj_protect(S, set_body, &request);
}

const nj_buf *nj_encode_ref(nj_state *S, int32_t ref, int json) {
    nj_error error;
    lua_rawgeti(S->box.L, LUA_REGISTRYINDEX, ref);
    const nj_buf *result = nj_peek_encode(S->box.L, -1, json, 0, &error);
    lua_pop(S->box.L, 1);
    if (result == NULL) nj_failure_codec(S, &error, json);
    return result;
}

typedef struct decode_request {
    int read_only;
    int32_t ref;
} decode_request;

static int decode_body(lua_State *L) {
    nj_state *S = nj_of(L);
    decode_request *request = lua_touserdata(L, 1);
    if (nj_push_values(L, S, &S->in) != 1 || lua_isnil(L, -1)) return luaL_error(L, "one value other than nil expected");
    if (request->read_only) nj_freeze(L);
    request->ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

int32_t nj_decode_ref(nj_state *S, int read_only) {
    decode_request request = {read_only, 0};
    return nj_protect(S, decode_body, &request) == 0 ? request.ref : 0;
}

static int random_body(lua_State *L) {
    int32_t *ref = lua_touserdata(L, 1);
    nj_random_new(L);
    *ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

int32_t nj_random_ref(nj_state *S) {
    int32_t ref = 0;
    return nj_protect(S, random_body, &ref) == 0 ? ref : 0;
}

struct nj_rng *nj_random_of_ref(nj_state *S, int32_t ref) {
    lua_rawgeti(S->box.L, LUA_REGISTRYINDEX, ref);
    nj_rng *rng = nj_random_at(S->box.L, -1);
    lua_pop(S->box.L, 1);
    return rng;
}
