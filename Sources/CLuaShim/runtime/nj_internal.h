/// Private to the shim: the record of one state, and what its files share.
#ifndef NJ_INTERNAL_H
#define NJ_INTERNAL_H

#include <lua.h>
#include <stddef.h>
#include <stdint.h>

#include "../sandbox/nj_box.h"
#include "codec/nj_plain.h"
#include "nj_place.h"
#include "runtime/nj_runtime.h"

/// Modules that may be in the middle of loading each other.
enum { NJ_REQUIRE_DEPTH_MAX = 64, NJ_MODULE_NAME_MAX = 200 };

/// Source of one file the host loads.
enum { NJ_SOURCE_MAX = 4 << 20 };

enum nj_task_state { NJ_TASK_EMPTY = 0, NJ_TASK_IDLE, NJ_TASK_RUNNING, NJ_TASK_WAITING };

/// A coroutine of the host's, with its place in the registry's table of threads.
typedef struct nj_task {
    lua_State *L;
    uint32_t generation;
    uint32_t state;
    uint32_t next;  ///< next idle or empty slot, NJ_NO_SLOT at the end
} nj_task;

#define NJ_NO_SLOT UINT32_MAX

/// Registry references and identity of one type of host objects.
typedef struct nj_type_slot {
    const void *metatable;
    int metatable_ref;
    int cache_ref;  ///< handle -> object; only types with data
} nj_type_slot;

/// What a host object is on Lua's side.
typedef struct nj_object {
    int64_t handle;
    lua_Integer place;  ///< the script's line that set `data`, or fetched it first (`nj_place.h`)
    int32_t type;
} nj_object;

struct nj_state {
    nj_box box;  ///< first: a coroutine's extra space points to both
    nj_options options;

    // The running slice.
    int may_wait;     ///< the slice may wait
    int root_failed;  ///< the root's function raised; the failure is filled in
    int raise_wait;   ///< the resumed wait ends with an error
    int32_t start_ref;

    size_t stepped;     ///< use of memory at the last step of the collector between slices
    int64_t collected;  ///< when a full state was last collected

    nj_failure failure;
    const void *hint_value;  ///< error value that `hint_kind` and `hint_code` are about
    int hint_kind;
    const char *hint_code;

    nj_values in;   ///< host to Lua: arguments
    nj_values out;  ///< host to Lua: results of a host function
    nj_buf codec;
    size_t encoded;  ///< bytes that the running host function has had encoded
    char caller[NJ_CHUNK_NAME_MAX + 1];
    nj_buf source;
    nj_buf code;  ///< the file that is being loaded, compiled
    nj_buf chunk;

    nj_task *tasks;
    uint32_t task_count;   ///< slots made so far
    uint32_t task_space;
    uint32_t idle_head, idle_count, empty_head;

    int loading;
    int sealed;
    int stateless;            ///< `nightjar.state` takes nothing
    lua_Integer state_place;  ///< the script's line that first kept something in it
    int require_depth;
    char require_chain[NJ_REQUIRE_DEPTH_MAX][NJ_MODULE_NAME_MAX + 1];

    nj_offences *offences;  ///< of the last value carried; made at first use
    nj_place_files place_files;

    int threads_ref, modules_ref, api_ref, state_ref, places_ref, error_ref;
    int key_code_ref, key_message_ref, key_place_ref;
    nj_type_slot types[NJ_OBJECT_TYPES_MAX];
};

static inline nj_state *nj_of(lua_State *L) { return (nj_state *)nj_box_of(L); }

// nj_failure.c
/// Fills the failure from the error value on top of L. Never raises.
void nj_failure_take(nj_state *S, lua_State *L, int status);
void nj_failure_set(nj_state *S, int kind, const char *code, const char *message);
void nj_failure_clear(nj_state *S);
void nj_failure_limit(nj_state *S, int limit);
void nj_failure_codec(nj_state *S, const nj_error *error, int json);
/// Marks the error value on top of the stack.
void nj_hint(nj_state *S, lua_State *L, int kind, const char *code);

// nj_values.c
/// Pushes all values; returns their number. Raises.
int nj_push_values(lua_State *L, nj_state *S, const nj_values *values);

// nj_object.c
void nj_push_object(lua_State *L, nj_state *S, int type, int64_t handle);
void nj_types_open(lua_State *L, nj_state *S);
const nj_object *nj_object_at(lua_State *L, nj_state *S, int index, int type);

// nj_host_function.c
/// Pushes the closure of a host function.
void nj_push_function(lua_State *L, nj_state *S, int selector);
/// Builds the API table with all host functions, on top of the stack.
void nj_api_open(lua_State *L, nj_state *S);
/// Answers a read of a property, see `nj_object.c`.
int nj_host_property(lua_State *L, nj_state *S, const nj_function *f);

// nj_environment.c
/// Makes the globals: the sandbox's, `require` and `print`.
void nj_environment_open(lua_State *L, nj_state *S);

// nj_pure.c
/// Replaces all functions of the library on top of the stack by ones that raise with this advice.
void nj_make_unavailable(lua_State *L, const char *library, const char *advice);
/// Replaces what differs from one run to the next. The globals are on top of the stack.
void nj_make_pure(lua_State *L);

// nj_chunk.c
/// Pushes a file as a function, like `luaL_loadbufferx` with mode "t". While the state loads, what the host has kept of the
/// same text is not compiled again.
int nj_chunk_load(lua_State *L, nj_state *S, const char *text, size_t len, const char *name);

// nj_require.c, nj_state_table.c
int nj_require(lua_State *L);
void nj_state_table_open(lua_State *L, nj_state *S);

// nj_carry.c
/// Carries the value on top of the stack and pops it. NULL with the failure set.
const nj_buf *nj_carry(nj_state *S, lua_State *L, const nj_plain_carry_options *options);

// nj_call.c
/// Runs `body` on the main thread below a protected call. 0, or -1 with the failure set.
int nj_protect(nj_state *S, lua_CFunction body, void *argument);

#endif
