/// Lua stack to plain data. Nothing here raises: raw access, no metamethods, no allocation in Lua.
#include <stdint.h>
#include <string.h>

#include "codec/nj_json.h"
#include "nj_frozen.h"
#include "nj_json_lua.h"
#include "nj_json_reader.h"
#include "nj_plain_encoder.h"
#include "nj_plain_format.h"

typedef nj_plain_encoder encoder;

static int encode_at(encoder *e, int idx);

int nj_plain_fail(encoder *e, int code, const char *what) {
    e->code = code;
    e->type = LUA_TNONE;
    e->what = what;
    e->steps = e->depth;
    return -1;
}

static int fail_type(encoder *e, int type, const char *what) {
    nj_plain_fail(e, NJ_ETYPE, what);
    e->type = type;
    return -1;
}

/// Estimates of what is about to be written may exceed it by this much; the exact length is checked in the end.
enum { ESTIMATE_SLACK = 32 };

int nj_plain_room(encoder *e, size_t extra) {
    nj_buf *out = e->out;
    if (e->stop != NULL && *e->stop) return nj_plain_fail(e, NJ_ESTOPPED, " was not reached: the script took too long");
    if (out->len > e->limit || extra > e->limit + ESTIMATE_SLACK - out->len)
        return nj_plain_fail(e, NJ_ESIZE, " does not fit: too much data");
    if (out->cap - out->len >= extra) return 0;
    return nj_buf_reserve(out, extra) == 0 ? 0 : nj_plain_fail(e, NJ_EMEMORY, " does not fit: out of memory");
}

static void put_byte(encoder *e, int byte) { e->out->data[e->out->len++] = (char)byte; }

void nj_plain_put_varint(encoder *e, uint64_t value) {
    for (; value >= 0x80; value >>= 7) put_byte(e, (int)(value & 0x7F) | 0x80);
    put_byte(e, (int)value);
}

