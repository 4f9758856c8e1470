/// Metamethods that must not exist.
///
/// `__concat` crashes Lua 5.4.4 when its handler makes the stack grow, `__mode` leads to memory used after it was freed, and
/// finalizers (`__gc`) run with hooks off, out of reach of the time limit. `setmetatable` refuses them, but a field put into
/// a metatable afterwards passes no function of ours: Lua itself must not find it.
///
/// Lua keeps the names of its metamethods as interned strings and compares them by address. Once the bytes of such a string
/// are changed where they are, it is still the name Lua looks for, while a script's "__concat" is interned anew, as another
/// string: what a script stores under it is a field like any other. Lua finds interned strings by the hash they were made
/// with, so nothing else notices. The new bytes are random, so that no script can spell them.
#include <lauxlib.h>
#include <string.h>

#include "codec/nj_random.h"
#include "nj_libraries.h"

static int forget(lua_State *L, const char *name, size_t len) {
    unsigned char secret[8];
    lua_pushlstring(L, name, len);
    // The string is in memory of our allocator; `const` only says that Lua's users have no business there.
    char *bytes = (char *)lua_tolstring(L, -1, NULL);
    lua_pop(L, 1);
    do {
        if (nj_os_random(secret, len) != 0) return -1;
    } while (memcmp(secret, name, len) == 0);
    memcpy(bytes, secret, len);
    return 0;
}

/// Lua's own buffers keep their finalizer, which gives the memory back when a limit struck in the middle: its metatable
/// is made by the first large buffer.
static void make_buffer_metatable(lua_State *L) {
    luaL_Buffer b;
    luaL_buffinitsize(L, &b, 2 * LUAL_BUFFERSIZE);
    luaL_pushresultsize(&b, 0);
    lua_pop(L, 1);
}

int nj_forget_metamethods(lua_State *L) {
    make_buffer_metatable(L);
    return forget(L, "__gc", 4) | forget(L, "__mode", 6) | forget(L, "__concat", 8);
}
