/// JSON to Lua stack. May raise Lua's memory error at any push, so nothing here owns memory outside Lua.
#include "codec/nj_json.h"

#include "nj_json_lua.h"
#include "nj_text.h"

/// Elements and members wait on the stack until their number is known, so that the table is made in its final size.
/// More than these: the table is made at once and grows.
enum { ELEMENTS_WAITING = 32, MEMBERS_WAITING = 16 };

/// Stack slots one level needs: the waiting values, the table and a copy of the array mark.
enum { SLOTS_PER_LEVEL = 2 * MEMBERS_WAITING + 8 };

/// Escaped strings up to this are unescaped on the C stack, longer ones in a userdata (which a jump cannot leak).
enum { UNESCAPE_LOCAL = 512 };

typedef struct decoder {
    nj_cursor c;
    lua_State *L;
    const volatile sig_atomic_t *stop;
    int array_mark;   ///< stack index of the arrays' metatable
    int key_escaped;  ///< the last member's key was written with escapes
    int raw_names;    ///< stack index of the first name whose top-level value stays raw
    int raw_count;    ///< how many such names
    int raw_depth;    ///< `c.depth` inside the top-level object
} decoder;

static int decode_value(decoder *d);

/// Pushes an escaped string. Apart from `decode_string`, whose frame is part of the recursion.
__attribute__((noinline)) static void push_unescaped(lua_State *L, const nj_byte *begin, size_t len) {
    if (len <= UNESCAPE_LOCAL) {
        char local[UNESCAPE_LOCAL];
        char *end = nj_text_unescape(begin, begin + len, local);
        lua_pushlstring(L, local, (size_t)(end - local));
        return;
    }
    char *scratch = lua_newuserdatauv(L, len, 0);
    char *end = nj_text_unescape(begin, begin + len, scratch);
    lua_pushlstring(L, scratch, (size_t)(end - scratch));
    lua_replace(L, -2);
}

/// Pushes the string whose opening quotation mark was passed; the cursor is left behind the closing one.
/// 1 if it was escaped, 0 if not, -1 on a fault.
static int decode_string(decoder *d) {
    const nj_byte *begin = d->c.p;
    int escaped = nj_text_string(&d->c);
    if (escaped < 0) return -1;
    size_t len = (size_t)(d->c.p - begin);
    d->c.p++;
    if (escaped) push_unescaped(d->L, begin, len);
    else lua_pushlstring(d->L, (const char *)begin, len);
    return escaped;
}

static int decode_number(decoder *d) {
    const nj_byte *begin = d->c.p;
    nj_number number;
    if (nj_text_number(&d->c, &number) != 0) return -1;
    int64_t integer;
    double real;
    switch (nj_number_value(&number, begin, (size_t)(d->c.p - begin), &integer, &real)) {
    case 1: lua_pushinteger(d->L, integer); return 0;
    case 2: lua_pushnumber(d->L, real); return 0;
    default:
        d->c.p = begin;
        return nj_text_fault(&d->c, NJ_ENUMBER, "number out of range");
    }
}

/// Opens a container: depth, stack, and an empty slot where its table will be. The cursor is left behind the bracket.
static int open_container(decoder *d) {
    if (d->c.depth == 0) return nj_text_fault(&d->c, NJ_EDEPTH, "nested too deep");
    if (!lua_checkstack(d->L, SLOTS_PER_LEVEL)) return nj_text_fault(&d->c, NJ_EMEMORY, "Lua's stack is full");
    d->c.depth--;
    d->c.p++;
    nj_text_space(&d->c);
    lua_pushnil(d->L);
    return 0;
}

/// After an element or member: 1 go on, 0 closed, -1 fault.
static int next_or_close(decoder *d, nj_byte close) {
    nj_cursor *c = &d->c;
    nj_text_space(c);
    if (c->p == c->end) return nj_text_fault(c, NJ_ESYNTAX, "unfinished array or object");
    nj_byte b = *c->p;
    if (b != ',' && b != close) return nj_text_fault(c, NJ_ESYNTAX, "',' or closing bracket expected");
    c->p++;
    if (b == close) {
        c->depth++;
        return 0;
    }
    nj_text_space(c);
    return 1;
}

