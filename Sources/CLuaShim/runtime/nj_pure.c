/// States of game engines: what differs from one run to the next raises, with what to take instead.
#include <lauxlib.h>

#include "nj_internal.h"

/// Upvalues: name and advice.
static int unavailable(lua_State *L) {
    return luaL_error(L, "'%s' is not available in a game's engine: %s", lua_tostring(L, lua_upvalueindex(1)),
                      lua_tostring(L, lua_upvalueindex(2)));
}

static void push_unavailable(lua_State *L, const char *library, const char *name, const char *advice) {
    lua_pushfstring(L, "%s%s%s", library, library[0] != 0 ? "." : "", name);
    lua_pushstring(L, advice);
    lua_pushcclosure(L, unavailable, 2);
}

void nj_make_unavailable(lua_State *L, const char *library, const char *advice) {
    int table = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, table)) {
        if (lua_type(L, -2) == LUA_TSTRING && lua_type(L, -1) == LUA_TFUNCTION) {
            push_unavailable(L, library, lua_tostring(L, -2), advice);
            lua_pushvalue(L, -3);
            lua_insert(L, -2);
            lua_rawset(L, table);
        }
        lua_pop(L, 1);
    }
}

void nj_make_pure(lua_State *L) {
    static const struct {
        const char *library, *name, *advice;
    } impure[] = {
        {"os", "time", "take ctx.now"},           {"os", "clock", "take ctx.now"},
        {"os", "date", "take ctx.now"},           {"math", "random", "take ctx.random"},
        {"math", "randomseed", "take ctx.random"}, {"", "collectgarbage", "memory differs from run to run"},
    };
    for (size_t i = 0; i < sizeof impure / sizeof *impure; i++) {
        if (impure[i].library[0] != 0) lua_getfield(L, -1, impure[i].library);
        else lua_pushvalue(L, -1);
        push_unavailable(L, impure[i].library, impure[i].name, impure[i].advice);
        lua_setfield(L, -2, impure[i].name);
        lua_pop(L, 1);
    }
}
