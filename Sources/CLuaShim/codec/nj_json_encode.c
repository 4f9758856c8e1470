/// Lua stack to JSON. Nothing here raises: raw access, no metamethods, no allocation in Lua.
#include "codec/nj_json.h"

#include <math.h>
#include <stdlib.h>

#include "nj_frozen.h"
#include "nj_json_lua.h"
#include "nj_path.h"
#include "nj_text.h"

typedef struct encoder {
    lua_State *L;
    nj_buf *out;
    size_t start;  ///< length of `out` before this value
    size_t limit;  ///< length it may reach
    const volatile sig_atomic_t *stop;
    int form;
    int depth_max;
    int depth;
    const void *array_mark;
    const void *raw_mark;
    int code;
    const char *what;  ///< goes behind the path
    int steps;         ///< length of the path; its steps are filled in on the way out
    nj_path_step path[NJ_DEPTH_MAX];
} encoder;

/// Free slots that one level needs on Lua's stack.
enum { SLOTS_PER_LEVEL = 6 };

static int encode_top(encoder *e);

static int fail(encoder *e, int code, const char *what) {
    e->code = code;
    e->what = what;
    e->steps = e->depth;
    return -1;
}

/// Notes on the way out of an error under which key (at `idx`) the value was found. Always -1.
static int passed(encoder *e, int level, int idx) {
    e->path[level] = nj_path_key(e->L, idx);
    return -1;
}

static int passed_index(encoder *e, int level, lua_Integer index) {
    e->path[level] = (nj_path_step){.is_integer = 1, .integer = index};
    return -1;
}

static inline int room(encoder *e, size_t extra) {
    nj_buf *out = e->out;
    if (e->stop != NULL && *e->stop) return fail(e, NJ_ESTOPPED, " was not reached: the script took too long");
    if (out->len > e->limit) return fail(e, NJ_ESIZE, " does not fit: the text is too large");
    if (out->cap - out->len >= extra) return 0;
    return nj_buf_reserve(out, extra) == 0 ? 0 : fail(e, NJ_EMEMORY, " does not fit: out of memory");
}

static inline int put(encoder *e, const char *text, size_t len) {
    if (room(e, len) != 0) return -1;
    memcpy(e->out->data + e->out->len, text, len);
    e->out->len += len;
    return 0;
}

static int put_string(encoder *e, int idx) {
    size_t len;
    const char *text = lua_tolstring(e->L, idx, &len);
    if (e->out->len > e->limit || len > e->limit - e->out->len) {
        return fail(e, NJ_ESIZE, " does not fit: the text is too large");
    }
    switch (nj_json_quote(text, len, e->out)) {
    case 0: return 0;
    case -2: return fail(e, NJ_EUTF8, " is not UTF-8");
    default: return fail(e, NJ_EMEMORY, " does not fit: out of memory");
    }
}

static int put_number(encoder *e) {
    if (room(e, NJ_NUMBER_TEXT_MAX) != 0) return -1;
    char *to = e->out->data + e->out->len;
    if (lua_isinteger(e->L, -1)) {
        to = nj_format_integer(to, lua_tointegerx(e->L, -1, NULL));
    } else {
        double value = lua_tonumberx(e->L, -1, NULL);
        if (isnan(value)) return fail(e, NJ_ENUMBER, " is NaN");
        if (isinf(value)) return fail(e, NJ_ENUMBER, " is infinite");
        to = nj_format_double(to, value);
    }
    e->out->len = (size_t)(to - e->out->data);
    return 0;
}

/// Writes the member whose key (at `key`) and value are on top of the stack; leaves both there.
static int put_member(encoder *e, int key, int comma) {
    lua_State *L = e->L;
    int level = e->depth - 1;
    if (lua_type(L, key) != LUA_TSTRING) {
        int number = lua_type(L, key) == LUA_TNUMBER;
        fail(e, NJ_EKEY, number ? " is a numbered entry of an object" : " has a key that is no string");
        if (!number) e->steps = level;
        return passed(e, level, key);
    }
    if (comma && put(e, ",", 1) != 0) return passed(e, level, key);
    if (put_string(e, key) != 0) {
        if (e->code == NJ_EUTF8) {
            e->what = " has a key that is not UTF-8";
            e->steps = level;
        }
        return passed(e, level, key);
    }
    if (put(e, ":", 1) != 0 || encode_top(e) != 0) return passed(e, level, key);
    return 0;
}

/// Writes the members of the object at `idx`; its first key and value are on top of the stack.
static int put_members(encoder *e, int idx) {
    int comma = 0;
    do {
        if (put_member(e, idx + 1, comma) != 0) return -1;
        comma = 1;
        lua_settop(e->L, idx + 1);
    } while (lua_next(e->L, idx));
    return 0;
}

typedef struct sort_key {
    const char *text;
    size_t len;
    int idx;
} sort_key;