/// Replaces the empty slot by an array of the `waiting` values above it, which are taken off the stack.
static void make_array(decoder *d, int slot, int waiting, int size) {
    lua_State *L = d->L;
    lua_createtable(L, size, 0);
    lua_replace(L, slot);
    for (int i = waiting; i > 0; i--) lua_rawseti(L, slot, i);
    lua_pushvalue(L, d->array_mark);
    lua_setmetatable(L, slot);
}

static int decode_array(decoder *d) {
    if (open_container(d) != 0) return -1;
    int slot = lua_gettop(d->L);
    if (d->c.p < d->c.end && *d->c.p == ']') {
        d->c.p++;
        d->c.depth++;
        make_array(d, slot, 0, 0);
        return 0;
    }
    lua_Integer count = 0;
    for (;;) {
        const nj_byte *p = d->c.p, *end = d->c.end;
        // Most elements of our messages are small numbers; they skip the general way.
        if (end - p > 3 && (nj_text_class[*p] & NJ_C_DIGIT) && (p[1] == ',' || p[1] == ']')) {
            lua_pushinteger(d->L, *p - '0');
            d->c.p = p + 1;
        } else if (end - p > 3 && *p >= '1' && *p <= '9' && (nj_text_class[p[1]] & NJ_C_DIGIT) &&
                   (p[2] == ',' || p[2] == ']')) {
            lua_pushinteger(d->L, (*p - '0') * 10 + p[1] - '0');
            d->c.p = p + 2;
        } else if (decode_value(d) != 0) {
            return -1;
        }
        count++;
        if (count > ELEMENTS_WAITING) lua_rawseti(d->L, slot, count);
        int more = next_or_close(d, ']');
        if (more < 0) return -1;
        if (count == ELEMENTS_WAITING && more) make_array(d, slot, ELEMENTS_WAITING, 2 * ELEMENTS_WAITING);
        if (!more) break;
    }
    if (count <= ELEMENTS_WAITING) make_array(d, slot, (int)count, (int)count);
    return 0;
}

/// Is the key on top of the stack one whose value stays raw here?
static int stays_raw(const decoder *d) {
    if (d->c.depth != d->raw_depth) return 0;
    for (int i = 0; i < d->raw_count; i++) {
        if (lua_rawequal(d->L, -1, d->raw_names + i)) return 1;
    }
    return 0;
}

/// Checks the value at the cursor and pushes its text as a raw value. It goes on as it is, so nothing in it is mended.
static int push_raw_value(decoder *d) {
    const nj_byte *begin = d->c.p;
    int mends = d->c.mends;
    d->c.mends = 0;
    if (nj_text_skip(&d->c) != 0) return -1;
    d->c.mends = mends;
    nj_json_push_raw(d->L, (const char *)begin, (size_t)(d->c.p - begin));
    return 0;
}

/// Pushes a member's key and value.
static int decode_member(decoder *d) {
    nj_cursor *c = &d->c;
    if (c->p == c->end || *c->p != '"') return nj_text_fault(c, NJ_ESYNTAX, "key expected");
    c->p++;
    int escaped = decode_string(d);
    if (escaped < 0) return -1;
    nj_text_space(c);
    if (c->p == c->end || *c->p != ':') return nj_text_fault(c, NJ_ESYNTAX, "':' expected");
    c->p++;
    nj_text_space(c);
    if (d->raw_count > 0 && stays_raw(d)) {
        if (push_raw_value(d) != 0) return -1;
    } else if (decode_value(d) != 0) {
        return -1;
    }
    d->key_escaped = escaped;
    return 0;
}

/// The last of equal keys wins: if the key of the member on top is waiting already, its value is replaced there.
/// 1 if so (and the member is gone from the top).
static int replace_waiting(lua_State *L, int slot, int waiting) {
    int top = lua_gettop(L);
    for (int i = 0; i < waiting; i++) {
        if (!lua_rawequal(L, slot + 1 + 2 * i, top - 1)) continue;
        lua_replace(L, slot + 2 + 2 * i);
        lua_settop(L, -2);
        return 1;
    }
    return 0;
}

static void make_object(lua_State *L, int slot, int waiting, int size) {
    lua_createtable(L, 0, size);
    lua_replace(L, slot);
    for (int i = 0; i < waiting; i++) lua_rawset(L, slot);
}

