/// Private to the shim: how Lua values stand for the parts of JSON that Lua lacks.
#ifndef NJ_JSON_LUA_H
#define NJ_JSON_LUA_H

#include <lua.h>

/// Pushes the metatable that marks arrays; makes it at first use. May raise Lua's memory error.
void nj_json_push_array_mark(lua_State *L);

/// Identity of the array mark, and of the raw values' metatable; NULL as long as this state has none. Never raises.
const void *nj_json_array_identity(lua_State *L);
const void *nj_json_raw_identity(lua_State *L);

/// Identity of the metatable of the value at `idx`, NULL if it has none. Never raises; needs one free stack slot.
const void *nj_metatable_identity(lua_State *L, int idx);

#endif
