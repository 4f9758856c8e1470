/// Private to the shim: Lua has one hook for each thread, and several want it. Nobody else calls `lua_sethook`.
///
/// The limits come first: they arm the hook from a signal handler and end the slice. What else wants to see the scripts run
/// (a debugger, a profiler) registers here and never notices the others.
#ifndef NJ_HOOK_H
#define NJ_HOOK_H

#include <lua.h>

struct nj_box;

/// Who may use the hook besides the limits.
enum nj_hook_user { NJ_HOOK_DEBUGGER = 0, NJ_HOOK_PROFILER, NJ_HOOK_USERS };

/// Runs at an event of Lua's on the state's thread. May raise, must not yield.
typedef void (*nj_hook_body)(lua_State *L, lua_Debug *ar);

typedef struct nj_hook_slot {
    nj_hook_body body;  ///< NULL: free
    int mask;           ///< LUA_MASK... of its events
    int count;          ///< LUA_MASKCOUNT: every so many instructions
    int left;           ///< instructions until then
} nj_hook_slot;

/// Zero-initialized is empty and valid.
typedef struct nj_hooks {
    nj_hook_slot slot[NJ_HOOK_USERS];
    int mask;   ///< of all users
    int count;  ///< the shortest of their counts
} nj_hooks;

/// Registers a user, or with a NULL body takes it back. Holds at once where a script runs, and for every other coroutine
/// when it goes on. On the state's thread.
void nj_hook_set(struct nj_box *B, enum nj_hook_user user, nj_hook_body body, int mask, int count);

/// L is about to run: gives it the users' hook. Costs nothing as long as there are none.
void nj_hook_enter(struct nj_box *B, lua_State *L);

/// Makes L stop at its next instruction or call, for the limits to be looked at. Async-signal-safe on the owner's thread.
void nj_hook_arm(lua_State *L);

/// Takes the limits' part off again.
void nj_hook_disarm(lua_State *L);

#endif
