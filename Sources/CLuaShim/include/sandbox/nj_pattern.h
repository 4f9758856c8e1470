/// string.find, match, gmatch, gsub and rep with bounded work.
///
/// Same results as the functions of Lua 5.4, but a call ends with the error "pattern too complex" when its steps are used
/// up: Lua's own matcher runs inside C where no time limit reaches it.
#ifndef NJ_PATTERN_H
#define NJ_PATTERN_H

#include <lua.h>

/// Steps of one call (for gmatch: of one iteration): some milliseconds. A step is a pattern item tried, or
/// NJ_PATTERN_BYTES_PER_STEP bytes compared by one repeated item.
enum { NJ_PATTERN_STEPS = 1000000, NJ_PATTERN_BYTES_PER_STEP = 8 };

/// Largest string that gsub or rep may build, in bytes: one call must not take all of a state's memory.
enum { NJ_STRING_RESULT_MAX = 8 << 20 };

/// Replaces find, match, gmatch, gsub and rep in the string library table on top of the stack (which stays there).
/// May raise Lua's memory error. Returns 0.
int nj_pattern_open(lua_State *L);

#endif
