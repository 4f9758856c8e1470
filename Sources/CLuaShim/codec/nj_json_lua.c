#include "nj_json_lua.h"

#include <lauxlib.h>
#include <string.h>

#include "codec/nj_json.h"

/// Their addresses are the registry keys and the value of null.
static char null_key, array_key, raw_key;

void *nj_json_null(void) { return &null_key; }

/// Scripts must not reach a shared metatable: a finalizer put there would run with no limits.
static void protect(lua_State *L) {
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
}

void nj_json_push_array_mark(lua_State *L) {
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &array_key) != LUA_TNIL) return;
    lua_pop(L, 1);
    lua_createtable(L, 0, 1);
    protect(L);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &array_key);
}

static int raw_text(lua_State *L) {
    size_t len;
    const char *text = nj_json_raw_at(L, 1, &len);
    luaL_argcheck(L, text != NULL, 1, "raw JSON expected");
    lua_pushlstring(L, text, len);
    return 1;
}

static void push_raw_metatable(lua_State *L) {
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &raw_key) != LUA_TNIL) return;
    lua_pop(L, 1);
    lua_createtable(L, 0, 3);
    protect(L);
    lua_pushstring(L, "raw JSON");
    lua_setfield(L, -2, "__name");
    lua_pushcfunction(L, raw_text);
    lua_setfield(L, -2, "__tostring");
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &raw_key);
}

static const void *identity(lua_State *L, const void *key) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, key);
    const void *table = lua_topointer(L, -1);
    lua_pop(L, 1);
    return table;
}

const void *nj_json_array_identity(lua_State *L) { return identity(L, &array_key); }
const void *nj_json_raw_identity(lua_State *L) { return identity(L, &raw_key); }

const void *nj_metatable_identity(lua_State *L, int idx) {
    if (!lua_getmetatable(L, idx)) return NULL;
    const void *table = lua_topointer(L, -1);
    lua_pop(L, 1);
    return table;
}

void nj_json_mark_array(lua_State *L, int idx) {
    idx = lua_absindex(L, idx);
    nj_json_push_array_mark(L);
    lua_setmetatable(L, idx);
}

int nj_json_is_array(lua_State *L, int idx) {
    idx = lua_absindex(L, idx);
    if (lua_type(L, idx) != LUA_TTABLE || !lua_checkstack(L, 1)) return 0;
    const void *have = nj_metatable_identity(L, idx);
    return have != NULL && have == nj_json_array_identity(L);
}

void nj_json_push_raw(lua_State *L, const char *text, size_t len) {
    void *copy = lua_newuserdatauv(L, len, 0);
    if (len > 0) memcpy(copy, text, len);
    push_raw_metatable(L);
    lua_setmetatable(L, -2);
}

const char *nj_json_raw_at(lua_State *L, int idx, size_t *len) {
    idx = lua_absindex(L, idx);
    if (lua_type(L, idx) != LUA_TUSERDATA || !lua_checkstack(L, 1)) return NULL;
    const void *have = nj_metatable_identity(L, idx);
    if (have == NULL || have != nj_json_raw_identity(L)) return NULL;
    *len = lua_rawlen(L, idx);
    return lua_touserdata(L, idx);
}
