/// Private to the shim: what encoding of plain data and carrying it over share.
#ifndef NJ_PLAIN_ENCODER_H
#define NJ_PLAIN_ENCODER_H

#include <lua.h>

#include "codec/nj_buf.h"
#include "codec/nj_plain.h"
#include "nj_path.h"
#include "nj_seen_set.h"

/// Free slots that one level needs on Lua's stack.
enum { NJ_PLAIN_SLOTS_PER_LEVEL = 8 };

typedef struct nj_plain_encoder {
    lua_State *L;
    nj_buf *out;
    size_t limit;  ///< length `out` may reach
    const volatile sig_atomic_t *stop;
    int depth_max;
    int depth;
    const void *array_mark;
    const void *raw_mark;
    int code;
    int type;          ///< Lua type of the offending value
    const char *what;  ///< goes behind the path
    int steps;
    uint32_t entry;    ///< top-level entry that is being written, from 1
    nj_seen_set seen;
    nj_path_step path[NJ_DEPTH_MAX];
} nj_plain_encoder;

/// Prepares everything but `seen.local`'s memory; `nj_seen_free` in the end.
void nj_plain_begin(nj_plain_encoder *e, lua_State *L, nj_buf *out, const nj_plain_limits *limits);

/// Records a fault at the present depth. Always -1.
int nj_plain_fail(nj_plain_encoder *e, int code, const char *what);

/// Makes room, within the limit. 0 or -1.
int nj_plain_room(nj_plain_encoder *e, size_t extra);
int nj_plain_put_tag(nj_plain_encoder *e, int tag);
/// Writes a number into room that was made.
void nj_plain_put_varint(nj_plain_encoder *e, uint64_t value);
/// Writes any value but a table at the absolute index. 0 or -1.
int nj_plain_put_scalar(nj_plain_encoder *e, int idx);

/// What comes before a table's entries: its content in place of a read-only table at `idx` (which is on top), depth, stack,
/// whether it was met before. 0 and its tag in `*tag`, or -1.
int nj_plain_enter(nj_plain_encoder *e, int idx, int *tag);

#endif
