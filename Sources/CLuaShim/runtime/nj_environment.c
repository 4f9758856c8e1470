/// The globals of a state: the sandbox's, and the two that need the host.
#include <lauxlib.h>
#include <string.h>

#include "../sandbox/nj_libraries.h"
#include "nj_internal.h"

/// print(...): one line, tab-separated, to the host's function log.print (upvalue 1; without one it does nothing).
static int print(lua_State *L) {
    int count = lua_gettop(L);
    luaL_Buffer b;
    size_t total = 0;
    lua_pushvalue(L, lua_upvalueindex(1));
    luaL_buffinit(L, &b);
    for (int i = 1; i <= count; i++) {
        size_t len;
        luaL_tolstring(L, i, &len);
        total += len + 1;
        if (total > NJ_CALL_BYTES_MAX) return luaL_error(L, "too much to print");
        luaL_addvalue(&b);
        if (i < count) luaL_addchar(&b, '\t');
    }
    luaL_pushresult(&b);
    if (lua_isnil(L, -2)) return 0;
    lua_call(L, 1, 0);
    return 0;
}

static void open_print(lua_State *L, nj_state *S) {
    lua_pushnil(L);
    for (int i = 0; i < S->options.function_count; i++) {
        const nj_function *f = &S->options.functions[i];
        if (f->role != NJ_ROLE_FUNCTION || strcmp(f->label, "log.print") != 0) continue;
        lua_pop(L, 1);
        nj_push_function(L, S, i);
        break;
    }
    lua_pushcclosure(L, print, 1);
    lua_setfield(L, -2, "print");
}

void nj_environment_open(lua_State *L, nj_state *S) {
    nj_sandbox_open(L);
    lua_pushcfunction(L, nj_require);
    lua_setfield(L, -2, "require");
    open_print(L, S);
    if (S->options.pure) nj_make_pure(L);
    nj_sandbox_guard(L);
    lua_pop(L, 1);
}
