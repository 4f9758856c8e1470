/// Plain data to Lua stack. May raise Lua's memory error at any push, so nothing here owns memory. The bytes are not
/// trusted: a count is only a promise until the bytes that back it have been read.
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "codec/nj_json.h"
#include "nj_json_lua.h"
#include "codec/nj_plain.h"
#include "nj_plain_format.h"

enum { SLOTS_PER_LEVEL = 6 };

typedef struct decoder {
    lua_State *L;
    const unsigned char *start, *p, *end;
    const volatile sig_atomic_t *stop;
    int depth;  ///< tables that may still be opened
    /// Entries that tables may still be made room for beforehand. All counts together are promises of at most as many entries
    /// as there are bytes: lies take no more memory than the truth would.
    uint64_t promised;
    int array_mark;
    int code;
    const char *what;
} decoder;

static int decode_value(decoder *d);

static int fault(decoder *d, int code, const char *what) {
    d->code = code;
    d->what = what;
    return -1;
}

static int read_varint(decoder *d, uint64_t *value) {
    uint64_t result = 0;
    for (int shift = 0; shift < 64; shift += 7) {
        if (d->p == d->end) return fault(d, NJ_ESYNTAX, "data ends early");
        unsigned byte = *d->p++;
        if (shift == 63 && byte > 1) break;
        result |= (uint64_t)(byte & 0x7F) << shift;
        if (byte < 0x80) {
            *value = result;
            return 0;
        }
    }
    return fault(d, NJ_ESYNTAX, "number too large");
}

/// A number of things of at least one byte each: no more than there are bytes left.
static int read_count(decoder *d, uint64_t *count) {
    if (read_varint(d, count) != 0) return -1;
    return *count <= (uint64_t)(d->end - d->p) ? 0 : fault(d, NJ_ESYNTAX, "data ends early");
}

static int decode_float(decoder *d) {
    if (d->end - d->p < 8) return fault(d, NJ_ESYNTAX, "data ends early");
    uint64_t bits = 0;
    for (int i = 0; i < 8; i++) bits |= (uint64_t)d->p[i] << (8 * i);
    d->p += 8;
    double number;
    memcpy(&number, &bits, sizeof number);
    lua_pushnumber(d->L, number);
    return 0;
}

static int decode_string(decoder *d, uint64_t len) {
    if (len > (uint64_t)(d->end - d->p)) return fault(d, NJ_ESYNTAX, "data ends early");
    lua_pushlstring(d->L, (const char *)d->p, (size_t)len);
    d->p += len;
    return 0;
}

static int decode_raw(decoder *d) {
    uint64_t len;
    if (read_count(d, &len) != 0) return -1;
    nj_json_limits limits = {.depth = NJ_DEPTH_MAX, .bytes = NJ_BUF_MAX};
    nj_error error;
    if (nj_json_check((const char *)d->p, (size_t)len, &limits, &error) != NJ_OK) {
        return fault(d, NJ_ESYNTAX, "invalid raw JSON");
    }
    nj_json_push_raw(d->L, (const char *)d->p, (size_t)len);
    d->p += len;
    return 0;
}

/// Reads one key and its value into the table at `slot`.
static int decode_member(decoder *d, int slot) {
    lua_State *L = d->L;
    if (decode_value(d) != 0) return -1;
    int type = lua_type(L, -1);
    if (type == LUA_TNIL || type == LUA_TTABLE) return fault(d, NJ_EKEY, "invalid key");
    if (type == LUA_TNUMBER && isnan(lua_tonumberx(L, -1, NULL))) return fault(d, NJ_EKEY, "invalid key");
    if (decode_value(d) != 0) return -1;
    lua_rawset(L, slot);
    return 0;
}

/// How many entries to make room for at once, out of those announced.
static int presize(decoder *d, uint64_t count) {
    if (count > d->promised) count = d->promised;
    d->promised -= count;
    return count < INT_MAX ? (int)count : INT_MAX;
}

