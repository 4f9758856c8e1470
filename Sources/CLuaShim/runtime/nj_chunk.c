/// Compiling files, and not compiling them again.
#include <lauxlib.h>
#include <string.h>

#include "nj_internal.h"

static int write_piece(lua_State *L, const void *piece, size_t len, void *to) {
    (void)L;
    return nj_buf_append(to, piece, len);
}

/// Gives what was compiled to the host. Never raises: dumping allocates nothing in Lua.
static void keep(lua_State *L, nj_state *S, const char *text, size_t len, const char *name) {
    nj_buf_clear(&S->code);
    if (lua_dump(L, write_piece, &S->code, 0) != 0) return;
    S->options.keep_code(S->options.host, name, text, len, S->code.data, S->code.len);
}

int nj_chunk_load(lua_State *L, nj_state *S, const char *text, size_t len, const char *name) {
    int is_known = S->loading && S->options.find_code != NULL;
    if (is_known) {
        nj_buf_clear(&S->code);
        // The one place where binary code is loaded. It is Lua's own, of this process: what a script gives to `load`, or has
        // in a file, never comes here.
        if (S->options.find_code(S->options.host, name, text, len, &S->code))
            return luaL_loadbufferx(L, S->code.data, S->code.len, name, "b");
    }
    int status = luaL_loadbufferx(L, text, len, name, "t");
    if (status == LUA_OK && is_known) keep(L, S, text, len, name);
    return status;
}
