/// Private to the shim: the record of one state, and what its files share.
#ifndef NJ_INTERNAL_H
#define NJ_INTERNAL_H

#include <lua.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "../sandbox/nj_pool.h"
#include "codec/nj_plain.h"
#include "nj_place.h"
#include "runtime/nj_runtime.h"

/// New strings and userdata above this size are refused over the memory limit; smaller things never are, because Lua
/// 5.4.4 does not survive a refusal in the middle of a table operation.
enum { NJ_REFUSED_ABOVE = 4096 };

/// A fresh block of this size that is no string and no userdata is a C function's string buffer: no table or stack grows
/// from nothing to it. Refused over the limit, or one call could take all of the host's memory.
enum { NJ_BUFFER_MAX = 32 << 20 };

/// Nesting of coroutine.close through `__close`: Lua 5.4.4 overflows the C stack at some hundred levels on small stacks.
enum { NJ_CLOSE_DEPTH_MAX = 64 };

/// Modules that may be in the middle of loading each other.
enum { NJ_REQUIRE_DEPTH_MAX = 64, NJ_MODULE_NAME_MAX = 200 };

/// Text a script may give to `load`: the parser runs in C, out of reach of the time limit, and needs quadratic time for
/// labels; this much takes some milliseconds at worst.
enum { NJ_LOAD_TEXT_MAX = 64 << 10 };

/// Source of one file the host loads.
enum { NJ_SOURCE_MAX = 4 << 20 };

/// Strings that one call of a string or table function may read or write in all: they run in C, out of reach of the limits.
enum { NJ_CALL_BYTES_MAX = 16 << 20 };

/// Calls named in a traceback; enough for people, and its cost stays bounded under deep recursion.
enum { NJ_TRACE_LEVELS = 24 };

/// Why a slice was ended.
enum nj_limit { NJ_LIMIT_NONE = 0, NJ_LIMIT_TIME, NJ_LIMIT_MEMORY };

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
    lua_State *L;  ///< the main thread: never resumed, used for protected calls of the host
    nj_options options;

    // The running slice. Read by the signal handler on the owner's thread, hence volatile.
    lua_State *volatile running;  ///< the coroutine in which Lua runs
    volatile sig_atomic_t time_over;
    volatile sig_atomic_t memory_over;
    lua_State *root;     ///< the host's coroutine of the slice
    nj_state *outer;     ///< state whose host function entered this one on the same thread
    int active;          ///< a slice runs
    int waiting;         ///< a host function asked to wait
    int may_wait;        ///< the slice may wait
    int blocked;         ///< resumes that cannot pass a wait on, because C is in between
    int raised;          ///< one of `nj_limit`: what was raised in this slice
    int root_failed;     ///< the root's function raised; the failure is filled in
    int coroutine_failed;  ///< the script's coroutine that just ended raised
    int close_depth;
    int raise_wait;      ///< the resumed wait ends with an error
    int32_t start_ref;

    // Read by the watchdog.
    _Atomic uint64_t slice;     ///< odd while a slice runs
    _Atomic uint64_t overrun;   ///< the slice found to be late
    _Atomic int64_t deadline;   ///< of the running slice, nanoseconds
    // The watchdog's own, and the owner's identity; under the watchdog's lock.
    nj_state *watch_next;
    uint64_t seen_slice;
    int64_t seen_wall;
    int64_t seen_cpu;
    int64_t signaled;  ///< when the late slice was last told
    clockid_t owner_clock;
    int owner_id;

    pthread_t owner;
    size_t used;
    size_t peak;
    size_t stepped;     ///< use of memory at the last step of the collector between slices
    int64_t collected;  ///< when a full state was last collected
    nj_pool pool;  ///< small blocks

    // Where a limit struck first.
    nj_failure failure;
    int fault_line;
    char fault_chunk[256];
    int traced;                 ///< `failure` has the position and the trace of `trace_value`
    const void *trace_value;    ///< error value the trace is about
    const lua_State *trace_thread;
    const void *hint_value;     ///< error value that `hint_kind` and `hint_code` are about
    int hint_kind;
    const char *hint_code;

    nj_values in;   ///< host to Lua: arguments
    nj_values out;  ///< host to Lua: results of a host function
    nj_buf codec;
    nj_buf source;
    nj_buf chunk;

    nj_task *tasks;
    uint32_t task_count;   ///< slots made so far
    uint32_t task_space;
    uint32_t idle_head, idle_count, empty_head;

    int loading;
    int sealed;
    int require_depth;
    char require_chain[NJ_REQUIRE_DEPTH_MAX][NJ_MODULE_NAME_MAX + 1];

    nj_offences *offences;  ///< of the last value carried; made at first use
    nj_place_files place_files;

    int threads_ref, modules_ref, api_ref, state_ref, places_ref, error_ref;
    int key_code_ref, key_message_ref;
    nj_type_slot types[NJ_OBJECT_TYPES_MAX];
};

