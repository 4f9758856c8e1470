/// The module `nightjar.json` as scripts see it.
#include <lauxlib.h>

#include "codec/nj_json.h"
#include "nj_json_lua.h"
#include "nj_json_reader.h"

// Upvalues of the functions: 1 the buffer that encoders append to, 2 the limits.

static const nj_json_limits *limits_of(lua_State *L) { return lua_touserdata(L, lua_upvalueindex(2)); }

static int failed(lua_State *L, const char *detail) {
    lua_pushnil(L);
    lua_pushliteral(L, "invalid_json");
    lua_pushstring(L, detail);
    return 3;
}

static int json_encode(lua_State *L) {
    nj_buf *scratch = lua_touserdata(L, lua_upvalueindex(1));
    int sort = 0;
    nj_json_error error;
    luaL_checkany(L, 1);
    if (!lua_isnoneornil(L, 2)) {
        luaL_checktype(L, 2, LUA_TTABLE);
        lua_pushliteral(L, "sort");
        lua_rawget(L, 2);
        sort = lua_toboolean(L, -1);
    }
    nj_buf_clear(scratch);
    if (nj_json_encode(L, 1, scratch, limits_of(L), sort ? NJ_JSON_SORTED : 0, &error) != NJ_OK) return failed(L, error.detail);
    lua_pushlstring(L, scratch->data, scratch->len);
    return 1;
}

static int option_mend(lua_State *L) {
    if (lua_isnoneornil(L, 2)) return 0;
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_pushliteral(L, "mend");
    lua_rawget(L, 2);
    int mends = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return mends;
}

/// Pushes the names in the option `raw` of the table at 2. How many.
static int push_raw_names(lua_State *L) {
    if (lua_isnoneornil(L, 2)) return 0;
    luaL_checktype(L, 2, LUA_TTABLE);
    lua_pushliteral(L, "raw");
    int kind = lua_rawget(L, 2);
    if (kind == LUA_TNIL) return 0;
    luaL_argcheck(L, kind == LUA_TTABLE, 2, "field 'raw' must be a list of names");
    int list = lua_gettop(L);
    lua_Unsigned count = lua_rawlen(L, list);
    luaL_argcheck(L, count <= NJ_JSON_RAW_NAMES, 2, "field 'raw' has more than 8 names");
    for (lua_Unsigned i = 1; i <= count; i++) {
        luaL_argcheck(L, lua_rawgeti(L, list, (lua_Integer)i) == LUA_TSTRING, 2, "field 'raw' must be a list of names");
    }
    return (int)count;
}

static int json_decode(lua_State *L) {
    size_t len;
    nj_json_error error;
    const char *text = nj_json_raw_at(L, 1, &len);
    if (text == NULL) {
        luaL_checktype(L, 1, LUA_TSTRING);
        text = lua_tolstring(L, 1, &len);
    }
    int mends = option_mend(L);
    int count = push_raw_names(L);
    int names = lua_gettop(L) - count + 1;
    return nj_json_push_partly(L, text, len, limits_of(L), names, count, mends, &error) == NJ_OK ? 1 : failed(L, error.detail);
}

static int json_array(lua_State *L) {
    if (lua_isnoneornil(L, 1)) {
        lua_settop(L, 0);
        lua_createtable(L, 0, 0);
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    // Silently replacing a class would be worse than saying no.
    const void *have = nj_metatable_identity(L, 1);
    luaL_argcheck(L, have == NULL || have == nj_json_array_identity(L), 1, "table has a metatable");
    nj_json_mark_array(L, 1);
    return 1;
}

static int json_raw(lua_State *L) {
    size_t len;
    nj_json_error error;
    luaL_checktype(L, 1, LUA_TSTRING);
    const char *text = lua_tolstring(L, 1, &len);
    if (nj_json_check(text, len, limits_of(L), &error) != NJ_OK) return failed(L, error.detail);
    nj_json_push_raw(L, text, len);
    return 1;
}

int nj_json_open(lua_State *L, nj_buf *scratch, const nj_json_limits *limits) {
    static const luaL_Reg functions[] = {
        {"encode", json_encode}, {"decode", json_decode}, {"array", json_array}, {"raw", json_raw},
        {"reader", nj_reader_compile}, {NULL, NULL},
    };
    luaL_checkstack(L, 6, NULL);
    lua_createtable(L, 0, 6);
    lua_pushlightuserdata(L, scratch);
    lua_pushlightuserdata(L, (void *)limits);
    luaL_setfuncs(L, functions, 2);
    lua_pushlightuserdata(L, nj_json_null());
    lua_setfield(L, -2, "null");
    return 1;
}
