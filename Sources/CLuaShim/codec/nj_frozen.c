#include "nj_frozen.h"

#include <lauxlib.h>

/// Its address is the key in a read-only table's metatable under which the content is: no script can name it.
static char content_key;

/// Free slots that one level needs on Lua's stack.
enum { SLOTS_PER_LEVEL = 8 };

/// Calls looked at for the script's line: the write may come from a function of the libraries (`table.insert`).
enum { CALLERS_MAX = 8 };

int nj_frozen_content(lua_State *L, int idx) {
    if (lua_type(L, idx) != LUA_TTABLE || !lua_getmetatable(L, idx)) return 0;
    if (lua_rawgetp(L, -1, &content_key) == LUA_TTABLE) {
        lua_replace(L, -2);
        return 1;
    }
    lua_pop(L, 2);
    return 0;
}

int nj_frozen_next(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 2);
    if (nj_frozen_content(L, 1)) lua_replace(L, 1);
    if (lua_next(L, 1)) return 2;
    lua_pushnil(L);
    return 1;
}

static void push_position(lua_State *L) {
    lua_Debug ar;
    for (int level = 1; level <= CALLERS_MAX && lua_getstack(L, level, &ar); level++) {
        if (lua_getinfo(L, "Sl", &ar) && ar.currentline > 0) {
            lua_pushfstring(L, "%s:%d: ", ar.short_src, ar.currentline);
            return;
        }
    }
    lua_pushliteral(L, "");
}

int nj_frozen_refuse(lua_State *L, int key) {
    luaL_checkstack(L, 4, NULL);
    key = lua_absindex(L, key);
    push_position(L);
    if (lua_type(L, key) == LUA_TSTRING || lua_type(L, key) == LUA_TNUMBER) {
        lua_pushvalue(L, key);  // a copy: a number would be turned into a string where it is
        lua_pushfstring(L, "settings are read-only: cannot set '%s'", lua_tostring(L, -1));
        lua_replace(L, -2);
    } else {
        lua_pushliteral(L, "settings are read-only");
    }
    lua_concat(L, 2);
    return lua_error(L);
}

static int frozen_newindex(lua_State *L) { return nj_frozen_refuse(L, 2); }

static int frozen_len(lua_State *L) {
    if (!nj_frozen_content(L, 1)) return 0;
    lua_pushinteger(L, (lua_Integer)lua_rawlen(L, -1));
    return 1;
}

static int frozen_pairs(lua_State *L) {
    lua_pushcfunction(L, nj_frozen_next);
    lua_pushvalue(L, 1);
    lua_pushnil(L);
    return 3;
}

/// Replaces the table with the content on top of the stack by the empty one in front of it.
static void put_front(lua_State *L) {
    static const luaL_Reg metamethods[] = {
        {"__newindex", frozen_newindex}, {"__len", frozen_len}, {"__pairs", frozen_pairs}, {NULL, NULL},
    };
    int content = lua_gettop(L);
    lua_createtable(L, 0, 0);
    lua_createtable(L, 0, 6);
    luaL_setfuncs(L, metamethods, 0);
    lua_pushvalue(L, content);
    lua_setfield(L, -2, "__index");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pushvalue(L, content);
    lua_rawsetp(L, -2, &content_key);
    lua_setmetatable(L, -2);
    lua_replace(L, content);
}

void nj_freeze(lua_State *L) {
    if (lua_type(L, -1) != LUA_TTABLE) return;
    luaL_checkstack(L, SLOTS_PER_LEVEL, "table too deep");
    int content = lua_gettop(L);
    lua_pushnil(L);
    while (lua_next(L, content)) {
        if (lua_type(L, -1) == LUA_TTABLE) {
            nj_freeze(L);
            lua_pushvalue(L, -2);
            lua_insert(L, -2);
            lua_rawset(L, content);  // an existing field: the iteration goes on undisturbed
        } else {
            lua_pop(L, 1);
        }
    }
    put_front(L);
}
