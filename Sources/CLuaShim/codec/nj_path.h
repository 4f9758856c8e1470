/// Private to the shim: where in a nested value an encoder stopped.
#ifndef NJ_PATH_H
#define NJ_PATH_H

#include <lua.h>

#include "codec/nj_error.h"

/// One step from a table to its value: a string key, or a number's or another key's text.
typedef struct nj_path_step {
    const char *key;  ///< NULL: not a string key. Owned by Lua; valid while the tables are on the stack
    size_t len;
    double number;
    int is_integer;
    lua_Integer integer;
} nj_path_step;

/// The step for the key at `idx` of the stack. Never raises, never converts.
nj_path_step nj_path_key(lua_State *L, int idx);

/// Writes a path: `root` and its steps; without a root the first key begins it ("players[3].callback"), or "value".
void nj_path_text(char *to, size_t room, const char *root, const nj_path_step *steps, int count);

/// Fills `error`: the path, then `what` ("players[3].callback" + " is a function"). `root` may be NULL. Gives `code`.
int nj_path_report(
    nj_error *error, int code, size_t offset, const char *root, const nj_path_step *steps, int count, const char *what);

#endif
