/// Private to the shim: text for people, of bounded length and always UTF-8. No Lua.
#ifndef NJ_TIDY_H
#define NJ_TIDY_H

#include "codec/nj_buf.h"

/// Appends at most `max` bytes of a text: bytes that are not UTF-8 become U+FFFD, and "..." tells that it was cut. 0, or -1
/// when out of memory.
int nj_append_tidy(nj_buf *out, const char *text, size_t len, size_t max);

#endif
