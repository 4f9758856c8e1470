/// pcall and xpcall.
#include <lauxlib.h>

#include "nj_box.h"
#include "nj_libraries.h"

/// Calls below a protected call. Lua needs time proportional to this for every protected call it leaves by an error, and
/// a handler that fails again and again may pile up hundreds of thousands: leaving them took minutes, inside C.
enum { PROTECTED_DEPTH_MAX = 4000 };

static void check_depth(lua_State *L) {
    lua_Debug ar;
    if (lua_getstack(L, PROTECTED_DEPTH_MAX, &ar)) luaL_error(L, "stack overflow (protected calls are nested too deeply)");
}

static int pcall_done(lua_State *L, int status, lua_KContext context) {
    (void)context;
    if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L);
    lua_pushboolean(L, 0);
    lua_pushvalue(L, -2);
    return 2;
}

int nj_pcall(lua_State *L) {
    luaL_checkany(L, 1);
    check_depth(L);
    lua_pushboolean(L, 1);
    lua_insert(L, 1);
    return pcall_done(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, 0, pcall_done), 0);
}

static int xpcall_done(lua_State *L, int status, lua_KContext context);
static int xpcall_handled(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    return lua_gettop(L) - 3;
}

static int xpcall_done(lua_State *L, int status, lua_KContext context) {
    (void)context;
    if (status == LUA_OK || status == LUA_YIELD) {
        lua_pushboolean(L, 1);
        lua_insert(L, 4);
        return lua_gettop(L) - 3;
    }
    nj_box *B = nj_box_of(L);
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    lua_pushvalue(L, 3);
    lua_insert(L, -2);
    lua_pushlstring(L, B->trace.text.data != NULL ? B->trace.text.data : "", B->trace.text.len);
    // An error of the handler is what xpcall returns then.
    return xpcall_handled(L, lua_pcallk(L, 2, LUA_MULTRET, 0, 0, xpcall_handled), 0);
}

/// xpcall(f, handler, ...): the handler runs after unwinding, as handler(error, traceback). In Lua's own it runs where the
/// error was raised, with hooks off: a loop in it would never end.
int nj_xpcall(lua_State *L) {
    luaL_checktype(L, 2, LUA_TFUNCTION);
    check_depth(L);
    luaL_checkstack(L, 4, NULL);
    int count = lua_gettop(L) - 2;
    lua_pushcfunction(L, nj_on_error);
    lua_insert(L, 1);
    lua_pushvalue(L, 2);
    lua_insert(L, 4);
    return xpcall_done(L, lua_pcallk(L, count, LUA_MULTRET, 1, 0, xpcall_done), 0);
}
