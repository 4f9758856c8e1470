/// References, and reading of values in place.
#include <lauxlib.h>
#include <string.h>

#include "nj_internal.h"
#include "codec/nj_json.h"
#include "codec/nj_plain.h"
#include "codec/nj_random.h"

typedef struct text_slice {
    const char *text;
    size_t len;
} text_slice;

/// Stack: 1 table, 2 name as light userdata.
static int field_body(lua_State *L) {
    const text_slice *name = lua_touserdata(L, 2);
    lua_pushlstring(L, name->text, name->len);
    lua_rawget(L, 1);
    return 1;
}

int nj_peek_field(lua_State *L, int index, const char *name, size_t len) {
    text_slice slice = {name, len};
    if (lua_type(L, index) != LUA_TTABLE || !lua_checkstack(L, 4)) return 0;
    index = lua_absindex(L, index);
    lua_pushcfunction(L, field_body);
    lua_pushvalue(L, index);
    lua_pushlightuserdata(L, &slice);
    if (lua_pcall(L, 2, 1, 0) != LUA_OK || lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return 0;
    }
    return lua_gettop(L);
}

int nj_peek_element(lua_State *L, int index, lua_Integer n) {
    if (lua_type(L, index) != LUA_TTABLE || !lua_checkstack(L, 2)) return 0;
    if (lua_rawgeti(L, index, n) == LUA_TNIL) {
        lua_pop(L, 1);
        return 0;
    }
    return lua_gettop(L);
}

int nj_peek_next(lua_State *L, int index, int key) {
    if (key == 0) {
        if (lua_type(L, index) != LUA_TTABLE || !lua_checkstack(L, 4)) return 0;
        lua_pushnil(L);
    } else {
        lua_settop(L, key);
    }
    return lua_next(L, index) ? lua_gettop(L) - 1 : 0;
}

int nj_peek_type(lua_State *L, int index) { return lua_type(L, index); }

const char *nj_peek_bytes(lua_State *L, int index, size_t *len) {
    // Numbers are left alone: converting one would allocate.
    return lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, len) : NULL;
}

int nj_peek_integer(lua_State *L, int index, int64_t *value) {
    int exact = 0;
    if (lua_type(L, index) == LUA_TNUMBER) *value = lua_tointegerx(L, index, &exact);
    return exact;
}

int nj_peek_number(lua_State *L, int index, double *value) {
    if (lua_type(L, index) != LUA_TNUMBER) return 0;
    *value = lua_tonumberx(L, index, NULL);
    return 1;
}

int nj_peek_boolean(lua_State *L, int index) { return lua_toboolean(L, index); }

size_t nj_peek_length(lua_State *L, int index) {
    int type = lua_type(L, index);
    return type == LUA_TTABLE || type == LUA_TSTRING ? lua_rawlen(L, index) : 0;
}

int nj_peek_object(lua_State *L, int index, int type, int64_t *handle) {
    const nj_object *object = nj_object_at(L, nj_of(L), index, type);
    if (object != NULL) *handle = object->handle;
    return object != NULL;
}

int nj_peek_is_null(lua_State *L, int index) {
    return lua_type(L, index) == LUA_TLIGHTUSERDATA && lua_touserdata(L, index) == nj_json_null();
}

static int ref_body(lua_State *L) {
    lua_pushinteger(L, luaL_ref(L, LUA_REGISTRYINDEX));
    return 1;
}

int32_t nj_peek_ref(lua_State *L, int index) {
    if (lua_type(L, index) <= LUA_TNIL || !lua_checkstack(L, 3)) return 0;
    index = lua_absindex(L, index);
    lua_pushcfunction(L, ref_body);
    lua_pushvalue(L, index);
    int32_t ref = lua_pcall(L, 1, 1, 0) == LUA_OK ? (int32_t)lua_tointeger(L, -1) : 0;
    lua_pop(L, 1);
    return ref;
}

const nj_buf *nj_peek_encode(lua_State *L, int index, int json, int sort_keys, nj_error *error) {
    nj_state *S = nj_of(L);
    nj_buf_clear(&S->codec);
    int status = json ? nj_json_encode(L, index, &S->codec, &S->options.json, sort_keys, error)
                      : nj_plain_encode(L, index, &S->codec, &S->options.plain, error);
    return status == NJ_OK ? &S->codec : NULL;
}

int nj_peek_caller(lua_State *L, const char **chunk) {
    lua_Debug ar;
    int line = nj_position(L, 1, &ar);
    if (line > 0) *chunk = nj_chunk_name(ar.source);
    return line;
}

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
    if (luaL_loadbufferx(L, request->text, request->len, name, "t") != LUA_OK) {
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

void nj_release(nj_state *S, int32_t ref) { luaL_unref(S->L, LUA_REGISTRYINDEX, ref); }

int32_t nj_ref_field(nj_state *S, int32_t ref, const char *name, size_t len) {
    lua_State *L = S->L;
    int top = lua_gettop(L);
    if (!lua_checkstack(L, 6)) return 0;
    lua_rawgeti(L, LUA_REGISTRYINDEX, ref);
    int field = nj_peek_field(L, -1, name, len);
    int32_t found = field != 0 ? nj_peek_ref(L, field) : 0;
    lua_settop(L, top);
    return found;
}

int nj_ref_type(nj_state *S, int32_t ref) {
    int type = lua_rawgeti(S->L, LUA_REGISTRYINDEX, ref);
    lua_pop(S->L, 1);
    return type;
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
    lua_rawgeti(S->L, LUA_REGISTRYINDEX, ref);
    const nj_buf *result = nj_peek_encode(S->L, -1, json, 0, &error);
    lua_pop(S->L, 1);
    if (result == NULL) nj_failure_codec(S, &error, json);
    return result;
}

static int decode_body(lua_State *L) {
    nj_state *S = nj_of(L);
    int32_t *ref = lua_touserdata(L, 1);
    if (nj_push_values(L, S, &S->in) != 1 || lua_isnil(L, -1)) return luaL_error(L, "one value other than nil expected");
    *ref = luaL_ref(L, LUA_REGISTRYINDEX);
    return 0;
}

int32_t nj_decode_ref(nj_state *S) {
    int32_t ref = 0;
    return nj_protect(S, decode_body, &ref) == 0 ? ref : 0;
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
    lua_rawgeti(S->L, LUA_REGISTRYINDEX, ref);
    nj_rng *rng = nj_random_at(S->L, -1);
    lua_pop(S->L, 1);
    return rng;
}
