/// Lua stack to plain data. Nothing here raises: raw access, no metamethods, no allocation in Lua.
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "codec/nj_json.h"
#include "nj_json_lua.h"
#include "nj_path.h"
#include "codec/nj_plain.h"
#include "nj_plain_format.h"

/// Free slots that one level needs on Lua's stack.
enum { SLOTS_PER_LEVEL = 6 };

/// Tables met so far, as a hash set of addresses; small values never touch the heap.
typedef struct seen_set {
    const void **slots;
    size_t mask;  ///< number of slots minus one, a power of two minus one
    size_t count;
    const void *local[64];
} seen_set;

typedef struct encoder {
    lua_State *L;
    nj_buf *out;
    size_t limit;  ///< length `out` may reach
    int depth_max;
    int depth;
    const void *array_mark;
    const void *raw_mark;
    int code;
    const char *what;
    int steps;
    seen_set seen;
    nj_path_step path[NJ_DEPTH_MAX];
} encoder;

static int encode_at(encoder *e, int idx);

static int fail(encoder *e, int code, const char *what) {
    e->code = code;
    e->what = what;
    e->steps = e->depth;
    return -1;
}

static size_t slot_of(const void *table, size_t mask) {
    uint64_t x = (uint64_t)(uintptr_t)table >> 4;
    return (size_t)((x * 0x9E3779B97F4A7C15u) >> 32) & mask;
}

static void set_insert(const void **slots, size_t mask, const void *table) {
    size_t i = slot_of(table, mask);
    while (slots[i] != NULL) i = (i + 1) & mask;
    slots[i] = table;
}

static void set_free(seen_set *set) {
    if (set->slots != set->local) free(set->slots);
}

/// Adds a table. 1 if it was there already, 0 if not, -1 when out of memory.
static int set_add(seen_set *set, const void *table) {
    size_t i = slot_of(table, set->mask);
    for (; set->slots[i] != NULL; i = (i + 1) & set->mask) {
        if (set->slots[i] == table) return 1;
    }
    set->slots[i] = table;
    if (++set->count * 2 <= set->mask) return 0;
    size_t size = (set->mask + 1) * 2;
    const void **slots = calloc(size, sizeof *slots);
    if (slots == NULL) return -1;
    for (size_t k = 0; k <= set->mask; k++) {
        if (set->slots[k] != NULL) set_insert(slots, size - 1, set->slots[k]);
    }
    set_free(set);
    set->slots = slots;
    set->mask = size - 1;
    return 0;
}

/// Estimates of what is about to be written may exceed it by this much; the exact length is checked in the end.
enum { ESTIMATE_SLACK = 32 };

static int room(encoder *e, size_t extra) {
    nj_buf *out = e->out;
    if (out->len > e->limit || extra > e->limit + ESTIMATE_SLACK - out->len) return fail(e, NJ_ESIZE, " does not fit: too much data");
    if (out->cap - out->len >= extra) return 0;
    return nj_buf_reserve(out, extra) == 0 ? 0 : fail(e, NJ_EMEMORY, " does not fit: out of memory");
}

static void put_byte(encoder *e, int byte) { e->out->data[e->out->len++] = (char)byte; }

static void put_varint(encoder *e, uint64_t value) {
    for (; value >= 0x80; value >>= 7) put_byte(e, (int)(value & 0x7F) | 0x80);
    put_byte(e, (int)value);
}

static int put_number(encoder *e, int idx) {
    if (room(e, 11) != 0) return -1;
    if (lua_isinteger(e->L, idx)) {
        lua_Integer value = lua_tointegerx(e->L, idx, NULL);
        if (value >= 0 && value < 128) {
            put_byte(e, NJ_P_SMALL | (int)value);
        } else {
            put_byte(e, NJ_P_INTEGER);
            put_varint(e, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
        }
        return 0;
    }
    double number = lua_tonumberx(e->L, idx, NULL);
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    put_byte(e, NJ_P_FLOAT);
    for (int i = 0; i < 8; i++) put_byte(e, (int)(bits >> (8 * i) & 0xFF));
    return 0;
}

static int put_bytes(encoder *e, int tag, const char *bytes, size_t len) {
    if (len > NJ_BUF_MAX) return fail(e, NJ_ESIZE, " does not fit: too much data");
    if (room(e, len + 11) != 0) return -1;
    if (tag == NJ_P_STRING && len < 64) {
        put_byte(e, NJ_P_SHORT | (int)len);
    } else {
        put_byte(e, tag);
        put_varint(e, len);
    }
    if (len > 0) memcpy(e->out->data + e->out->len, bytes, len);
    e->out->len += len;
    return 0;
}

/// A table met again: does it contain itself, or is it merely shared?
static int fail_seen(encoder *e, int idx) {
    const void *table = lua_topointer(e->L, idx);
    for (int i = idx - 1; i > 0; i--) {
        if (lua_type(e->L, i) != LUA_TTABLE || lua_topointer(e->L, i) != table) continue;
        return fail(e, NJ_ECYCLE, " is a table that contains itself");
    }
    return fail(e, NJ_ESHARED, " is a table that occurs twice");
}

/// How many elements 1..n come first in the iteration, and how many members follow.
static void count_entries(lua_State *L, int idx, lua_Integer *elements, lua_Integer *members) {
    *elements = *members = 0;
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        lua_settop(L, -2);
        if (*members == 0 && lua_isinteger(L, -1) && lua_tointegerx(L, -1, NULL) == *elements + 1) ++*elements;
        else ++*members;
    }
}

