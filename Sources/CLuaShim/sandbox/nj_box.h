/// Private to the shim: the box one Lua state runs in, i.e. its limits and what they know about the running slice.
///
/// The record of a state (`nj_state`, runtime/) begins with its box; the sandbox sees no more of it.
#ifndef NJ_BOX_H
#define NJ_BOX_H

#include <lua.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "codec/nj_buf.h"
#include "nj_hook.h"
#include "nj_pool.h"

/// New strings and userdata above this size are refused over the memory limit; smaller things never are, because Lua
/// 5.4.4 does not survive a refusal in the middle of a table operation.
enum { NJ_REFUSED_ABOVE = 4096 };

/// A fresh block of this size that is no string and no userdata is a C function's string buffer: no table or stack grows
/// from nothing to it. Refused over the limit, or one call could take all of the host's memory.
enum { NJ_BUFFER_MAX = 32 << 20 };

/// Strings that a script makes. Comparing two with `<` runs in C, byte for byte where they hold NULs: this much takes some
/// 40 ms at worst. What the host hands in may be larger (NJ_BUFFER_MAX).
enum { NJ_STRING_MAX = 8 << 20 };

/// The hash part of one table: half a million keys. Growing it moves all of them at once, inside C.
enum { NJ_TABLE_BYTES_MAX = 16 << 20 };

/// Nesting of coroutine.close through `__close`: Lua 5.4.4 overflows the C stack at some hundred levels on small stacks.
enum { NJ_CLOSE_DEPTH_MAX = 64 };

/// Text a script may give to `load`: the parser runs in C, out of reach of the time limit, and needs quadratic time for
/// labels; this much takes some milliseconds at worst.
enum { NJ_LOAD_TEXT_MAX = 64 << 10 };

/// Strings that one call of a string or table function may read or write in all: they run in C, out of reach of the limits.
enum { NJ_CALL_BYTES_MAX = 16 << 20 };

/// Calls named in a traceback and bytes of it; enough for people, and its cost stays bounded under deep recursion.
enum { NJ_TRACE_LEVELS = 24, NJ_TRACE_BYTES_MAX = 8 << 10, NJ_CHUNK_NAME_MAX = 200 };

/// Why a slice was ended.
enum nj_limit { NJ_LIMIT_NONE = 0, NJ_LIMIT_TIME, NJ_LIMIT_MEMORY };

/// Where an error was raised, and the calls that led there.
typedef struct nj_trace {
    int noted;                ///< the rest is about `value`
    const void *value;        ///< the error value, NULL for a limit that struck
    const lua_State *thread;  ///< whose calls were added last
    int line;                 ///< 0 when unknown
    nj_buf chunk;
    nj_buf text;
} nj_trace;

typedef struct nj_box nj_box;
struct nj_box {
    lua_State *L;  ///< the main thread: never resumed, used for protected calls of the host
    size_t memory_bytes;  ///< the limit
    nj_hooks hooks;

    // The running slice. Read by the signal handler on the owner's thread, hence volatile.
    lua_State *volatile running;  ///< the coroutine in which Lua runs
    volatile sig_atomic_t time_over;
    volatile sig_atomic_t memory_over;
    lua_State *root;       ///< the host's coroutine of the slice
    nj_box *outer;         ///< whose host function entered this one on the same thread
    int active;            ///< a slice runs
    int waiting;           ///< a host function asked to wait
    int blocked;           ///< resumes that cannot pass a wait on, because C is in between
    int raised;            ///< one of `nj_limit`: what was raised in this slice
    int coroutine_failed;  ///< the script's coroutine that just ended raised
    int close_depth;
    int host_gives;        ///< what is allocated now comes from the host
    const char *refused;   ///< what was too large to be allocated in this slice; NULL if nothing was

    // Read by the watchdog.
    _Atomic uint64_t slice;     ///< odd while a slice runs
    _Atomic uint64_t overrun;   ///< the slice found to be late
    _Atomic int64_t deadline;   ///< of the running slice, nanoseconds
    // The watchdog's own, and the owner's identity; under the watchdog's lock.
    nj_box *watch_next;
    const _Atomic int *stop;  ///< not 0: whatever runs is late; NULL: nobody stops it
    uint64_t seen_slice;
    int64_t seen_wall;
    int64_t seen_cpu;
    int64_t signaled;  ///< when the late slice was last told
    clockid_t owner_clock;
    int owner_id;

    pthread_t owner;
    size_t used;
    size_t peak;
    nj_pool pool;  ///< small blocks

    // Where a limit struck first.
    int fault_line;
    char fault_chunk[256];
    nj_trace trace;
};

/// The low bit of a thread's extra space: this script's coroutine is inside a host wait and must not be resumed by scripts.
#define NJ_THREAD_WAITING ((uintptr_t)1)

static inline uintptr_t *nj_extra(lua_State *L) { return (uintptr_t *)lua_getextraspace(L); }

static inline nj_box *nj_box_of(lua_State *L) { return (nj_box *)(*nj_extra(L) & ~NJ_THREAD_WAITING); }

// nj_limits.c
/// Lua's allocator; `ud` is the box.
void *nj_allocate(void *ud, void *block, size_t old_size, size_t new_size);
/// Which limit the slice is over, after a collection if it is memory.
int nj_limit_hit(lua_State *L, nj_box *B);
_Noreturn void nj_raise_limit(lua_State *L, nj_box *B, int limit);
/// Raises if the slice is over a limit. In loops of C functions.
void nj_check_slow(lua_State *L, nj_box *B);
static inline void nj_check(lua_State *L, nj_box *B) {
    if (B->time_over || B->memory_over) nj_check_slow(L, B);
}
/// Ends what is left of the limits after a slice.
void nj_disarm(nj_box *B, lua_State *L);

// nj_watchdog.c
/// 0, or -1 when there is no thread for the watchdog.
int nj_watch_add(nj_box *B);
void nj_watch_remove(nj_box *B);
void nj_watch_adopt(nj_box *B);
/// From the time on at which `*stop` is not 0, slices are late whatever they have taken. It must outlive the box.
void nj_watch_obey(nj_box *B, const _Atomic int *stop);
void nj_slice_begin(nj_box *B, lua_State *L, int64_t nanoseconds);
void nj_slice_end(nj_box *B);

// nj_trace.c
/// Message handler: notes where the error was raised; returns its value untouched. Never raises.
int nj_on_error(lua_State *L);
/// Notes the calls of L as the trace of the error value at `index` (0: of none).
void nj_note_trace(nj_box *B, lua_State *L, int index);
/// First script line of L's calls from `level` on. 0 when there is none.
int nj_position(lua_State *L, int level, lua_Debug *ar);
/// Name of a source for people: a chunk given as text has none but itself.
const char *nj_source_label(const lua_Debug *ar);
const char *nj_chunk_name(const char *source);

#endif
