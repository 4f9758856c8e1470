/// Strings as JSON literals. No Lua.
#include "codec/nj_json.h"
#include "nj_text.h"

/// Writes the escape of a byte that cannot stand for itself; returns its end (at most six bytes).
static char *put_escape(char *to, nj_byte b) {
    static const char hex[] = "0123456789abcdef";
    *to++ = '\\';
    switch (b) {
    case '"': case '\\': *to++ = (char)b; return to;
    case '\b': *to++ = 'b'; return to;
    case '\f': *to++ = 'f'; return to;
    case '\n': *to++ = 'n'; return to;
    case '\r': *to++ = 'r'; return to;
    case '\t': *to++ = 't'; return to;
    default:
        memcpy(to, "u00", 3);
        to[3] = hex[b >> 4];
        to[4] = hex[b & 15];
        return to + 5;
    }
}

/// The rest of a string, from the first byte that is not plain. The buffer's content ends where it continues.
static int quote_rest(const nj_byte *p, const nj_byte *end, nj_buf *out) {
    while (p < end) {
        // An escape takes six bytes; everything behind it at least its own length, and the quotation mark.
        if (nj_buf_reserve(out, (size_t)(end - p) + 8) != 0) return -1;
        char *to = out->data + out->len;
        const nj_byte *run = nj_text_plain_end(p, end);
        memcpy(to, p, (size_t)(run - p));
        to += run - p;
        p = run;
        if (p < end && *p >= 0x80) {
            size_t n = nj_utf8_sequence(p, end);
            if (n == 0) return -2;
            memcpy(to, p, n);
            to += n;
            p += n;
        } else if (p < end) {
            to = put_escape(to, *p++);
        }
        out->len = (size_t)(to - out->data);
    }
    if (nj_buf_reserve(out, 1) != 0) return -1;
    out->data[out->len++] = '"';
    return 0;
}

int nj_json_quote(const char *bytes, size_t len, nj_buf *out) {
    const nj_byte *p = (const nj_byte *)bytes, *end = p + len;
    if (out->cap - out->len < len + 2 && nj_buf_reserve(out, len + 2) != 0) return -1;
    char *to = out->data + out->len;
    *to++ = '"';
    if (len < 16) {
        while (p < end && (nj_text_class[*p] & NJ_C_PLAIN)) *to++ = (char)*p++;
    } else {
        const nj_byte *run = nj_text_plain_end(p, end);
        memcpy(to, p, (size_t)(run - p));
        to += run - p;
        p = run;
    }
    if (p == end) {
        *to++ = '"';
        out->len = (size_t)(to - out->data);
        return 0;
    }
    out->len = (size_t)(to - out->data);
    return quote_rest(p, end, out);
}
