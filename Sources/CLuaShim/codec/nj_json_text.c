/// The grammar of RFC 8259 over bytes; no Lua.
#include "nj_text.h"

#include <stdio.h>

#include "codec/nj_json.h"

#define PLAIN4 1, 1, 1, 1
#define PLAIN16 PLAIN4, PLAIN4, PLAIN4, PLAIN4
#define DIGIT (NJ_C_PLAIN | NJ_C_DIGIT)

const nj_byte nj_text_class[256] = {
    0, 0, 0, 0, 0, 0, 0, 0, 0, NJ_C_SPACE, NJ_C_SPACE, 0, 0, NJ_C_SPACE, 0, 0,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    NJ_C_PLAIN | NJ_C_SPACE, 1, 0, 1, PLAIN4, PLAIN4, PLAIN4,
    DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, DIGIT, 1, 1, PLAIN4,
    PLAIN16,
    PLAIN4, PLAIN4, PLAIN4, 0, 1, 1, 1,
    PLAIN16, PLAIN16,
};

int nj_text_fault(nj_cursor *c, int code, const char *what) {
    c->code = code;
    c->what = what;
    return -1;
}

int nj_text_report(const nj_cursor *c, nj_error *error) {
    error->code = c->code;
    error->offset = (size_t)(c->p - c->start);
    snprintf(error->detail, sizeof error->detail, "%s at byte %zu", c->what, error->offset + 1);
    return c->code;
}

int nj_text_hex4(const nj_byte *p) {
    int value = 0;
    for (int i = 0; i < 4; i++) {
        int digit = p[i];
        if (digit >= '0' && digit <= '9') digit -= '0';
        else if ((digit | 32) >= 'a' && (digit | 32) <= 'f') digit = (digit | 32) - 'a' + 10;
        else return -1;
        value = value << 4 | digit;
    }
    return value;
}

/// The code unit of the second half of a surrogate pair that is escaped here, or -1.
static int low_half(const nj_byte *p, const nj_byte *end) {
    int unit = end - p < 6 || p[0] != '\\' || p[1] != 'u' ? -1 : nj_text_hex4(p + 2);
    return unit >= 0xDC00 && unit <= 0xDFFF ? unit : -1;
}

/// Steps over the escape at the cursor (a backslash). Surrogates must come in pairs: half of one is no character.
static int skip_escape(nj_cursor *c) {
    if (c->end - c->p < 2) return nj_text_fault(c, NJ_ESYNTAX, "unfinished string");
    nj_byte kind = c->p[1];
    if (kind != 'u') {
        if (kind == 0 || strchr("\"\\/bfnrt", kind) == NULL) return nj_text_fault(c, NJ_ESYNTAX, "invalid escape");
        c->p += 2;
        return 0;
    }
    int unit = c->end - c->p < 6 ? -1 : nj_text_hex4(c->p + 2);
    if (unit < 0) return nj_text_fault(c, NJ_ESYNTAX, "invalid \\u escape");
    if (unit < 0xD800 || unit > 0xDFFF) {
        c->p += 6;
        return 0;
    }
    int is_pair = unit <= 0xDBFF && low_half(c->p + 6, c->end) >= 0;
    if (!is_pair && !c->mends) return nj_text_fault(c, NJ_EUTF8, "unpaired surrogate");
    c->p += is_pair ? 12 : 6;
    return 0;
}

int nj_text_string_rest(nj_cursor *c) {
    int escaped = 0;
    for (;;) {
        c->p = nj_text_plain_end(c->p, c->end);
        if (c->p == c->end) return nj_text_fault(c, NJ_ESYNTAX, "unfinished string");
        nj_byte b = *c->p;
        if (b == '"') return escaped;
        if (b >= 0x80) {
            size_t n = nj_utf8_sequence(c->p, c->end);
            if (n == 0) return nj_text_fault(c, NJ_EUTF8, "invalid UTF-8");
            c->p += n;
        } else if (b == '\\') {
            escaped = 1;
            if (skip_escape(c) != 0) return -1;
        } else {
            return nj_text_fault(c, NJ_ESYNTAX, "control character in string");
        }
    }
}

/// Reads digits into the number; at least one must be there.
static int read_digits(nj_cursor *c, nj_number *n, int step) {
    const nj_byte *p = c->p, *end = c->end;
    if (p == end || !(nj_text_class[*p] & NJ_C_DIGIT)) return nj_text_fault(c, NJ_ESYNTAX, "digit expected");
    // Below this, one more digit keeps the number within 19 digits and 64 bits.
    const uint64_t room = 999999999999999999u;
    uint64_t digits = n->digits;
    do {
        if (digits <= room) {
            digits = digits * 10 + (uint64_t)(*p - '0');
            n->exponent -= step;
        } else {
            n->exact = 0;
        }
        p++;
    } while (p < end && (nj_text_class[*p] & NJ_C_DIGIT));
    n->digits = digits;
    c->p = p;
    return 0;
}

static int read_exponent(nj_cursor *c, nj_number *n) {
    int negative = 0, value = 0;
    c->p++;
    if (c->p < c->end && (*c->p == '+' || *c->p == '-')) negative = *c->p++ == '-';
    if (c->p == c->end || !(nj_text_class[*c->p] & NJ_C_DIGIT)) return nj_text_fault(c, NJ_ESYNTAX, "digit expected");
    while (c->p < c->end && (nj_text_class[*c->p] & NJ_C_DIGIT)) {
        if (value < 100000) value = value * 10 + (*c->p - '0');
        c->p++;
    }
    n->exponent += negative ? -value : value;
    return 0;
}