static int compare_keys(const void *a, const void *b) {
    const sort_key *x = a, *y = b;
    size_t len = x->len < y->len ? x->len : y->len;
    int order = memcmp(x->text, y->text, len);
    if (order != 0) return order;
    return (x->len > y->len) - (x->len < y->len);
}

/// The same in the order of the keys, which wait on the stack meanwhile: making them anew could raise.
static int put_members_sorted(encoder *e, int idx) {
    lua_State *L = e->L;
    size_t count = 0, cap = 0, text = 0;
    sort_key *keys = NULL;
    int result = 0;
    do {
        lua_settop(L, -2);
        // No more keys are sorted than fit into the text, with quotation marks, a colon and a value.
        if (room(e, 0) != 0 || e->out->len + text > e->limit) {
            result = e->code != NJ_OK ? -1 : fail(e, NJ_ESIZE, " does not fit: the text is too large");
            e->steps = e->depth - 1;
            break;
        }
        if (lua_type(L, -1) != LUA_TSTRING) {
            lua_pushvalue(L, -1);
            result = put_member(e, lua_gettop(L) - 1, 0);  // reports the key
            break;
        }
        if (count == cap) {
            cap = cap ? cap * 2 : 32;
            sort_key *more = realloc(keys, cap * sizeof *keys);
            if (more == NULL || !lua_checkstack(L, (int)(cap - count) + SLOTS_PER_LEVEL)) {
                if (more != NULL) keys = more;
                result = fail(e, NJ_EMEMORY, " has too many keys to sort");
                e->steps = e->depth - 1;
                break;
            }
            keys = more;
        }
        keys[count].text = lua_tolstring(L, -1, &keys[count].len);
        keys[count].idx = lua_gettop(L);
        text += keys[count].len + 4;
        count++;
        lua_pushvalue(L, -1);
    } while (lua_next(L, idx));
    if (result == 0 && count > 0) {
        qsort(keys, count, sizeof *keys, compare_keys);
        int top = lua_gettop(L);
        for (size_t i = 0; i < count && result == 0; i++) {
            lua_pushvalue(L, keys[i].idx);
            lua_pushvalue(L, keys[i].idx);
            lua_rawget(L, idx);
            result = put_member(e, top + 1, i > 0);
            if (result == 0) lua_settop(L, top);
        }
    }
    free(keys);
    return result;
}

/// Checks that the keys of the table at `idx` are 1..n; n, or -1 for anything else (and when time is up).
static lua_Integer sequence_length(encoder *e, int idx) {
    lua_State *L = e->L;
    lua_Integer count = 0, largest = 0;
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        if (room(e, 0) != 0) return -1;
        lua_settop(L, -2);
        lua_Integer key = lua_isinteger(L, -1) ? lua_tointegerx(L, -1, NULL) : 0;
        if (key < 1) {
            lua_settop(L, idx);
            return -1;
        }
        if (key > largest) largest = key;
        count++;
    }
    return count == largest ? count : -1;
}

/// The elements from `index` on, of a table whose order of iteration is not that of its indices.
static int put_unordered(encoder *e, int idx, lua_Integer index) {
    int level = e->depth - 1;
    lua_settop(e->L, idx);
    lua_Integer count = sequence_length(e, idx);
    if (count < 0 && e->code == NJ_OK) fail(e, NJ_ESPARSE, " is neither a sequence 1..n nor an object");
    if (count < 0) {
        e->steps = level;
        return -1;
    }
    for (; index <= count; index++) {
        lua_rawgeti(e->L, idx, index);
        if ((index > 1 && put(e, ",", 1) != 0) || encode_top(e) != 0) return passed_index(e, level, index);
        lua_settop(e->L, idx);
    }
    return 0;
}

/// Writes the elements of the array at `idx`; its first key and value are on top of the stack. One pass: as long as the
/// keys come as 1, 2, 3 ... the table can still be a sequence, and at the end it is proven to be one.
static int put_elements(encoder *e, int idx) {
    lua_State *L = e->L;
    nj_buf *out = e->out;
    int level = e->depth - 1;
    lua_Integer index = 1;
    do {
        int exact;
        lua_Integer key = lua_tointegerx(L, -2, &exact);
        if (!exact || key != index || lua_type(L, -2) != LUA_TNUMBER) return put_unordered(e, idx, index);
        if (room(e, NJ_NUMBER_TEXT_MAX + 1) != 0) return passed_index(e, level, index);
        if (index > 1) out->data[out->len++] = ',';
        if (lua_isinteger(L, -1)) {
            char *to = out->data + out->len;
            lua_Integer value = lua_tointegerx(L, -1, NULL);
            if (value >= 0 && value < 10) *to++ = (char)('0' + value);
            else to = nj_format_integer(to, value);
            out->len = (size_t)(to - out->data);
        } else if (encode_top(e) != 0) {
            return passed_index(e, level, index);
        }
        index++;
        lua_settop(L, -2);
    } while (lua_next(L, idx));
    return 0;
}

