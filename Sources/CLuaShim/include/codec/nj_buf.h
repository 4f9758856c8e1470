/// A growable byte buffer that never raises a Lua error.
///
/// Encoders append to one that is owned by the state's record, so that a jump out of Lua leaks nothing.
#ifndef NJ_BUF_H
#define NJ_BUF_H

#include <stddef.h>

/// Largest content of a buffer: four times the largest plain-data value, so that a runaway encoder stops here.
#define NJ_BUF_MAX ((size_t)64 << 20)

/// What `nj_buf_clear` keeps allocated: one large answer must not pin its size for ever.
#define NJ_BUF_KEEP ((size_t)256 << 10)

/// Zero-initialized is empty and valid.
typedef struct nj_buf {
    char *data;
    size_t len;
    size_t cap;
} nj_buf;

/// Makes room for `extra` more bytes. 0, or -1 when out of memory or past NJ_BUF_MAX (the content stays as it is).
int nj_buf_reserve(nj_buf *buf, size_t extra);

/// Appends bytes. 0, or -1 as above.
int nj_buf_append(nj_buf *buf, const void *bytes, size_t len);

/// Empties the buffer; keeps at most NJ_BUF_KEEP bytes allocated.
void nj_buf_clear(nj_buf *buf);

/// Gives everything back; the buffer is empty and valid afterwards.
void nj_buf_free(nj_buf *buf);

#endif