static int put_number(encoder *e, int idx) {
    if (nj_plain_room(e, 11) != 0) return -1;
    if (lua_isinteger(e->L, idx)) {
        lua_Integer value = lua_tointegerx(e->L, idx, NULL);
        if (value >= 0 && value < 128) {
            put_byte(e, NJ_P_SMALL | (int)value);
        } else {
            put_byte(e, NJ_P_INTEGER);
            nj_plain_put_varint(e, ((uint64_t)value << 1) ^ (value < 0 ? UINT64_MAX : 0));
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
    if (len > NJ_BUF_MAX) return nj_plain_fail(e, NJ_ESIZE, " does not fit: too much data");
    if (nj_plain_room(e, len + 11) != 0) return -1;
    if (tag == NJ_P_STRING && len < 64) {
        put_byte(e, NJ_P_SHORT | (int)len);
    } else {
        put_byte(e, tag);
        nj_plain_put_varint(e, len);
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
        return nj_plain_fail(e, NJ_ECYCLE, " is a table that contains itself");
    }
    return nj_plain_fail(e, NJ_ESHARED, " is a table that occurs twice");
}

int nj_plain_enter(encoder *e, int idx, int *tag) {
    lua_State *L = e->L;
    if (e->depth == e->depth_max) return nj_plain_fail(e, NJ_EDEPTH, " is nested too deep");
    if (!lua_checkstack(L, NJ_PLAIN_SLOTS_PER_LEVEL)) return nj_plain_fail(e, NJ_EMEMORY, " does not fit: Lua's stack is full");
    const void *mark = nj_metatable_identity(L, idx);
    if (mark != NULL && mark != e->array_mark && nj_reader_is_record(L, idx)) {
        mark = NULL;
    } else if (mark != NULL && mark != e->array_mark) {
        if (!nj_frozen_content(L, idx)) return fail_type(e, LUA_TTABLE, " has a metatable");
        lua_replace(L, idx);
        mark = nj_metatable_identity(L, idx);
    }
    int seen = nj_seen_add(&e->seen, lua_topointer(L, idx), e->entry);
    if (seen < 0) return nj_plain_fail(e, NJ_EMEMORY, " does not fit: out of memory");
    if (seen > 0) return fail_seen(e, idx);
    *tag = mark != NULL ? NJ_P_ARRAY : NJ_P_TABLE;
    return 0;
}

/// How many elements 1..n come first in the iteration, and how many members follow. 0, or -1 when time is up.
static int count_entries(encoder *e, int idx, lua_Integer *elements, lua_Integer *members) {
    lua_State *L = e->L;
    *elements = *members = 0;
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        if (nj_plain_room(e, 0) != 0) return -1;
        lua_settop(L, -2);
        if (*members == 0 && lua_isinteger(L, -1) && lua_tointegerx(L, -1, NULL) == *elements + 1) ++*elements;
        else ++*members;
    }
    return 0;
}

static int put_entries(encoder *e, int idx, lua_Integer elements) {
    lua_State *L = e->L;
    int level = e->depth - 1;
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        if (elements > 0) {
            elements--;
        } else if (lua_type(L, -2) == LUA_TTABLE || encode_at(e, idx + 1) != 0) {
            if (e->code == NJ_OK) nj_plain_fail(e, NJ_EKEY, " has a table as a key");
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
    lua_Integer elements, members;
    int tag;
    if (nj_plain_enter(e, idx, &tag) != 0) return -1;
    if (count_entries(e, idx, &elements, &members) != 0 || nj_plain_room(e, 22) != 0) return -1;
    put_byte(e, tag);
    nj_plain_put_varint(e, (uint64_t)elements);
    nj_plain_put_varint(e, (uint64_t)members);
    e->depth++;
    if (put_entries(e, idx, elements) != 0) return -1;
    e->depth--;
    return 0;
}

int nj_plain_put_tag(encoder *e, int tag) {
    if (nj_plain_room(e, 1) != 0) return -1;
    put_byte(e, tag);
    return 0;
}

int nj_plain_put_scalar(encoder *e, int idx) {
    lua_State *L = e->L;
    size_t len;
    switch (lua_type(L, idx)) {
    case LUA_TNIL: return nj_plain_put_tag(e, NJ_P_NIL);
    case LUA_TBOOLEAN: return nj_plain_put_tag(e, lua_toboolean(L, idx) ? NJ_P_TRUE : NJ_P_FALSE);
    case LUA_TNUMBER: return put_number(e, idx);
    case LUA_TSTRING: {
        const char *bytes = lua_tolstring(L, idx, &len);
        return put_bytes(e, NJ_P_STRING, bytes, len);
    }
    case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(L, idx) == nj_json_null()) return nj_plain_put_tag(e, NJ_P_NULL);
        return fail_type(e, LUA_TUSERDATA, " is a userdata");
    case LUA_TUSERDATA: {
        const void *mark = nj_metatable_identity(L, idx);
        if (mark == NULL || mark != e->raw_mark) return fail_type(e, LUA_TUSERDATA, " is a userdata");
        return put_bytes(e, NJ_P_RAW, lua_touserdata(L, idx), lua_rawlen(L, idx));
    }
    case LUA_TFUNCTION: return fail_type(e, LUA_TFUNCTION, " is a function");
    case LUA_TTHREAD: return fail_type(e, LUA_TTHREAD, " is a coroutine");
    default: return fail_type(e, LUA_TNONE, " is no value");
    }
}

/// Writes the value at the absolute index; tables only when they are on top of the stack.
static int encode_at(encoder *e, int idx) {
    return lua_type(e->L, idx) == LUA_TTABLE ? put_table(e, idx) : nj_plain_put_scalar(e, idx);
}

void nj_plain_begin(encoder *e, lua_State *L, nj_buf *out, const nj_plain_limits *limits) {
    size_t bytes = limits ? limits->bytes : NJ_PLAIN_BYTES;
    e->L = L;
    e->out = out;
    e->limit = bytes > NJ_BUF_MAX ? NJ_BUF_MAX : out->len + bytes;
    e->stop = limits ? limits->stop : NULL;
    e->depth_max = limits ? limits->depth : NJ_PLAIN_DEPTH;
    if (e->depth_max > NJ_DEPTH_MAX) e->depth_max = NJ_DEPTH_MAX;
    e->depth = 0;
    e->code = NJ_OK;
    e->type = LUA_TNONE;
    e->what = "";
    e->steps = 0;
    e->entry = 1;
    e->array_mark = nj_json_array_identity(L);
    e->raw_mark = nj_json_raw_identity(L);
    nj_seen_init(&e->seen);
}

int nj_plain_encode(lua_State *L, int idx, nj_buf *out, const nj_plain_limits *limits, const char *root, nj_plain_error *error) {
    size_t start = out->len;
    encoder e;
    idx = lua_absindex(L, idx);
    int top = lua_gettop(L);
    if (!lua_checkstack(L, NJ_PLAIN_SLOTS_PER_LEVEL)) {
        return nj_path_report(error, NJ_EMEMORY, 0, root, e.path, 0, " does not fit: Lua's stack is full");
    }
    nj_plain_begin(&e, L, out, limits);
    lua_pushvalue(L, idx);
    int result = nj_plain_put_tag(&e, NJ_PLAIN_VERSION);
    if (result == 0) result = encode_at(&e, top + 1);
    if (result == 0 && out->len > e.limit) result = nj_plain_fail(&e, NJ_ESIZE, " does not fit: too much data");
    nj_seen_free(&e.seen);
    if (result != 0) {
        nj_path_report(error, e.code, out->len - start, root, e.path, e.steps, e.what);
        out->len = start;
    }
    lua_settop(L, top);
    return result == 0 ? NJ_OK : e.code;
}
