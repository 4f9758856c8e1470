/// next, rawget, rawset, rawlen: as Lua's own, but for read-only tables, which they read and never write.
#include <lauxlib.h>

#include "../codec/nj_frozen.h"
#include "nj_box.h"
#include "nj_libraries.h"

static int raw_get(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    lua_settop(L, 2);
    if (nj_frozen_content(L, 1)) lua_replace(L, 1);
    lua_rawget(L, 1);
    return 1;
}

static int raw_set(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checkany(L, 2);
    luaL_checkany(L, 3);
    lua_settop(L, 3);
    if (nj_frozen_content(L, 1)) return nj_frozen_refuse(L, 2);
    lua_rawset(L, 1);
    return 1;
}

static int raw_len(lua_State *L) {
    int type = lua_type(L, 1);
    luaL_argexpected(L, type == LUA_TTABLE || type == LUA_TSTRING, 1, "table or string");
    if (nj_frozen_content(L, 1)) lua_replace(L, 1);
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, 1));
    return 1;
}

void nj_raw_functions_open(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"next", nj_frozen_next}, {"rawget", raw_get}, {"rawset", raw_set}, {"rawlen", raw_len}, {NULL, NULL},
    };
    luaL_setfuncs(L, functions, 0);
}
