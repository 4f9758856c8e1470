/// Private to the shim: tables that scripts can read and not write.
///
/// Such a table is an empty one in front of the table with the content, which no script ever gets hold of. Lua reads through
/// `__index`, `__len` and `__pairs`; whatever reads raw (the encoders, `next`, `rawget`, the host's peeks) asks here.
#ifndef NJ_FROZEN_H
#define NJ_FROZEN_H

#include <lua.h>

/// Replaces the tree of tables on top of the stack by one that is read-only in all its depth. The tree must be as a decoder
/// leaves it: no cycle, no table twice, at most NJ_DEPTH_MAX deep. May raise Lua's memory error.
void nj_freeze(lua_State *L);

/// Pushes the content of the read-only table at `idx`; 0 and nothing pushed if it is something else. Never raises; needs two
/// free stack slots.
int nj_frozen_content(lua_State *L, int idx);

/// next(table [, key]) that sees the content of read-only tables.
int nj_frozen_next(lua_State *L);

/// Raises "settings are read-only", with the script's line and the key at `key`.
int nj_frozen_refuse(lua_State *L, int key);

#endif