static int put_entries(encoder *e, int idx, lua_Integer elements) {
    lua_State *L = e->L;
    int level = e->depth - 1;
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        if (elements > 0) {
            elements--;
        } else if (lua_type(L, -2) == LUA_TTABLE || encode_at(e, idx + 1) != 0) {
            if (e->code == NJ_OK) fail(e, NJ_EKEY, " has a table as a key");
            else if (e->code == NJ_ETYPE) e->what = " has a key that is not plain data";
            e->steps = level;
            return -1;
        }
        if (encode_at(e, idx + 2) != 0) {
            e->path[level] = nj_path_key(L, idx + 1);
            return -1;
        }
        lua_settop(L, idx + 1);
    }
    return 0;
}

static int put_table(encoder *e, int idx) {
    lua_State *L = e->L;
    if (e->depth == e->depth_max) return fail(e, NJ_EDEPTH, " is nested too deep");
    if (!lua_checkstack(L, SLOTS_PER_LEVEL)) return fail(e, NJ_EMEMORY, " does not fit: Lua's stack is full");
    int seen = set_add(&e->seen, lua_topointer(L, idx));
    if (seen < 0) return fail(e, NJ_EMEMORY, " does not fit: out of memory");
    if (seen > 0) return fail_seen(e, idx);
    const void *mark = nj_metatable_identity(L, idx);
    if (mark != NULL && mark != e->array_mark) return fail(e, NJ_ETYPE, " has a metatable");
    lua_Integer elements, members;
    count_entries(L, idx, &elements, &members);
    if (room(e, 22) != 0) return -1;
    put_byte(e, mark != NULL ? NJ_P_ARRAY : NJ_P_TABLE);
    put_varint(e, (uint64_t)elements);
    put_varint(e, (uint64_t)members);
    e->depth++;
    if (put_entries(e, idx, elements) != 0) return -1;
    e->depth--;
    return 0;
}

static int put_tag(encoder *e, int tag) {
    if (room(e, 1) != 0) return -1;
    put_byte(e, tag);
    return 0;
}

/// Writes the value at the absolute index; tables only when they are on top of the stack.
static int encode_at(encoder *e, int idx) {
    lua_State *L = e->L;
    size_t len;
    switch (lua_type(L, idx)) {
    case LUA_TNIL: return put_tag(e, NJ_P_NIL);
    case LUA_TBOOLEAN: return put_tag(e, lua_toboolean(L, idx) ? NJ_P_TRUE : NJ_P_FALSE);
    case LUA_TNUMBER: return put_number(e, idx);
    case LUA_TTABLE: return put_table(e, idx);
    case LUA_TSTRING: {
        const char *bytes = lua_tolstring(L, idx, &len);
        return put_bytes(e, NJ_P_STRING, bytes, len);
    }
    case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(L, idx) == nj_json_null()) return put_tag(e, NJ_P_NULL);
        return fail(e, NJ_ETYPE, " is a userdata");
    case LUA_TUSERDATA: {
        const void *mark = nj_metatable_identity(L, idx);
        if (mark == NULL || mark != e->raw_mark) return fail(e, NJ_ETYPE, " is a userdata");
        return put_bytes(e, NJ_P_RAW, lua_touserdata(L, idx), lua_rawlen(L, idx));
    }
    case LUA_TFUNCTION: return fail(e, NJ_ETYPE, " is a function");
    case LUA_TTHREAD: return fail(e, NJ_ETYPE, " is a coroutine");
    default: return fail(e, NJ_ETYPE, " is no value");
    }
}

int nj_plain_encode(lua_State *L, int idx, nj_buf *out, const nj_plain_limits *limits, nj_plain_error *error) {
    size_t bytes = limits ? limits->bytes : NJ_PLAIN_BYTES;
    size_t start = out->len;
    encoder e;
    e.L = L;
    e.out = out;
    e.limit = bytes > NJ_BUF_MAX ? NJ_BUF_MAX : start + bytes;
    e.depth_max = limits ? limits->depth : NJ_PLAIN_DEPTH;
    if (e.depth_max > NJ_DEPTH_MAX) e.depth_max = NJ_DEPTH_MAX;
    e.depth = 0;
    e.code = NJ_OK;
    e.steps = 0;
    idx = lua_absindex(L, idx);
    int top = lua_gettop(L);
    if (!lua_checkstack(L, SLOTS_PER_LEVEL)) {
        return nj_path_report(error, NJ_EMEMORY, 0, e.path, 0, " does not fit: Lua's stack is full");
    }
    e.seen.slots = e.seen.local;
    e.seen.mask = sizeof e.seen.local / sizeof e.seen.local[0] - 1;
    e.seen.count = 0;
    memset(e.seen.local, 0, sizeof e.seen.local);
    e.array_mark = nj_json_array_identity(L);
    e.raw_mark = nj_json_raw_identity(L);
    lua_pushvalue(L, idx);
    int result = put_tag(&e, NJ_PLAIN_VERSION);
    if (result == 0) result = encode_at(&e, top + 1);
    if (result == 0 && out->len > e.limit) result = fail(&e, NJ_ESIZE, " does not fit: too much data");
    set_free(&e.seen);
    if (result != 0) {
        nj_path_report(error, e.code, out->len - start, e.path, e.steps, e.what);
        out->len = start;
    }
    lua_settop(L, top);
    return result == 0 ? NJ_OK : e.code;
}
