/// require: modules of the package, found by the host, while the state loads.
#include <lauxlib.h>
#include <string.h>

#include "nj_internal.h"

/// Its address stands for a module that is being loaded.
static char loading_mark;

static int raise_cycle(lua_State *L, nj_state *S, const char *name) {
    luaL_Buffer b;
    luaL_where(L, 1);
    luaL_buffinit(L, &b);
    luaL_addstring(&b, "modules require each other: ");
    int first = 0;
    while (first < S->require_depth && strcmp(S->require_chain[first], name) != 0) first++;
    for (int i = first; i < S->require_depth; i++) {
        luaL_addstring(&b, S->require_chain[i]);
        luaL_addstring(&b, " -> ");
    }
    luaL_addstring(&b, name);
    luaL_pushresult(&b);
    lua_concat(L, 2);
    return lua_error(L);
}

/// Asks the host for the source. Its texts are in the state's buffers when it has answered, so raising is safe.
static void resolve(lua_State *L, nj_state *S, const char *name, size_t len) {
    nj_buf_clear(&S->source);
    nj_buf_clear(&S->chunk);
    if (S->options.resolve(S->options.host, name, len, &S->source, &S->chunk) == 0) return;
    luaL_where(L, 1);
    lua_pushfstring(L, "module '%s' not found: ", name);
    lua_pushlstring(L, S->chunk.data != NULL ? S->chunk.data : "", S->chunk.len);
    lua_concat(L, 3);
    nj_hint(S, L, NJ_FAILURE_NOT_FOUND, "module_not_found");
    lua_error(L);
}

static void compile(lua_State *L, nj_state *S) {
    lua_pushliteral(L, "@");
    lua_pushlstring(L, S->chunk.data != NULL ? S->chunk.data : "", S->chunk.len);
    lua_concat(L, 2);
    if (S->source.len > NJ_SOURCE_MAX) luaL_error(L, "%s: the file is too long", lua_tostring(L, -1) + 1);
    const char *text = S->source.data != NULL ? S->source.data : "";
    if (nj_chunk_load(L, S, text, S->source.len, lua_tostring(L, -1)) != LUA_OK) {
        nj_hint(S, L, NJ_FAILURE_SYNTAX, "syntax");
        lua_error(L);
    }
    lua_remove(L, -2);
}

/// Stack: 1 name, 2 modules. Leaves the module's value on top.
static void load_module(lua_State *L, nj_state *S, const char *name, size_t len) {
    if (S->require_depth == NJ_REQUIRE_DEPTH_MAX) luaL_error(L, "modules are required too deeply");
    resolve(L, S, name, len);
    lua_pushcfunction(L, nj_on_error);
    compile(L, S);
    memcpy(S->require_chain[S->require_depth++], name, len + 1);
    lua_pushvalue(L, 1);
    lua_pushlightuserdata(L, &loading_mark);
    lua_rawset(L, 2);
    lua_pushvalue(L, 1);
    int status = lua_pcall(L, 1, 1, -3);
    S->require_depth--;
    if (status != LUA_OK || lua_isnil(L, -1)) {
        lua_pushvalue(L, 1);
        if (status == LUA_OK) lua_pushboolean(L, 1);
        else lua_pushnil(L);
        lua_rawset(L, 2);
        if (status != LUA_OK) lua_error(L);
        lua_pushboolean(L, 1);
        return;
    }
    lua_pushvalue(L, 1);
    lua_pushvalue(L, -2);
    lua_rawset(L, 2);
}

/// "nightjar.http" is the field `http` of the API table. 1 and pushed, or 0.
static int push_api_module(lua_State *L, nj_state *S, const char *name) {
    static const char prefix[] = "nightjar.";
    if (strncmp(name, prefix, sizeof prefix - 1) != 0) return 0;
    lua_rawgeti(L, LUA_REGISTRYINDEX, S->api_ref);
    lua_pushstring(L, name + sizeof prefix - 1);
    lua_rawget(L, -2);
    return lua_type(L, -1) == LUA_TTABLE;
}

int nj_require(lua_State *L) {
    nj_state *S = nj_of(L);
    size_t len;
    const char *name = luaL_checklstring(L, 1, &len);
    luaL_argcheck(L, len > 0 && len <= NJ_MODULE_NAME_MAX && strlen(name) == len, 1, "no module name");
    lua_settop(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, S->modules_ref);
    lua_pushvalue(L, 1);
    int type = lua_rawget(L, 2);
    if (type == LUA_TLIGHTUSERDATA && lua_touserdata(L, -1) == &loading_mark) return raise_cycle(L, S, name);
    if (type != LUA_TNIL) return 1;
    if (push_api_module(L, S, name)) return 1;
    if (!S->loading)
        return luaL_error(L, "module '%s' is not loaded; require it at the top of a file, while the package loads", name);
    load_module(L, S, name, len);
    return 1;
}
