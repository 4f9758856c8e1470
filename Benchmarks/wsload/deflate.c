/* permessage-deflate (RFC 7692), without context takeover in both directions. */
#include "wsload.h"

#include <strings.h>
#include <zlib.h>

/* Both parameters must be there, once, and no other may be: we offered no window bits. */
int deflate_agreed(const char *answer) {
    char b[256];
    int server_none = 0, client_none = 0, named = 0;
    size_t n = strcspn(answer, "\r\n");
    if (n >= sizeof b) return 0;
    memcpy(b, answer, n);
    b[n] = 0;
    for (char *save, *p = strtok_r(b, ";", &save); p; p = strtok_r(NULL, ";", &save)) {
        while (*p == ' ') p++;
        for (char *e = p + strlen(p); e > p && e[-1] == ' ';) *--e = 0;
        if (!named) {
            if (strcasecmp(p, "permessage-deflate")) return 0;
            named = 1;
        } else if (!strcasecmp(p, "server_no_context_takeover")) server_none++;
        else if (!strcasecmp(p, "client_no_context_takeover")) client_none++;
        else return 0;
    }
    return server_none == 1 && client_none == 1;
}

const u8 *inflated(const u8 *p, size_t n, size_t *out_n) {
    static u8 out[MAX_MESSAGE];
    static z_stream z;
    static int made;
    static const u8 tail[4] = {0, 0, 0xff, 0xff};
    if (!made && inflateInit2(&z, -15) != Z_OK) die("inflateInit2");
    if (made) inflateReset(&z);
    made = 1;
    z.next_out = out, z.avail_out = sizeof out;
    for (int part = 0; part < 2; part++) {
        z.next_in = (u8 *)(part ? tail : p), z.avail_in = (unsigned)(part ? sizeof tail : n);
        int r = inflate(&z, Z_SYNC_FLUSH);
        if ((r != Z_OK && r != Z_BUF_ERROR && r != Z_STREAM_END) || z.avail_in || !z.avail_out) return NULL;
    }
    *out_n = sizeof out - z.avail_out;
    return out;
}

const u8 *deflated(const u8 *p, size_t n, size_t *out_n) {
    static u8 out[MAX_MESSAGE];
    static z_stream z;
    static int made;
    if (!made && deflateInit2(&z, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY) != Z_OK) die("deflateInit2");
    if (made) deflateReset(&z);
    made = 1;
    z.next_in = (u8 *)p, z.avail_in = (unsigned)n;
    z.next_out = out, z.avail_out = sizeof out;
    if (deflate(&z, Z_SYNC_FLUSH) != Z_OK || z.avail_in || !z.avail_out) die("message too long to compress");
    *out_n = sizeof out - z.avail_out - 4; /* the sync flush ends in 00 00 ff ff, which is left out */
    return out;
}
