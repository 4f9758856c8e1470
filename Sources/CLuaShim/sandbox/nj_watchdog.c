/// The time limit: one thread per process that looks at the running slices.
///
/// It never touches a Lua state. A slice that is late gets a signal on its own thread, whose handler makes the running
/// coroutine stop at its next instruction (`lua_sethook` from another thread crashes Lua; from a signal it is allowed).
/// Late means processor time of the owner's thread, so a busy machine ends no innocent script; wall time counts from
/// NJ_WALL_FACTOR deadlines on.
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "nj_box.h"

/// Harmless when it strikes late: ignored by default, and the handler looks at the slice. System calls are restarted.
#define NJ_SIGNAL SIGURG

/// How often running slices are looked at, and how many must have ended since the last look for the watchdog to stay awake
/// with nothing running. Waking it costs a slice some microseconds, so it stays awake between the slices of a busy server; a
/// package that does something ten times a second must not keep it awake for good, nor cost it more than a look each time.
enum { NJ_TICK_NANOSECONDS = 2000000, NJ_BUSY_SLICES = 4, NJ_WALL_FACTOR = 10 };

/// A late slice is told again after this long. Arming takes time proportional to the depth of the calls, which must not
/// be all the slice gets to do.
enum { NJ_SIGNAL_AGAIN_NANOSECONDS = 25000000 };

#if defined(__SANITIZE_THREAD__)
#define NJ_THREAD_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define NJ_THREAD_SANITIZER 1
#endif
#endif

/// Code with the thread sanitizer in it is slower by this.
#ifdef NJ_THREAD_SANITIZER
enum { NJ_SLOWNESS = 10 };
#else
enum { NJ_SLOWNESS = 1 };
#endif

static pthread_mutex_t watch_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t watch_wake = PTHREAD_COND_INITIALIZER;
static nj_box *watched;      // under watch_lock
static int watch_started;      // under watch_lock
static _Atomic int watch_asleep;
static _Atomic int64_t longest_over;
static struct sigaction previous_action;

/// State of the innermost slice on this thread.
static _Thread_local nj_box *current __attribute__((tls_model("initial-exec")));

static int64_t read_clock(clockid_t clock) {
    struct timespec t;
    if (clock_gettime(clock, &t) != 0) return -1;
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void on_signal(int number, siginfo_t *info, void *context) {
    int saved = errno;
    for (nj_box *B = current; B != NULL; B = B->outer) {
        uint64_t slice = atomic_load(&B->slice);
        if ((slice & 1) == 0 || atomic_load(&B->overrun) != slice) continue;
        B->time_over = 1;
        nj_hook_arm(B->running);
    }
    if (previous_action.sa_flags & SA_SIGINFO) {
        if (previous_action.sa_sigaction != NULL) previous_action.sa_sigaction(number, info, context);
    } else if (previous_action.sa_handler != SIG_DFL && previous_action.sa_handler != SIG_IGN) {
        previous_action.sa_handler(number);
    }
    errno = saved;
}

/// Looks at one state. Returns whether anything runs, or so much has run since the last look that the next slice is near.
static int look(nj_box *B, int64_t now) {
    uint64_t slice = atomic_load(&B->slice);
    if (slice != B->seen_slice) {
        uint64_t ended = (slice - B->seen_slice) / 2;
        B->seen_slice = slice;
        B->seen_wall = now;
        B->signaled = 0;
        if ((slice & 1) == 0) return ended >= NJ_BUSY_SLICES;
        B->seen_cpu = read_clock(B->owner_clock);
        return 1;
    }
    if ((slice & 1) == 0) return 0;
    int64_t deadline = atomic_load_explicit(&B->deadline, memory_order_relaxed) * NJ_SLOWNESS;
    int64_t wall = now - B->seen_wall;
    int stopped = B->stop != NULL && atomic_load(B->stop);
    if (wall < deadline && !stopped) return 1;
    int64_t spent = read_clock(B->owner_clock) - B->seen_cpu;
    if (spent - deadline > atomic_load(&longest_over)) atomic_store(&longest_over, spent - deadline);
    if (now - B->signaled < NJ_SIGNAL_AGAIN_NANOSECONDS) return 1;
    if (spent < deadline && wall / NJ_WALL_FACTOR < deadline && !stopped) return 1;
    B->signaled = now;
    atomic_store(&B->overrun, slice);
    // By number: a thread that has ended is an error here, not a crash.
    syscall(SYS_tgkill, getpid(), B->owner_id, NJ_SIGNAL);
    return 1;
}

static int look_at_all(void) {
    int busy = 0;
    int64_t now = read_clock(CLOCK_MONOTONIC);
    for (nj_box *B = watched; B != NULL; B = B->watch_next) busy |= look(B, now);
    return busy;
}

static void *watch(void *unused) {
    const struct timespec tick = {0, NJ_TICK_NANOSECONDS};
    for (;;) {
        pthread_mutex_lock(&watch_lock);
        if (!look_at_all()) {
            atomic_store(&watch_asleep, 1);
            // A slice that began before the store did not see it; one that begins after it wakes us.
            while (atomic_load(&watch_asleep) && !look_at_all()) pthread_cond_wait(&watch_wake, &watch_lock);
            atomic_store(&watch_asleep, 0);
        }
        pthread_mutex_unlock(&watch_lock);
        nanosleep(&tick, NULL);
    }
    return unused;
}

/// With the lock held. 0 or -1.
static int start_watch(void) {
    if (watch_started) return 0;
    struct sigaction action;
    memset(&action, 0, sizeof action);
    action.sa_sigaction = on_signal;
    action.sa_flags = SA_RESTART | SA_SIGINFO;
    sigemptyset(&action.sa_mask);
    if (sigaction(NJ_SIGNAL, &action, &previous_action) != 0) return -1;
    sigset_t all, old;
    pthread_t thread;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int failed = pthread_create(&thread, NULL, watch, NULL);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (failed) return -1;
    pthread_setname_np(thread, "nj-watchdog");
    pthread_detach(thread);
    watch_started = 1;
    return 0;
}

static void take_owner(nj_box *B) {
    B->owner = pthread_self();
    B->owner_id = (int)syscall(SYS_gettid);
    if (pthread_getcpuclockid(B->owner, &B->owner_clock) != 0) B->owner_clock = CLOCK_MONOTONIC;
    // A mask inherited from elsewhere must not keep the signal out.
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, NJ_SIGNAL);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
}

