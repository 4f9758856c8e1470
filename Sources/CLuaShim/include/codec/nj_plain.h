/// Plain data as bytes: what survives a reload or crosses from one state to another.
///
/// nil, booleans, integers, floats, strings (any bytes), JSON null, raw JSON, and tables of these under any such key
/// except nil and NaN; array marks are kept. A table reachable in two ways, a cycle, or a table with a metatable is
/// refused with its path: it would silently come back as something else.
#ifndef NJ_PLAIN_H
#define NJ_PLAIN_H

#include <lua.h>

#include "nj_buf.h"
#include "nj_error.h"

typedef nj_limits nj_plain_limits;
typedef nj_error nj_plain_error;

/// Defaults; 16 MiB: a whole package's state may be large, a runaway one must not fill the host.
enum { NJ_PLAIN_DEPTH = 64, NJ_PLAIN_BYTES = 16 << 20 };

/// Appends the value at `idx`. Never raises. 0, or an error code with `error` naming the offending value's path (from
/// `root` on, which may be NULL); then `out` is as long as before. `limits` may be NULL; its `bytes` bound what this call
/// appends.
int nj_plain_encode(
    lua_State *L, int idx, nj_buf *out, const nj_plain_limits *limits, const char *root, nj_plain_error *error);

/// Offences told of one value at most: enough to see what is wrong, and their texts stay small.
enum { NJ_OFFENCES_MAX = 32, NJ_OFFENCE_PATH_MAX = 160, NJ_OFFENCE_REASON_MAX = 48, NJ_OFFENCE_PLACE_MAX = 160 };

/// A value that was left out.
typedef struct nj_offence {
    int code;                            ///< one of `nj_error_code`
    int type;                            ///< NJ_ETYPE: the value's type (LUA_T...); a table: it has a metatable
    char path[NJ_OFFENCE_PATH_MAX];      ///< "state.players[3].on_hit"
    char reason[NJ_OFFENCE_REASON_MAX];  ///< "is a function"
    char place[NJ_OFFENCE_PLACE_MAX];    ///< "lobby.lua:12", where it was stored; empty when unknown
} nj_offence;

typedef struct nj_offences {
    int count;  ///< stored in `item`
    int total;  ///< values left out
    nj_offence item[NJ_OFFENCES_MAX];
} nj_offences;

typedef struct nj_plain_carry_options {
    const nj_plain_limits *limits;  ///< may be NULL
    const char *root;               ///< what paths begin with: "state"
    /// Fills `place` for the top-level entry whose key is at stack index `key` (0: for the value itself). May be NULL. Must
    /// not raise.
    void (*locate)(void *context, lua_State *L, int key, char *place, size_t room);
    void *context;
} nj_plain_carry_options;

/// Appends the value at `idx` without what is not plain data: functions, userdata, coroutines, tables with a metatable,
/// tables met a second time, what is nested too deep, and top-level entries that do not fit as a whole. Never raises. 0, or
/// NJ_EMEMORY or NJ_ESTOPPED; then, and when the value itself is an offence, `out` is as long as before.
int nj_plain_carry(lua_State *L, int idx, nj_buf *out, const nj_plain_carry_options *options, nj_offences *offences);

/// Decodes and pushes one value. Protected contexts only: raises nothing but Lua's memory error. The bytes may be
/// hostile. 0, or an error code with `error` filled and the stack as it was. Of `limits`, which may be NULL, only `stop`
/// counts: how much it is is known by the bytes.
int nj_plain_push(lua_State *L, const char *bytes, size_t len, const nj_plain_limits *limits, nj_plain_error *error);

#endif
