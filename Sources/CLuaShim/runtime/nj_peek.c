/// Reading of values in place: none of this raises.
#include <lauxlib.h>
#include <stdio.h>

#include "../codec/nj_frozen.h"
#include "codec/nj_json.h"
#include "codec/nj_plain.h"
#include "nj_internal.h"

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
    if (lua_type(L, index) != LUA_TTABLE || !lua_checkstack(L, 5)) return 0;
    index = lua_absindex(L, index);
    lua_pushcfunction(L, field_body);
    if (!nj_frozen_content(L, index)) lua_pushvalue(L, index);
    lua_pushlightuserdata(L, &slice);
    if (lua_pcall(L, 2, 1, 0) != LUA_OK || lua_isnil(L, -1)) {
        lua_pop(L, 1);
        return 0;
    }
    return lua_gettop(L);
}

int nj_peek_element(lua_State *L, int index, lua_Integer n) {
    if (lua_type(L, index) != LUA_TTABLE || !lua_checkstack(L, 3)) return 0;
    int frozen = nj_frozen_content(L, index);
    int type = lua_rawgeti(L, frozen ? -1 : index, n);
    if (frozen) lua_remove(L, -2);
    if (type == LUA_TNIL) {
        lua_pop(L, 1);
        return 0;
    }
    return lua_gettop(L);
}

int nj_peek_next(lua_State *L, int index, int key) {
    if (key == 0) {
        if (lua_type(L, index) != LUA_TTABLE || !lua_checkstack(L, 6)) return 0;
        index = lua_absindex(L, index);
        lua_pushnil(L);
    } else {
        index = lua_absindex(L, index);
        lua_settop(L, key);
    }
    if (!nj_frozen_content(L, index)) return lua_next(L, index) ? lua_gettop(L) - 1 : 0;
    int content = lua_gettop(L) - 1;
    lua_insert(L, content);  // below the key, for lua_next to find it there
    int more = lua_next(L, content);
    lua_remove(L, content);
    return more ? lua_gettop(L) - 1 : 0;
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
    if (type == LUA_TTABLE && lua_checkstack(L, 2) && nj_frozen_content(L, index)) {
        size_t len = lua_rawlen(L, -1);
        lua_pop(L, 1);
        return len;
    }
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

const nj_buf *nj_peek_encode(lua_State *L, int index, int json, int form, nj_error *error) {
    nj_state *S = nj_of(L);
    nj_limits limits = json ? S->options.json : S->options.plain;
    nj_buf_clear(&S->codec);
    // All values of one call together are no more than one large value: a list may hold the same one many times.
    size_t left = S->encoded < S->options.plain.bytes ? S->options.plain.bytes - S->encoded : 0;
    if (S->box.active && limits.bytes > left) limits.bytes = left;
    int status = json ? nj_json_encode(L, index, &S->codec, &limits, form, error)
                      : nj_plain_encode(L, index, &S->codec, &limits, NULL, error);
    if (status != NJ_OK) return NULL;
    S->encoded += S->codec.len;
    return &S->codec;
}

int nj_peek_caller(lua_State *L, const char **chunk) {
    nj_state *S = nj_of(L);
    lua_Debug ar;
    int line = nj_position(L, 1, &ar);
    if (line > 0) snprintf(S->caller, sizeof S->caller, "%s", nj_source_label(&ar));
    *chunk = S->caller;
    return line;
}