static int decode_table(decoder *d, int marked) {
    lua_State *L = d->L;
    uint64_t elements, members;
    if (d->depth == 0) return fault(d, NJ_EDEPTH, "nested too deep");
    if (!lua_checkstack(L, SLOTS_PER_LEVEL)) return fault(d, NJ_EMEMORY, "Lua's stack is full");
    if (read_count(d, &elements) != 0 || read_count(d, &members) != 0) return -1;
    if (elements + 2 * members > (uint64_t)(d->end - d->p)) return fault(d, NJ_ESYNTAX, "data ends early");
    int array_room = presize(d, elements);
    lua_createtable(L, array_room, presize(d, members));
    int slot = lua_gettop(L);
    d->depth--;
    for (uint64_t i = 1; i <= elements; i++) {
        if (decode_value(d) != 0) return -1;
        lua_rawseti(L, slot, (lua_Integer)i);
    }
    for (uint64_t i = 0; i < members; i++) {
        if (decode_member(d, slot) != 0) return -1;
    }
    d->depth++;
    if (marked) {
        lua_pushvalue(L, d->array_mark);
        lua_setmetatable(L, slot);
    }
    return 0;
}

static int decode_value(decoder *d) {
    lua_State *L = d->L;
    if (d->stop != NULL && *d->stop) return fault(d, NJ_ESTOPPED, "the script took too long");
    if (d->p == d->end) return fault(d, NJ_ESYNTAX, "data ends early");
    int tag = *d->p++;
    if (tag >= NJ_P_SMALL) {
        lua_pushinteger(L, tag & 0x7F);
        return 0;
    }
    if (tag >= NJ_P_SHORT) return decode_string(d, (uint64_t)(tag & 0x3F));
    uint64_t value;
    switch (tag) {
    case NJ_P_NIL: lua_pushnil(L); return 0;
    case NJ_P_FALSE: lua_pushboolean(L, 0); return 0;
    case NJ_P_TRUE: lua_pushboolean(L, 1); return 0;
    case NJ_P_INTEGER:
        if (read_varint(d, &value) != 0) return -1;
        lua_pushinteger(L, (lua_Integer)((value >> 1) ^ (0 - (value & 1))));
        return 0;
    case NJ_P_FLOAT: return decode_float(d);
    case NJ_P_STRING: return read_varint(d, &value) != 0 ? -1 : decode_string(d, value);
    case NJ_P_TABLE: return decode_table(d, 0);
    case NJ_P_ARRAY: return decode_table(d, 1);
    case NJ_P_NULL: lua_pushlightuserdata(L, nj_json_null()); return 0;
    case NJ_P_RAW: return decode_raw(d);
    default: return fault(d, NJ_ESYNTAX, "unknown tag");
    }
}

static int decode_whole(decoder *d) {
    if (d->p == d->end || *d->p != NJ_PLAIN_VERSION) return fault(d, NJ_ESYNTAX, "unknown version");
    d->p++;
    if (decode_value(d) != 0) return -1;
    return d->p == d->end ? 0 : fault(d, NJ_ESYNTAX, "data after the value");
}

int nj_plain_push(lua_State *L, const char *bytes, size_t len, const nj_plain_limits *limits, nj_plain_error *error) {
    const unsigned char *start = (const unsigned char *)bytes;
    int top = lua_gettop(L);
    decoder d = {.L = L, .start = start, .p = start, .end = start + len, .depth = NJ_DEPTH_MAX, .array_mark = top + 1};
    d.stop = limits ? limits->stop : NULL;
    d.promised = len;
    if (!lua_checkstack(L, SLOTS_PER_LEVEL)) {
        fault(&d, NJ_EMEMORY, "Lua's stack is full");
    } else {
        nj_json_push_array_mark(L);
        if (decode_whole(&d) == 0) {
            lua_replace(L, d.array_mark);
            return NJ_OK;
        }
    }
    lua_settop(L, top);
    error->code = d.code;
    error->offset = (size_t)(d.p - d.start);
    snprintf(error->detail, sizeof error->detail, "%s at byte %zu", d.what, error->offset + 1);
    return d.code;
}
