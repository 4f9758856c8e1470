/// Looking at a text without building anything; quoting and unquoting of strings. No Lua.
#include "codec/nj_json.h"
#include "nj_text.h"

#include <stdio.h>

static uint8_t type_of(nj_byte first, const nj_number *number) {
    switch (first) {
    case '"': return NJ_JSON_STRING;
    case '{': return NJ_JSON_OBJECT;
    case '[': return NJ_JSON_ARRAY;
    case 't': return NJ_JSON_TRUE;
    case 'f': return NJ_JSON_FALSE;
    case 'n': return NJ_JSON_NULL;
    default: return number->is_float ? NJ_JSON_FLOAT : NJ_JSON_INTEGER;
    }
}

int nj_text_key(nj_cursor *c, nj_slice *slice) {
    if (c->p == c->end || *c->p != '"') return nj_text_fault(c, NJ_ESYNTAX, "key expected");
    const nj_byte *begin = ++c->p;
    int escaped = nj_text_string(c);
    if (escaped < 0) return -1;
    slice->key = (uint32_t)(begin - c->start);
    slice->key_len = (uint32_t)(c->p - begin);
    slice->key_escaped = (uint8_t)escaped;
    c->p++;
    nj_text_space(c);
    if (c->p == c->end || *c->p != ':') return nj_text_fault(c, NJ_ESYNTAX, "':' expected");
    c->p++;
    nj_text_space(c);
    return c->p == c->end ? nj_text_fault(c, NJ_ESYNTAX, "value expected") : 0;
}

int nj_text_value(nj_cursor *c, nj_slice *slice) {
    const nj_byte *begin = c->p;
    nj_number number = {.digits = 0};
    slice->value_escaped = 0;
    nj_byte first = *begin;
    if (first == '"') {
        c->p++;
        int escaped = nj_text_string(c);
        if (escaped < 0) return -1;
        slice->value_escaped = (uint8_t)escaped;
        c->p++;
    } else if (first == '-' || (nj_text_class[first] & NJ_C_DIGIT)) {
        if (nj_text_number(c, &number) != 0) return -1;
    } else if (nj_text_skip(c) != 0) {
        return -1;
    }
    slice->value = (uint32_t)(begin - c->start);
    slice->value_len = (uint32_t)(c->p - begin);
    slice->type = type_of(first, &number);
    return 0;
}

/// Reads one member into the slice; the cursor stands where the key must begin. 0 or -1.
static int scan_member(nj_cursor *c, nj_slice *slice) {
    return nj_text_key(c, slice) != 0 ? -1 : nj_text_value(c, slice);
}

/// Reads the object at the cursor. How many members, or -1.
static int scan_object(nj_cursor *c, nj_slice *out, int max) {
    int count = 0;
    nj_slice spare;
    nj_text_space(c);
    if (c->p == c->end || *c->p != '{') return nj_text_fault(c, NJ_ETYPE, "object expected");
    c->p++;
    c->depth--;
    nj_text_space(c);
    if (c->p == c->end || *c->p != '}') {
        for (;;) {
            if (scan_member(c, count < max ? &out[count] : &spare) != 0) return -1;
            count++;
            nj_text_space(c);
            if (c->p == c->end) return nj_text_fault(c, NJ_ESYNTAX, "unfinished array or object");
            if (*c->p == '}') break;
            if (*c->p != ',') return nj_text_fault(c, NJ_ESYNTAX, "',' or closing bracket expected");
            c->p++;
            nj_text_space(c);
        }
    }
    c->p++;
    nj_text_space(c);
    if (c->p != c->end) return nj_text_fault(c, NJ_ESYNTAX, "text after the value");
    return count;
}

int nj_json_scan(const char *text, size_t len, nj_slice *out, int max, nj_json_error *error) {
    const nj_byte *start = (const nj_byte *)text;
    nj_cursor c = {.start = start, .p = start, .end = start + len, .depth = NJ_JSON_DEPTH};
    int count = len > NJ_JSON_SCAN_MAX ? nj_text_fault(&c, NJ_ESIZE, "text too large") : scan_object(&c, out, max);
    if (count < 0) nj_text_report(&c, error);
    return count;
}

int nj_json_check(const char *text, size_t len, const nj_json_limits *limits, nj_json_error *error) {
    const nj_byte *start = (const nj_byte *)text;
    nj_cursor c = {.start = start, .p = start, .end = start + len, .depth = limits ? limits->depth : NJ_JSON_DEPTH};
    if (c.depth > NJ_DEPTH_MAX) c.depth = NJ_DEPTH_MAX;
    if (len > (limits ? limits->bytes : NJ_JSON_BYTES)) {
        nj_text_fault(&c, NJ_ESIZE, "text too large");
        return nj_text_report(&c, error);
    }
    nj_text_space(&c);
    if (nj_text_skip(&c) != 0) return nj_text_report(&c, error);
    nj_text_space(&c);
    if (c.p != c.end) {
        nj_text_fault(&c, NJ_ESYNTAX, "text after the value");
        return nj_text_report(&c, error);
    }
    return NJ_OK;
}

int nj_json_unescape(const char *content, size_t len, nj_buf *out) {
    if (nj_buf_reserve(out, len) != 0) return -1;
    if (len == 0) return 0;
    const nj_byte *from = (const nj_byte *)content;
    out->len = (size_t)(nj_text_unescape(from, from + len, out->data + out->len) - out->data);
    return 0;
}

int nj_utf8_valid(const char *bytes, size_t len) {
    const nj_byte *p = (const nj_byte *)bytes, *end = p + len;
    while (p < end) {
        uint64_t x;
        if (end - p >= 8 && (memcpy(&x, p, 8), (x & 0x8080808080808080u) == 0)) {
            p += 8;
        } else if (*p < 0x80) {
            p++;
        } else {
            size_t n = nj_utf8_sequence(p, end);
            if (n == 0) return 0;
            p += n;
        }
    }
    return 1;
}
