/// Private to the shim: the libraries scripts see. Each function changes or makes the table on top of the stack.
#ifndef NJ_LIBRARIES_H
#define NJ_LIBRARIES_H

#include <lua.h>

/// Takes `__gc`, `__mode` and `__concat` away from a fresh state for good, see there. 0, or -1 when the operating system gave
/// no random bytes.
int nj_forget_metamethods(lua_State *L);

/// Pushes the globals, ready but for what is not the sandbox's (`require`, `print`).
void nj_sandbox_open(lua_State *L);
/// From now on reading and writing of an undeclared global raises. The globals are on top of the stack.
void nj_sandbox_guard(lua_State *L);

void nj_coroutine_open(lua_State *L);
void nj_table_open(lua_State *L);
void nj_string_caps_open(lua_State *L);
void nj_utf8_caps_open(lua_State *L);
void nj_math_caps_open(lua_State *L);
void nj_os_caps_open(lua_State *L);
/// Replaces next, rawget, rawset and rawlen.
void nj_raw_functions_open(lua_State *L);

int nj_pcall(lua_State *L);
int nj_xpcall(lua_State *L);
int nj_load_text(lua_State *L);

#endif