/// Tells at the depth limit whether the table on top contains itself.
static int fail_depth(encoder *e, int idx) {
    const void *table = lua_topointer(e->L, idx);
    for (int i = idx - 1; i > 0; i--) {
        if (lua_type(e->L, i) == LUA_TTABLE && lua_topointer(e->L, i) == table) {
            return fail(e, NJ_ECYCLE, " is a table that contains itself");
        }
    }
    return fail(e, NJ_EDEPTH, " is nested too deep");
}

static int encode_table(encoder *e) {
    lua_State *L = e->L;
    int idx = lua_gettop(L);
    if (e->depth == e->depth_max) return fail_depth(e, idx);
    if (!lua_checkstack(L, SLOTS_PER_LEVEL)) return fail(e, NJ_EMEMORY, " does not fit: Lua's stack is full");
    const void *mark = nj_metatable_identity(L, idx);
    if (mark != NULL && mark != e->array_mark && nj_frozen_content(L, idx)) {
        lua_replace(L, idx);
        mark = nj_metatable_identity(L, idx);
    }
    int marked = mark != NULL && mark == e->array_mark;
    if (mark != NULL && !marked && (e->form & NJ_JSON_BARE) != 0) return fail(e, NJ_ETYPE, " has a metatable");
    lua_pushnil(L);
    if (!lua_next(L, idx)) return put(e, marked ? "[]" : "{}", 2);
    int array = marked || lua_type(L, -2) == LUA_TNUMBER;
    if (put(e, array ? "[" : "{", 1) != 0) return -1;
    e->depth++;
    int result = array ? put_elements(e, idx) : (e->form & NJ_JSON_SORTED) != 0 ? put_members_sorted(e, idx) : put_members(e, idx);
    if (result != 0) return -1;
    e->depth--;
    if (put(e, array ? "]" : "}", 1) != 0) return -1;
    lua_settop(L, idx);
    return 0;
}

static int encode_userdata(encoder *e) {
    const void *mark = nj_metatable_identity(e->L, -1);
    if (mark == NULL || mark != e->raw_mark) return fail(e, NJ_ETYPE, " is a userdata");
    return put(e, lua_touserdata(e->L, -1), lua_rawlen(e->L, -1));
}

/// Writes the value on top of the stack and leaves it there.
static int encode_top(encoder *e) {
    lua_State *L = e->L;
    switch (lua_type(L, -1)) {
    case LUA_TNUMBER: return put_number(e);
    case LUA_TSTRING: return put_string(e, -1);
    case LUA_TTABLE: return encode_table(e);
    case LUA_TBOOLEAN: return lua_toboolean(L, -1) ? put(e, "true", 4) : put(e, "false", 5);
    case LUA_TNIL: return put(e, "null", 4);
    case LUA_TLIGHTUSERDATA:
        if (lua_touserdata(L, -1) == nj_json_null()) return put(e, "null", 4);
        return fail(e, NJ_ETYPE, " is a userdata");
    case LUA_TUSERDATA: return encode_userdata(e);
    case LUA_TFUNCTION: return fail(e, NJ_ETYPE, " is a function");
    case LUA_TTHREAD: return fail(e, NJ_ETYPE, " is a coroutine");
    default: return fail(e, NJ_ETYPE, " is no value");
    }
}

int nj_json_encode(lua_State *L, int idx, nj_buf *out, const nj_json_limits *limits, int form, nj_json_error *error) {
    size_t bytes = limits ? limits->bytes : NJ_JSON_BYTES;
    encoder e;
    e.L = L;
    e.out = out;
    e.start = out->len;
    e.limit = bytes > NJ_BUF_MAX ? NJ_BUF_MAX : out->len + bytes;
    e.stop = limits ? limits->stop : NULL;
    e.form = form;
    e.depth_max = limits ? limits->depth : NJ_JSON_DEPTH;
    if (e.depth_max > NJ_DEPTH_MAX) e.depth_max = NJ_DEPTH_MAX;
    e.depth = 0;
    e.code = NJ_OK;
    e.steps = 0;
    idx = lua_absindex(L, idx);
    int top = lua_gettop(L);
    if (!lua_checkstack(L, SLOTS_PER_LEVEL)) {
        return nj_path_report(error, NJ_EMEMORY, 0, NULL, e.path, 0, " does not fit: Lua's stack is full");
    }
    e.array_mark = nj_json_array_identity(L);
    e.raw_mark = nj_json_raw_identity(L);
    lua_pushvalue(L, idx);
    int result = encode_top(&e);
    if (result == 0 && out->len > e.limit) result = fail(&e, NJ_ESIZE, " does not fit: the text is too large");
    if (result != 0) {
        nj_path_report(error, e.code, out->len - e.start, NULL, e.path, e.steps, e.what);
        out->len = e.start;
    }
    lua_settop(L, top);
    return result == 0 ? NJ_OK : e.code;
}