#ifdef NJ_THREAD_SANITIZER
/// The sanitizer keeps signals back until the thread calls something that it has wrapped. A loop in Lua never does.
static void let_signals_in(lua_State *L, lua_Debug *ar) {
    (void)L, (void)ar;
    usleep(0);
}
#endif

int nj_watch_add(nj_box *B) {
#ifdef NJ_THREAD_SANITIZER
    nj_hook_set(B, NJ_HOOK_PROFILER, let_signals_in, LUA_MASKCOUNT, 100000);
#endif
    pthread_mutex_lock(&watch_lock);
    int status = start_watch();
    take_owner(B);
    B->watch_next = watched;
    watched = B;
    pthread_mutex_unlock(&watch_lock);
    return status;
}

void nj_watch_remove(nj_box *B) {
    pthread_mutex_lock(&watch_lock);
    for (nj_box **link = &watched; *link != NULL; link = &(*link)->watch_next) {
        if (*link == B) {
            *link = B->watch_next;
            break;
        }
    }
    pthread_mutex_unlock(&watch_lock);
}

void nj_watch_adopt(nj_box *B) {
    pthread_mutex_lock(&watch_lock);
    take_owner(B);
    pthread_mutex_unlock(&watch_lock);
}

void nj_watch_obey(nj_box *B, const _Atomic int *stop) {
    pthread_mutex_lock(&watch_lock);
    B->stop = stop;
    pthread_mutex_unlock(&watch_lock);
}

int64_t nj_watch_longest_over(void) { return atomic_exchange(&longest_over, 0); }

static void wake(void) {
    pthread_mutex_lock(&watch_lock);
    atomic_store(&watch_asleep, 0);
    pthread_cond_signal(&watch_wake);
    pthread_mutex_unlock(&watch_lock);
}

void nj_slice_begin(nj_box *B, lua_State *L, int64_t nanoseconds) {
    B->running = L;
    B->root = L;
    B->waiting = 0;
    B->blocked = 0;
    B->raised = NJ_LIMIT_NONE;
    B->host_gives = 0;
    B->refused = NULL;
    B->fault_line = 0;
    B->trace.noted = 0;
    B->time_over = 0;
    B->memory_over = 0;
    B->outer = current;
    current = B;
    B->active = 1;
    atomic_store_explicit(&B->deadline, nanoseconds, memory_order_relaxed);
    // A full barrier between this store and the load below: either the watchdog sees the slice or we see it asleep.
    atomic_fetch_add(&B->slice, 1);
    if (atomic_load_explicit(&watch_asleep, memory_order_relaxed)) wake();
    if (B->hooks.mask != 0) nj_hook_enter(B, L);
}

void nj_slice_end(nj_box *B) {
    atomic_store_explicit(&B->slice, atomic_load_explicit(&B->slice, memory_order_relaxed) + 1, memory_order_release);
    atomic_signal_fence(memory_order_seq_cst);
    B->active = 0;
    current = B->outer;
}
