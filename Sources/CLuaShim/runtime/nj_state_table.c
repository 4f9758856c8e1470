/// nightjar.state: the values of a package that survive a reload.
///
/// What is stored must be plain data; `set` says so at once. A table that is changed afterwards can still come to hold
/// something else: then the reload carries the rest, and names the line where the table was stored or first fetched.
#include <lauxlib.h>
#include <stdlib.h>
#include <string.h>

#include "../codec/nj_path.h"
#include "codec/nj_plain.h"
#include "nj_internal.h"

/// A table that is stored again where it is already was looked at then; of this many bytes of its data it is looked at
/// again, so that storing it after every change stays cheap.
enum { STORED_AGAIN_BYTES = 4096 };

static void check_key(lua_State *L) {
    int type = lua_type(L, 1);
    if (type != LUA_TSTRING && type != LUA_TNUMBER && type != LUA_TBOOLEAN)
        luaL_typeerror(L, 1, "string, number or boolean");
    lua_Number n = lua_tonumber(L, 1);
    luaL_argcheck(L, type != LUA_TNUMBER || n == n, 1, "not a number");
}

/// Sets the place of the key at index 1; 0 forgets it.
static void set_place(lua_State *L, nj_state *S, lua_Integer place) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, S->places_ref);
    lua_pushvalue(L, 1);
    if (place != 0) lua_pushinteger(L, place);
    else lua_pushnil(L);
    lua_rawset(L, -3);
    lua_pop(L, 1);
}

static int has_place(lua_State *L, nj_state *S) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, S->places_ref);
    lua_pushvalue(L, 1);
    int type = lua_rawget(L, -2);
    lua_pop(L, 2);
    return type != LUA_TNIL;
}

/// get(key [, default])
static int state_get(lua_State *L) {
    nj_state *S = nj_of(L);
    check_key(L);
    lua_settop(L, 2);
    lua_rawgeti(L, LUA_REGISTRYINDEX, S->state_ref);
    lua_pushvalue(L, 1);
    int type = lua_rawget(L, -2);
    // Who fetches a table may change it.
    if (type == LUA_TTABLE && !has_place(L, S)) set_place(L, S, nj_place_here(&S->place_files, L));
    if (type == LUA_TNIL) lua_pushvalue(L, 2);
    return 1;
}

/// Refuses what would not survive. Stack: 1 key, 2 value.
static void check_value(lua_State *L, nj_state *S) {
    nj_error error;
    nj_limits limits = S->options.plain;
    char path[NJ_OFFENCE_PATH_MAX];
    int type = lua_type(L, 2);
    if (type == LUA_TNIL || type == LUA_TBOOLEAN || type == LUA_TNUMBER) return;
    lua_rawgeti(L, LUA_REGISTRYINDEX, S->state_ref);
    lua_pushvalue(L, 1);
    lua_rawget(L, -2);
    if (type == LUA_TTABLE && lua_rawequal(L, 2, -1)) limits.bytes = STORED_AGAIN_BYTES;
    lua_pop(L, 2);
    nj_path_step step = nj_path_key(L, 1);
    nj_path_text(path, sizeof path, "state", &step, 1);
    nj_buf_clear(&S->codec);
    int code = nj_plain_encode(L, 2, &S->codec, &limits, path, &error);
    nj_buf_clear(&S->codec);
    if (code == NJ_OK || (code == NJ_ESIZE && limits.bytes == STORED_AGAIN_BYTES)) return;
    nj_check(L, &S->box);
    luaL_where(L, 1);
    lua_pushfstring(L, "%s; what is kept in nightjar.state must be plain data", error.detail);
    lua_concat(L, 2);
    nj_hint(S, L, NJ_FAILURE_ARGUMENT, "invalid_plain");
    lua_error(L);
}

/// What a package that runs on every worker is told.
#define STATELESS                                                                                                     \
    "a package with M.workers = \"all\" has no nightjar.state: it runs in a Lua state on each worker, and a reload "  \
    "would lose them all; tell everybody through a room, keep what must stay with nightjar.store"

/// set(key, value) -> true, or nil, "stale_generation"
static int state_set(lua_State *L) {
    nj_state *S = nj_of(L);
    if (S->stateless) return luaL_error(L, STATELESS);
    check_key(L);
    luaL_checkany(L, 2);
    if (S->sealed) {
        lua_pushnil(L);
        lua_pushliteral(L, "stale_generation");
        return 2;
    }
    lua_settop(L, 2);
    check_value(L, S);
    if (S->state_place == 0) S->state_place = nj_place_here(&S->place_files, L);
    // Only tables can come to hold something else.
    if (lua_type(L, 2) == LUA_TTABLE) set_place(L, S, nj_place_here(&S->place_files, L));
    else if (lua_isnil(L, 2)) set_place(L, S, 0);
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
        nj_check(L, &S->box);
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
    lua_createtable(L, 0, 0);
    S->places_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    luaL_newlib(L, functions);
}

const nj_buf *nj_table_encode(nj_state *S) {
    nj_error error;
    nj_buf_clear(&S->codec);
    lua_rawgeti(S->box.L, LUA_REGISTRYINDEX, S->state_ref);
    int status = nj_plain_encode(S->box.L, -1, &S->codec, &S->options.plain, "state", &error);
    lua_pop(S->box.L, 1);
    if (status == NJ_OK) return &S->codec;
    nj_failure_codec(S, &error, 0);
    return NULL;
}

/// The place noted for a key of the state. Reading an existing field raises nothing.
static void locate(void *context, lua_State *L, int key, char *place, size_t room) {
    nj_state *S = context;
    if (key == 0 || !lua_checkstack(L, 3)) return;
    lua_rawgeti(L, LUA_REGISTRYINDEX, S->places_ref);
    lua_pushvalue(L, key);
    if (lua_rawget(L, -2) == LUA_TNUMBER) nj_place_text(&S->place_files, lua_tointegerx(L, -1, NULL), place, room);
    lua_pop(L, 2);
}

const nj_buf *nj_table_carry(nj_state *S) {
    nj_plain_carry_options options = {&S->options.plain, "state", locate, S};
    lua_rawgeti(S->box.L, LUA_REGISTRYINDEX, S->state_ref);
    return nj_carry(S, S->box.L, &options);
}

static int decode_body(lua_State *L) {
    nj_state *S = nj_of(L);
    if (nj_push_values(L, S, &S->in) != 1 || lua_type(L, -1) != LUA_TTABLE) return luaL_error(L, "a table expected");
    lua_createtable(L, 0, 0);
    lua_rawseti(L, LUA_REGISTRYINDEX, S->places_ref);
    lua_rawseti(L, LUA_REGISTRYINDEX, S->state_ref);
    return 0;
}

int nj_table_decode(nj_state *S) { return nj_protect(S, decode_body, NULL); }

int nj_table_refuse(nj_state *S) {
    lua_State *L = S->box.L;
    S->stateless = 1;
    lua_rawgeti(L, LUA_REGISTRYINDEX, S->state_ref);
    lua_pushnil(L);
    int kept = lua_next(L, -2);
    lua_pop(L, kept ? 3 : 1);
    if (!kept) return 0;
    char place[NJ_PLACE_NAME_MAX + 16];
    nj_place_text(&S->place_files, S->state_place, place, sizeof place);
    nj_failure_set(S, NJ_FAILURE_RUNTIME, "no_state", STATELESS);
    char *colon = strrchr(place, ':');
    if (colon == NULL) return -1;
    nj_buf_append(&S->failure.chunk, place, (size_t)(colon - place));
    S->failure.line = (int)(S->state_place & INT32_MAX);
    return -1;
}
