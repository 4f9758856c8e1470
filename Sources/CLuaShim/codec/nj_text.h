/// Private to the shim: scanning of JSON text, shared by the scanner and the decoder.
#ifndef NJ_TEXT_H
#define NJ_TEXT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "codec/nj_error.h"

typedef unsigned char nj_byte;

/// Bits of `nj_text_class`.
enum {
    NJ_C_PLAIN = 1,  ///< stands for itself inside a string: ASCII but for control characters, quotation mark, backslash
    NJ_C_SPACE = 2,
    NJ_C_DIGIT = 4
};

struct nj_slice;

extern const nj_byte nj_text_class[256];

/// Position in a text and the first fault.
typedef struct nj_cursor {
    const nj_byte *start;
    const nj_byte *p;
    const nj_byte *end;
    int depth;      ///< containers that may still be opened
    int mends;      ///< half of a surrogate pair is no fault: it is read as U+FFFD
    int code;       ///< fault, 0 as long as there is none
    const char *what;
} nj_cursor;

/// A number as read: value = digits * 10^exponent, if `exact`.
typedef struct nj_number {
    uint64_t digits;
    int exponent;
    uint8_t negative;
    uint8_t is_float;  ///< has a fraction or an exponent
    uint8_t exact;     ///< no digit was lost: at most 19 of them
} nj_number;

/// Records a fault at the cursor. Always -1.
int nj_text_fault(nj_cursor *c, int code, const char *what);

/// Fills `error` from the cursor's fault and gives its code.
int nj_text_report(const nj_cursor *c, nj_error *error);

/// `nj_text_string` from where something else than plain bytes or the closing quotation mark has come.
int nj_text_string_rest(nj_cursor *c);

/// Reads a number at the cursor. 0 or -1.
int nj_text_number(nj_cursor *c, nj_number *number);

/// Skips and validates one value. 0 or -1.
int nj_text_skip(nj_cursor *c);

/// Reads a member's key into the slice; the cursor stands where the key must begin, then where the value does. 0 or -1.
int nj_text_key(nj_cursor *c, struct nj_slice *slice);

/// Reads a member's value into the slice; the cursor stands on its first byte. 0 or -1.
int nj_text_value(nj_cursor *c, struct nj_slice *slice);

/// Checks `true`, `false` or `null` and steps over it. 0 or -1.
int nj_text_literal(nj_cursor *c, const char *word, size_t len);

/// Writes the unescaped content; `to` has room for `from`'s length. Returns the end. Validated text only. Half of a surrogate
/// pair becomes U+FFFD.
char *nj_text_unescape(const nj_byte *from, const nj_byte *end, char *to);

/// Reads four hexadecimal digits, or -1.
int nj_text_hex4(const nj_byte *p);

/// Value of a number text. 1 integer in `*integer`, 2 float in `*real`, -1 out of range.
int nj_number_value(const nj_number *number, const nj_byte *text, size_t len, int64_t *integer, double *real);

/// Room that the formatters below need at most.
enum { NJ_NUMBER_TEXT_MAX = 40 };

/// Writes an integer; returns its end.
char *nj_format_integer(char *to, int64_t value);

/// Writes a finite float, shortest form that reads back equal, with a fraction or an exponent; returns its end.
char *nj_format_double(char *to, double value);

static inline void nj_text_space(nj_cursor *c) {
    while (c->p < c->end && (nj_text_class[*c->p] & NJ_C_SPACE)) c->p++;
}

/// Length of the UTF-8 sequence at `p` (RFC 3629), 0 if there is none. For lead bytes from 0x80.
static inline size_t nj_utf8_sequence(const nj_byte *p, const nj_byte *end) {
    size_t left = (size_t)(end - p);
    nj_byte a = p[0];
    if (a < 0xC2) return 0;
    if (left < 2 || (p[1] & 0xC0) != 0x80) return 0;
    if (a < 0xE0) return 2;
    if (left < 3 || (p[2] & 0xC0) != 0x80) return 0;
    if (a < 0xF0) {
        if (a == 0xE0 && p[1] < 0xA0) return 0;
        if (a == 0xED && p[1] > 0x9F) return 0;
        return 3;
    }
    if (a > 0xF4 || left < 4 || (p[3] & 0xC0) != 0x80) return 0;
    if (a == 0xF0 && p[1] < 0x90) return 0;
    if (a == 0xF4 && p[1] > 0x8F) return 0;
    return 4;
}

/// End of the run of plain bytes at `p`: eight at a time, which is portable and fast enough for strings of our sizes.
static inline const nj_byte *nj_text_plain_end(const nj_byte *p, const nj_byte *end) {
    const uint64_t ones = 0x0101010101010101u, high = 0x8080808080808080u;
    while (end - p >= 8) {
        uint64_t x;
        memcpy(&x, p, 8);
        uint64_t quote = x ^ (ones * '"'), slash = x ^ (ones * '\\');
        uint64_t hit = x | (x - ones * 0x20) | ((quote - ones) & ~quote) | ((slash - ones) & ~slash);
        hit &= high;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
        // The lowest mark is exact; those above it may stem from its borrow.
        if (hit) return p + (__builtin_ctzll(hit) >> 3);
#else
        if (hit) break;
#endif
        p += 8;
    }
    while (p < end && (nj_text_class[*p] & NJ_C_PLAIN)) p++;
    return p;
}

/// Reads a string; the cursor stands after the opening quotation mark and is left *on* the closing one.
/// Checks UTF-8 and escapes. 1 if there are escapes, 0 if not, -1 on a fault.
static inline int nj_text_string(nj_cursor *c) {
    c->p = nj_text_plain_end(c->p, c->end);
    return c->p < c->end && *c->p == '"' ? 0 : nj_text_string_rest(c);
}

#endif
