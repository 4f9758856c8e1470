/// Umbrella header: everything the shim offers to Swift.
///
/// The shim has three rooms; each may use what lies below it, never what lies above:
///
///     runtime/   states, calls, tasks, objects, values, host functions, require: what LuaRuntime calls
///        |
///     sandbox/   limits, watchdog, hook, the allocator, the libraries scripts see (patterns, tables, coroutines ...)
///        |
///     codec/     JSON, plain data, random numbers, byte buffers: knows no state and no limits
#ifndef CLUASHIM_H
#define CLUASHIM_H

#include "codec/nj_buf.h"
#include "codec/nj_error.h"
#include "codec/nj_json.h"
#include "codec/nj_plain.h"
#include "codec/nj_random.h"
#include "runtime/nj_runtime.h"
#include "sandbox/nj_pattern.h"

#endif
