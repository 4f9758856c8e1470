#include "codec/nj_buf.h"

#include <stdlib.h>
#include <string.h>

/// First allocation: most answers fit, so that they never grow.
enum { NJ_BUF_FIRST = 2048 };

int nj_buf_reserve(nj_buf *buf, size_t extra) {
    if (extra <= buf->cap - buf->len) return 0;
    if (buf->len > NJ_BUF_MAX || extra > NJ_BUF_MAX - buf->len) return -1;
    size_t need = buf->len + extra;
    size_t cap = buf->cap < NJ_BUF_FIRST ? NJ_BUF_FIRST : buf->cap;
    while (cap < need) cap *= 2;
    char *data = realloc(buf->data, cap);
    if (data == NULL) return -1;
    buf->data = data;
    buf->cap = cap;
    return 0;
}

int nj_buf_append(nj_buf *buf, const void *bytes, size_t len) {
    if (len == 0) return 0;
    if (nj_buf_reserve(buf, len) != 0) return -1;
    memcpy(buf->data + buf->len, bytes, len);
    buf->len += len;
    return 0;
}

void nj_buf_clear(nj_buf *buf) {
    buf->len = 0;
    if (buf->cap <= NJ_BUF_KEEP) return;
    free(buf->data);
    buf->data = NULL;
    buf->cap = 0;
}

void nj_buf_free(nj_buf *buf) {
    free(buf->data);
    buf->data = NULL;
    buf->len = 0;
    buf->cap = 0;
}