/// The low bit of a thread's extra space: this script's coroutine is inside a host wait and must not be resumed by scripts.
#define NJ_THREAD_WAITING ((uintptr_t)1)

static inline uintptr_t *nj_extra(lua_State *L) { return (uintptr_t *)lua_getextraspace(L); }

static inline nj_state *nj_of(lua_State *L) { return (nj_state *)(*nj_extra(L) & ~NJ_THREAD_WAITING); }

// nj_limits.c
/// Lua's allocator; `ud` is the state.
void *nj_allocate(void *ud, void *block, size_t old_size, size_t new_size);
/// Makes the running coroutine stop at its next instruction. Async-signal-safe on the owner's thread.
void nj_arm(lua_State *L);
/// Which limit the slice is over, after a collection if it is memory.
int nj_limit_hit(lua_State *L, nj_state *S);
_Noreturn void nj_raise_limit(lua_State *L, nj_state *S, int limit);
/// Raises if the slice is over a limit. In loops of C functions.
void nj_check_slow(lua_State *L, nj_state *S);
static inline void nj_check(lua_State *L, nj_state *S) {
    if (S->time_over || S->memory_over) nj_check_slow(L, S);
}
/// Ends what is left of the limits after a slice.
void nj_disarm(nj_state *S, lua_State *L);

// nj_watchdog.c
/// 0, or -1 when there is no thread for the watchdog.
int nj_watch_add(nj_state *S);
void nj_watch_remove(nj_state *S);
void nj_watch_adopt(nj_state *S);
void nj_slice_begin(nj_state *S, lua_State *L, int64_t nanoseconds);
void nj_slice_end(nj_state *S);

// nj_failure.c
/// Message handler: notes where the error was raised; returns its value untouched. Never raises.
int nj_on_error(lua_State *L);
/// Fills the failure from the error value on top of L. Never raises.
void nj_failure_take(nj_state *S, lua_State *L, int status);
void nj_failure_set(nj_state *S, int kind, const char *code, const char *message);
void nj_failure_clear(nj_state *S);
void nj_failure_limit(nj_state *S, int limit);
void nj_failure_codec(nj_state *S, const nj_error *error, int json);
/// Notes the calls of L as the trace of the error value at `index` (0: of none).
void nj_trace(nj_state *S, lua_State *L, int index);
/// First script line of L's calls from `level` on. 0 when there is none.
int nj_position(lua_State *L, int level, lua_Debug *ar);
const char *nj_chunk_name(const char *source);
/// Marks the error value on top of the stack.
void nj_hint(nj_state *S, lua_State *L, int kind, const char *code);

// nj_values.c
/// Pushes all values; returns their number. Raises.
int nj_push_values(lua_State *L, nj_state *S, const nj_values *values);

// nj_object.c
void nj_push_object(lua_State *L, nj_state *S, int type, int64_t handle);
void nj_types_open(lua_State *L, nj_state *S);
const nj_object *nj_object_at(lua_State *L, nj_state *S, int index, int type);

// nj_host.c
/// Pushes the closure of a host function.
void nj_push_function(lua_State *L, nj_state *S, int selector);
/// Builds the API table with all host functions, on top of the stack.
void nj_api_open(lua_State *L, nj_state *S);
/// Answers a read of a property, see `nj_object.c`.
int nj_host_property(lua_State *L, nj_state *S, const nj_function *f);

// The sandbox's libraries: each changes or makes the table on top of the stack.
void nj_sandbox_open(lua_State *L, nj_state *S);
/// Replaces all functions of the library on top of the stack by ones that raise with this advice.
void nj_make_unavailable(lua_State *L, const char *library, const char *advice);
void nj_coroutine_open(lua_State *L);
void nj_table_open(lua_State *L);
void nj_string_caps_open(lua_State *L);
/// Replaces next, rawget, rawset and rawlen in the table on top of the stack.
void nj_raw_functions_open(lua_State *L);
int nj_pcall(lua_State *L);
int nj_xpcall(lua_State *L);
int nj_load_text(lua_State *L);
int nj_require(lua_State *L);
void nj_state_table_open(lua_State *L, nj_state *S);

// nj_carry.c
/// Carries the value on top of the stack and pops it. NULL with the failure set.
const nj_buf *nj_carry(nj_state *S, lua_State *L, const nj_plain_carry_options *options);

// nj_call.c
/// Runs `body` on the main thread below a protected call. 0, or -1 with the failure set.
int nj_protect(nj_state *S, lua_CFunction body, void *argument);

#endif