int nj_text_number(nj_cursor *c, nj_number *n) {
    const nj_byte *start = c->p;
    *n = (nj_number){.exact = 1};
    if (*c->p == '-') {
        n->negative = 1;
        c->p++;
    }
    if (c->p < c->end && *c->p == '0') {
        c->p++;
        if (c->p < c->end && (nj_text_class[*c->p] & NJ_C_DIGIT)) return nj_text_fault(c, NJ_ESYNTAX, "leading zero");
    } else if (read_digits(c, n, 0) != 0) {
        return -1;
    }
    if (c->p < c->end && *c->p == '.') {
        n->is_float = 1;
        c->p++;
        if (read_digits(c, n, 1) != 0) return -1;
    }
    if (c->p < c->end && (*c->p | 32) == 'e') {
        n->is_float = 1;
        if (read_exponent(c, n) != 0) return -1;
    }
    if (c->p - start > NJ_JSON_NUMBER_MAX) return nj_text_fault(c, NJ_ENUMBER, "number too long");
    return 0;
}

int nj_text_literal(nj_cursor *c, const char *word, size_t len) {
    if ((size_t)(c->end - c->p) < len || memcmp(c->p, word, len) != 0) {
        return nj_text_fault(c, NJ_ESYNTAX, "value expected");
    }
    c->p += len;
    return 0;
}

/// Skips an array's or object's content; the cursor stands on its bracket.
static int skip_container(nj_cursor *c, nj_byte close) {
    if (c->depth-- == 0) return nj_text_fault(c, NJ_EDEPTH, "nested too deep");
    c->p++;
    nj_text_space(c);
    if (c->p < c->end && *c->p == close) goto done;
    for (;;) {
        if (close == '}') {
            if (c->p == c->end || *c->p != '"') return nj_text_fault(c, NJ_ESYNTAX, "key expected");
            c->p++;
            if (nj_text_string(c) < 0) return -1;
            c->p++;
            nj_text_space(c);
            if (c->p == c->end || *c->p != ':') return nj_text_fault(c, NJ_ESYNTAX, "':' expected");
            c->p++;
            nj_text_space(c);
        }
        if (nj_text_skip(c) != 0) return -1;
        nj_text_space(c);
        if (c->p == c->end) return nj_text_fault(c, NJ_ESYNTAX, "unfinished array or object");
        if (*c->p == close) break;
        if (*c->p != ',') return nj_text_fault(c, NJ_ESYNTAX, "',' or closing bracket expected");
        c->p++;
        nj_text_space(c);
    }
done:
    c->p++;
    c->depth++;
    return 0;
}

int nj_text_skip(nj_cursor *c) {
    nj_number number;
    if (c->p == c->end) return nj_text_fault(c, NJ_ESYNTAX, "value expected");
    switch (*c->p) {
    case '"':
        c->p++;
        if (nj_text_string(c) < 0) return -1;
        c->p++;
        return 0;
    case '{': return skip_container(c, '}');
    case '[': return skip_container(c, ']');
    case 't': return nj_text_literal(c, "true", 4);
    case 'f': return nj_text_literal(c, "false", 5);
    case 'n': return nj_text_literal(c, "null", 4);
    case '-': case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9':
        return nj_text_number(c, &number);
    default: return nj_text_fault(c, NJ_ESYNTAX, "value expected");
    }
}

static char *put_utf8(char *to, unsigned code) {
    if (code < 0x80) {
        *to++ = (char)code;
    } else if (code < 0x800) {
        *to++ = (char)(0xC0 | code >> 6);
        *to++ = (char)(0x80 | (code & 63));
    } else if (code < 0x10000) {
        *to++ = (char)(0xE0 | code >> 12);
        *to++ = (char)(0x80 | (code >> 6 & 63));
        *to++ = (char)(0x80 | (code & 63));
    } else {
        *to++ = (char)(0xF0 | code >> 18);
        *to++ = (char)(0x80 | (code >> 12 & 63));
        *to++ = (char)(0x80 | (code >> 6 & 63));
        *to++ = (char)(0x80 | (code & 63));
    }
    return to;
}

char *nj_text_unescape(const nj_byte *from, const nj_byte *end, char *to) {
    while (from < end) {
        const nj_byte *slash = memchr(from, '\\', (size_t)(end - from));
        size_t run = (size_t)((slash ? slash : end) - from);
        memcpy(to, from, run);
        to += run;
        if (slash == NULL) break;
        from = slash + 2;
        switch (slash[1]) {
        case 'b': *to++ = '\b'; break;
        case 'f': *to++ = '\f'; break;
        case 'n': *to++ = '\n'; break;
        case 'r': *to++ = '\r'; break;
        case 't': *to++ = '\t'; break;
        case 'u': {
            unsigned code = (unsigned)nj_text_hex4(from);
            from += 4;
            if (code >= 0xD800 && code <= 0xDFFF) {
                int low = code <= 0xDBFF ? low_half(from, end) : -1;
                code = low < 0 ? 0xFFFD : 0x10000 + ((code - 0xD800) << 10) + ((unsigned)low - 0xDC00);
                if (low >= 0) from += 6;
            }
            to = put_utf8(to, code);
            break;
        }
        default: *to++ = (char)slash[1]; break;
        }
    }
    return to;
}