/// A few bits that tell most keys apart, so that hardly any key must be compared with the waiting ones.
static uint64_t key_bit(const nj_byte *key, const nj_byte *end) {
    unsigned sum = 0;
    for (int i = 0; i < 8 && key < end && *key != '"'; i++) sum = sum * 31 + *key++;
    return (uint64_t)1 << ((sum ^ sum >> 6) & 63);
}

static int decode_object(decoder *d) {
    if (open_container(d) != 0) return -1;
    lua_State *L = d->L;
    int slot = lua_gettop(L);
    if (d->c.p < d->c.end && *d->c.p == '}') {
        d->c.p++;
        d->c.depth++;
        make_object(L, slot, 0, 0);
        return 0;
    }
    int waiting = 0, made = 0;
    int escapes = 0;  // an escaped key may equal one spelled differently
    uint64_t seen = 0;
    for (;;) {
        uint64_t bit = d->c.p < d->c.end ? key_bit(d->c.p + 1, d->c.end) : 0;
        if (decode_member(d) != 0) return -1;
        if (made) {
            lua_rawset(L, slot);
        } else {
            escapes |= d->key_escaped;
            if (!((seen & bit) || escapes) || !replace_waiting(L, slot, waiting)) waiting++;
            seen |= bit;
        }
        int more = next_or_close(d, '}');
        if (more < 0) return -1;
        if (waiting == MEMBERS_WAITING && more && !made) {
            make_object(L, slot, waiting, 2 * MEMBERS_WAITING);
            made = 1;
        }
        if (!more) break;
    }
    if (!made) make_object(L, slot, waiting, waiting);
    return 0;
}

static int decode_value(decoder *d) {
    nj_cursor *c = &d->c;
    if (d->stop != NULL && *d->stop) return nj_text_fault(c, NJ_ESTOPPED, "the script took too long");
    if (c->p == c->end) return nj_text_fault(c, NJ_ESYNTAX, "value expected");
    switch (*c->p) {
    case '"':
        c->p++;
        return decode_string(d) < 0 ? -1 : 0;
    case '{': return decode_object(d);
    case '[': return decode_array(d);
    case 't':
        lua_pushboolean(d->L, 1);
        return nj_text_literal(c, "true", 4);
    case 'f':
        lua_pushboolean(d->L, 0);
        return nj_text_literal(c, "false", 5);
    case 'n':
        lua_pushlightuserdata(d->L, nj_json_null());
        return nj_text_literal(c, "null", 4);
    case '-': case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9':
        return decode_number(d);
    default: return nj_text_fault(c, NJ_ESYNTAX, "value expected");
    }
}

static int decode_text(decoder *d) {
    nj_text_space(&d->c);
    if (decode_value(d) != 0) return -1;
    nj_text_space(&d->c);
    return d->c.p == d->c.end ? 0 : nj_text_fault(&d->c, NJ_ESYNTAX, "text after the value");
}

int nj_json_push_partly(
    lua_State *L, const char *text, size_t len, const nj_json_limits *limits, int raw_names, int raw_count, int mends,
    nj_json_error *error) {
    const nj_byte *start = (const nj_byte *)text;
    int top = lua_gettop(L);
    decoder d = {.c = {.start = start, .p = start, .end = start + len}, .L = L, .array_mark = top + 1};
    d.c.depth = limits ? limits->depth : NJ_JSON_DEPTH;
    if (d.c.depth > NJ_DEPTH_MAX) d.c.depth = NJ_DEPTH_MAX;
    d.stop = limits ? limits->stop : NULL;
    d.raw_names = raw_names;
    d.raw_count = raw_count;
    d.raw_depth = d.c.depth - 1;
    d.c.mends = mends;
    if (len > (limits ? limits->bytes : NJ_JSON_BYTES)) {
        nj_text_fault(&d.c, NJ_ESIZE, "text too large");
    } else if (!lua_checkstack(L, SLOTS_PER_LEVEL)) {
        nj_text_fault(&d.c, NJ_EMEMORY, "Lua's stack is full");
    } else {
        nj_json_push_array_mark(L);
        if (decode_text(&d) == 0) {
            lua_replace(L, d.array_mark);
            return NJ_OK;
        }
    }
    lua_settop(L, top);
    return nj_text_report(&d.c, error);
}

int nj_json_push(lua_State *L, const char *text, size_t len, const nj_json_limits *limits, nj_json_error *error) {
    return nj_json_push_partly(L, text, len, limits, 0, 0, 0, error);
}
