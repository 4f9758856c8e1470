/// What scripts see: the globals, one by one, and nothing that reaches out of the state.
#include <lauxlib.h>
#include <lualib.h>
#include <string.h>

#include "nj_box.h"
#include "nj_libraries.h"
#include "codec/nj_json.h"
#include "sandbox/nj_pattern.h"

/// Upvalues: the refused names, and "__call".
static int set_metatable(lua_State *L) {
    static const struct {
        const char *field, *reason;
    } refused[] = {
        {"__gc", "finalizers run outside of all limits; use a to-be-closed variable (local x <close>)"},
        {"__mode", "weak tables are not available"},
        {"__concat", "the linked Lua crashes on it; use a method or __tostring"},
    };
    int type = lua_type(L, 2);
    luaL_checktype(L, 1, LUA_TTABLE);
    if (type != LUA_TNIL && type != LUA_TTABLE) return luaL_typeerror(L, 2, "nil or table");
    if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL && !nj_json_is_array(L, 1))
        return luaL_error(L, "cannot change a protected metatable");
    for (int i = 0; type == LUA_TTABLE && i < 3; i++) {
        lua_pushvalue(L, lua_upvalueindex(i + 1));
        if (lua_rawget(L, 2) != LUA_TNIL)
            return luaL_error(L, "a metatable may not have '%s': %s", refused[i].field, refused[i].reason);
        lua_pop(L, 1);
    }
    if (type == LUA_TTABLE) {
        // A chain of callable tables that comes back to itself never ends, inside C.
        lua_pushvalue(L, lua_upvalueindex(4));
        int call = lua_rawget(L, 2);
        if (call != LUA_TNIL && call != LUA_TFUNCTION) return luaL_error(L, "'__call' must be a function");
    }
    lua_settop(L, 2);
    lua_setmetatable(L, 1);
    return 1;
}

static int undeclared_read(lua_State *L) {
    return luaL_error(L, "variable '%s' is not declared", luaL_tolstring(L, 2, NULL));
}

static int undeclared_write(lua_State *L) {
    return luaL_error(L, "assignment to undeclared variable '%s' (use 'local')", luaL_tolstring(L, 2, NULL));
}

/// Only the amount: a collection is work in C that no limit reaches.
static int collect_garbage(lua_State *L) {
    if (strcmp(luaL_optstring(L, 1, "collect"), "count") != 0)
        return luaL_error(L, "collectgarbage knows only \"count\" here; memory is collected by itself");
    lua_pushnumber(L, (lua_Number)nj_box_of(L)->used / 1024);
    return 1;
}

static void open_globals(lua_State *L) {
    static const char *const removed[] = {"dofile", "loadfile", "warn", "require", NULL};
    static const luaL_Reg replaced[] = {
        {"pcall", nj_pcall}, {"xpcall", nj_xpcall}, {"load", nj_load_text}, {"collectgarbage", collect_garbage}, {NULL, NULL},
    };
    lua_pushcfunction(L, luaopen_base);
    lua_call(L, 0, 1);
    for (int i = 0; removed[i] != NULL; i++) {
        lua_pushnil(L);
        lua_setfield(L, -2, removed[i]);
    }
    luaL_setfuncs(L, replaced, 0);
    nj_raw_functions_open(L);
    lua_pushliteral(L, "__gc");
    lua_pushliteral(L, "__mode");
    lua_pushliteral(L, "__concat");
    lua_pushliteral(L, "__call");
    lua_pushcclosure(L, set_metatable, 4);
    lua_setfield(L, -2, "setmetatable");
}

/// With the globals on top of the stack: opens a library into its field.
static void open_library(lua_State *L, const char *name, lua_CFunction open) {
    lua_pushcfunction(L, open);
    lua_call(L, 0, 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, name);
}

static void open_os(lua_State *L) {
    static const char *const kept[] = {"time", "clock", "date", "difftime", NULL};
    lua_createtable(L, 0, 4);
    lua_pushcfunction(L, luaopen_os);
    lua_call(L, 0, 1);
    for (int i = 0; kept[i] != NULL; i++) {
        lua_getfield(L, -1, kept[i]);
        lua_setfield(L, -3, kept[i]);
    }
    lua_pop(L, 1);
    nj_os_caps_open(L);
    lua_setfield(L, -2, "os");
}

/// Strings share one metatable: its `__concat` or `__index` must not be open to scripts.
static void protect_strings(lua_State *L) {
    lua_pushliteral(L, "");
    if (lua_getmetatable(L, -1)) {
        lua_pushboolean(L, 0);
        lua_setfield(L, -2, "__metatable");
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

void nj_sandbox_guard(lua_State *L) {
    lua_createtable(L, 0, 3);
    lua_pushcfunction(L, undeclared_read);
    lua_setfield(L, -2, "__index");
    lua_pushcfunction(L, undeclared_write);
    lua_setfield(L, -2, "__newindex");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_setmetatable(L, -2);
}

void nj_sandbox_open(lua_State *L) {
    open_globals(L);
    open_library(L, "string", luaopen_string);
    lua_pushnil(L);
    lua_setfield(L, -2, "dump");
    nj_pattern_open(L);
    nj_string_caps_open(L);
    lua_pop(L, 1);
    protect_strings(L);
    open_library(L, "math", luaopen_math);
    nj_math_caps_open(L);
    lua_pop(L, 1);
    open_library(L, "utf8", luaopen_utf8);
    nj_utf8_caps_open(L);
    lua_pop(L, 1);
    nj_table_open(L);
    lua_setfield(L, -2, "table");
    nj_coroutine_open(L);
    lua_setfield(L, -2, "coroutine");
    open_os(L);
}
