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

/// Appends the value at `idx`. Never raises. 0, or an error code with `error` naming the offending value's path; then
/// `out` is as long as before. `limits` may be NULL; its `bytes` bound what this call appends.
int nj_plain_encode(lua_State *L, int idx, nj_buf *out, const nj_plain_limits *limits, nj_plain_error *error);

/// Decodes and pushes one value. Protected contexts only: raises nothing but Lua's memory error. The bytes may be
/// hostile. 0, or an error code with `error` filled and the stack as it was.
int nj_plain_push(lua_State *L, const char *bytes, size_t len, nj_plain_error *error);

#endif
