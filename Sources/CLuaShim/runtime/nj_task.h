/// Private to the shim: the pool of coroutines the host's slices run in.
#ifndef NJ_TASK_H
#define NJ_TASK_H

#include "nj_internal.h"

/// An idle coroutine, or a new one. NULL with the failure set: out of memory, or too many at work.
nj_task *nj_task_take(nj_state *S);

/// Gives a coroutine back that has ended in any way; handles to it are stale from now on.
void nj_task_free(nj_state *S, nj_task *task);

#endif
