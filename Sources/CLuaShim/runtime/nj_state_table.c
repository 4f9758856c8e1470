/// nightjar.state: the values of a package that survive a reload.
#include <lauxlib.h>

#include "nj_internal.h"
#include "codec/nj_plain.h"

static void check_key(lua_State *L) {
    int type = lua_type(L, 1);
    if (type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TBOOLEAN)
        luaL_typeerror(L, 1, "string, number or boolean");
    lua_Number n = lua_tonumber(L, 1);
    luaL_argcheck(L, type != LUA_TNUMBER || n == n, 1, "not a number");
}

/// get(key [, default])
static int state_get(lua_State *L) {
    check_key(L);
    lua_settop(L, 2);
    lua_rawgeti(L, LUA_REGISTRYINDEX, nj_of(L)->state_ref);
    lua_pushvalue(L, 1);
    if (lua_rawget(L, -2) == LUA_TNIL) lua_pushvalue(L, 2);
    return 1;
}

/// set(key, value) -> true, or nil, "stale_generation"
static int state_set(lua_State *L) {
    nj_state *S = nj_of(L);
    check_key(L);
    luaL_checkany(L, 2);
    if (S->sealed) {
        lua_pushnil(L);
        lua_pushliteral(L, "stale_generation");
        return 2;
    }
    lua_settop(L, 2);
    lua_rawgeti(L, LUA_REGISTRYINDEX, S->state_ref);
    lua_insert(L, 1);
    lua_rawset(L, 1);
    lua_pushboolean(L, 1);
    return 1;
}

/// all() -> a table with every key; changing it changes nothing.
static int state_all(lua_State *L) {
    nj_state *S = nj_of(L);
    lua_settop(L, 0);
    lua_createtable(L, 0, 0);
    lua_rawgeti(L, LUA_REGISTRYINDEX, S->state_ref);
    lua_pushnil(L);
    while (lua_next(L, 2)) {
        nj_check(L, S);
        lua_pushvalue(L, -2);
        lua_insert(L, -2);
        lua_rawset(L, 1);
    }
    lua_settop(L, 1);
    return 1;
}

void nj_state_table_open(lua_State *L, nj_state *S) {
    static const luaL_Reg functions[] = {{"get", state_get}, {"set", state_set}, {"all", state_all}, {NULL, NULL}};
    lua_createtable(L, 0, 0);
    S->state_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    luaL_newlib(L, functions);
}

const nj_buf *nj_table_encode(nj_state *S) {
    nj_error error;
    nj_buf_clear(&S->codec);
    lua_rawgeti(S->L, LUA_REGISTRYINDEX, S->state_ref);
    int status = nj_plain_encode(S->L, -1, &S->codec, &S->options.plain, &error);
    lua_pop(S->L, 1);
    if (status == NJ_OK) return &S->codec;
    nj_failure_codec(S, &error, 0);
    return NULL;
}

static int decode_body(lua_State *L) {
    nj_state *S = nj_of(L);
    if (nj_push_values(L, S, &S->in) != 1 || lua_type(L, -1) != LUA_TTABLE) return luaL_error(L, "a table expected");
    lua_rawseti(L, LUA_REGISTRYINDEX, S->state_ref);
    return 0;
}

int nj_table_decode(nj_state *S) { return nj_protect(S, decode_body, NULL); }
