/// Readers: from a message that was scanned to a table of the fields in their types.
///
/// May raise Lua's memory error at any push, so nothing here owns memory outside Lua.
#include "nj_json_reader.h"

#include <lauxlib.h>
#include <stdio.h>

#include "nj_json_lua.h"
#include "nj_text.h"

/// Bytes of a value that an error shows.
enum { SHOWN_MAX = 64 };

static int fail(lua_State *L, const char *code, const char *detail) {
    lua_settop(L, 1);
    lua_pushnil(L);
    lua_pushstring(L, code);
    lua_pushstring(L, detail);
    return 3;
}

static int fail_missing(lua_State *L, const nj_reader *r, const nj_reader_kind *kind, const nj_reader_field *field) {
    char detail[NJ_ERROR_DETAIL_MAX];
    const nj_reader_name *of = &r->names[kind->name], *name = &r->names[field->name];
    snprintf(detail, sizeof detail, "%.*s lacks %.*s", of->len, of->text, name->len, name->text);
    return fail(L, "invalid_value", detail);
}

static int fail_value(lua_State *L, const nj_reader_pass *p, const nj_reader_value *m, const nj_reader_kind *kind, const nj_reader_field *field) {
    static const char *const types[] = {"integer", "number", "boolean", "string"};
    char detail[NJ_ERROR_DETAIL_MAX + SHOWN_MAX];
    const nj_reader_name *of = &p->reader->names[kind->name], *name = &p->reader->names[field->name];
    const char *value = (const char *)p->c.start + m->value;
    size_t len = m->len;
    int cut = len > SHOWN_MAX;
    if (cut) {
        // Not in the middle of a character.
        for (len = SHOWN_MAX; len > 0 && ((nj_byte)value[len] & 0xC0) == 0x80;) len--;
    }
    snprintf(
        detail, sizeof detail, "%.*s: %.*s is %.*s%s, no %s", of->len, of->text, name->len, name->text, (int)len, value,
        cut ? "…" : "", types[field->type]);
    return fail(L, "invalid_value", detail);
}

/// Decimal digits with a sign, all of them, within 64 bits.
static int read_integer(const char *text, size_t len, int64_t *value) {
    const size_t unchecked = 18;  // so many digits are below 2^63, whatever they are
    size_t i = 0, first;
    int negative = len > 0 && text[0] == '-';
    uint64_t sum = 0;
    if (negative) i++;
    if (i == len || len - i > 20) return 0;
    first = i;
    for (size_t end = len - first > unchecked ? first + unchecked : len; i < end; i++) {
        unsigned digit = (unsigned)(nj_byte)text[i] - '0';
        if (digit > 9) return 0;
        sum = sum * 10 + digit;
    }
    for (; i < len; i++) {
        unsigned digit = (unsigned)(nj_byte)text[i] - '0';
        if (digit > 9 || sum > (UINT64_MAX - digit) / 10) return 0;
        sum = sum * 10 + digit;
    }
    if (sum > (uint64_t)INT64_MAX + (uint64_t)negative) return 0;
    *value = negative ? (int64_t)(0 - sum) : (int64_t)sum;
    return 1;
}

static int push_number(lua_State *L, const char *text, size_t len) {
    const nj_byte *start = (const nj_byte *)text;
    nj_cursor c = {.start = start, .p = start, .end = start + len};
    nj_number number;
    int64_t integer;
    double real;
    if (len == 0 || (*start != '-' && !(nj_text_class[*start] & NJ_C_DIGIT))) return 0;
    if (nj_text_number(&c, &number) != 0 || c.p != c.end) return 0;
    switch (nj_number_value(&number, start, len, &integer, &real)) {
    case 1: lua_pushinteger(L, integer); return 1;
    case 2: lua_pushnumber(L, real); return 1;
    default: return 0;
    }
}

static int push_boolean(lua_State *L, const char *text, size_t len) {
    int value;
    if (len == 1 && (*text == '0' || *text == '1')) value = *text == '1';
    else if (len == 4 && memcmp(text, "true", 4) == 0) value = 1;
    else if (len == 5 && memcmp(text, "false", 5) == 0) value = 0;
    else return 0;
    lua_pushboolean(L, value);
    return 1;
}

static void push_string(lua_State *L, const nj_reader_pass *p, const nj_reader_value *m) {
    const nj_byte *begin = p->c.start + m->value + 1;
    size_t len = m->len - 2;
    if (!m->escaped) {
        lua_pushlstring(L, (const char *)begin, len);
        return;
    }
    char *scratch = lua_newuserdatauv(L, len, 0);
    char *end = nj_text_unescape(begin, begin + len, scratch);
    lua_pushlstring(L, scratch, (size_t)(end - scratch));
    lua_replace(L, -2);
}

/// Pushes the value in the field's type: of a string what is in it, of a number or boolean its text. 1, or 0 and nothing
/// pushed when it is something else.
static int push_typed(lua_State *L, const nj_reader_pass *p, const nj_reader_value *m, int type) {
    const char *text = (const char *)p->c.start + m->value;
    size_t len = m->len;
    char local[64];
    if (m->type == NJ_JSON_STRING) {
        if (type == NJ_READ_STRING) {
            push_string(L, p, m);
            return 1;
        }
        text = nj_reader_content(p, m, local, sizeof local, &len);
        if (text == NULL) return 0;
    } else if (m->type == NJ_JSON_ARRAY || m->type == NJ_JSON_OBJECT) {
        return 0;
    } else if ((m->type == NJ_JSON_TRUE || m->type == NJ_JSON_FALSE) && type != NJ_READ_BOOLEAN) {
        return 0;
    }
    int64_t integer;
    switch (type) {
    case NJ_READ_INTEGER:
        if (!read_integer(text, len, &integer)) return 0;
        lua_pushinteger(L, integer);
        return 1;
    case NJ_READ_NUMBER: return push_number(L, text, len);
    case NJ_READ_BOOLEAN: return push_boolean(L, text, len);
    default: lua_pushlstring(L, text, len); return 1;
    }
}

// Stack of a reader: 1 the text, 2 the keys, 3 the record.
enum { AT_TEXT = 1, AT_KEYS, AT_RECORD };

/// The record is complete: its raw text and its metatable.
static int finish(lua_State *L, const nj_reader *r) {
    lua_rawgeti(L, AT_KEYS, r->raw + 1);
    lua_pushvalue(L, AT_TEXT);
    lua_rawset(L, AT_RECORD);
    lua_pushvalue(L, lua_upvalueindex(NJ_READER_META));
    lua_setmetatable(L, AT_RECORD);
    lua_settop(L, AT_RECORD);
    return 1;
}

/// A record of an unknown kind is the object as it is.
static int read_open(lua_State *L, const nj_reader_pass *p, const nj_json_limits *limits) {
    nj_json_error error;
    const char *text = (const char *)p->c.start + p->object;
    if (nj_json_push(L, text, p->object_len, limits, &error) != NJ_OK) return fail(L, "invalid_json", error.detail);
    return finish(L, p->reader);
}

static int read_known(lua_State *L, const nj_reader_pass *p, int kind_number) {
    const nj_reader *r = p->reader;
    const nj_reader_kind *kind = &r->kinds[kind_number];
    const nj_reader_field *fields = r->fields + kind->field;
    const uint8_t *field_of = r->field_of + (size_t)kind_number * (size_t)r->name_count;
    uint64_t have = 0, met = 0;
    // The name of the kind is among the members; the raw text is not.
    lua_createtable(L, 0, p->count < kind->fields + 1 ? p->count + 1 : kind->fields + 2);
    lua_rawgeti(L, AT_KEYS, r->kind_name + 1);
    lua_rawgeti(L, AT_KEYS, kind->name + 1);
    lua_rawset(L, AT_RECORD);
    // Backwards: of equal members the last one counts.
    for (int i = p->count - 1; i >= 0; i--) {
        const nj_reader_value *m = &p->members[i];
        int number = m->name < 0 ? NJ_READER_NO_FIELD : field_of[m->name];
        uint64_t mark = number == NJ_READER_NO_FIELD ? 0 : (uint64_t)1 << number;
        if (mark == 0 || (met & mark)) continue;
        met |= mark;
        if (m->type == NJ_JSON_NULL) continue;
        const nj_reader_field *field = &fields[number];
        lua_rawgeti(L, AT_KEYS, m->name + 1);
        if (!push_typed(L, p, m, field->type)) return fail_value(L, p, m, kind, field);
        lua_rawset(L, AT_RECORD);
        have |= mark;
    }
    if ((have & kind->needed) != kind->needed) {
        int missing = 0;
        while ((kind->needed & ~have & (uint64_t)1 << missing) == 0) missing++;
        return fail_missing(L, r, kind, &fields[missing]);
    }
    for (int i = 0; i < kind->fields; i++) {
        if (!fields[i].has_default || (have & (uint64_t)1 << i)) continue;
        lua_rawgeti(L, AT_KEYS, fields[i].name + 1);
        lua_rawgeti(L, lua_upvalueindex(NJ_READER_DEFAULTS), fields[i].place);
        lua_rawset(L, AT_RECORD);
    }
    return finish(L, r);
}

int nj_reader_read(lua_State *L) {
    nj_reader *r = lua_touserdata(L, lua_upvalueindex(NJ_READER_SELF));
    const nj_json_limits *limits = lua_touserdata(L, lua_upvalueindex(NJ_READER_LIMITS));
    nj_reader_pass p;
    nj_json_error error;
    char local[6 * NJ_READER_NAME_MAX];
    size_t len;
    luaL_checktype(L, 1, LUA_TSTRING);
    const char *text = lua_tolstring(L, 1, &len);
    lua_settop(L, 1);
    luaL_checkstack(L, 8, NULL);
    p.reader = r;
    int other = nj_reader_scan(&p, text, len, limits);
    if (other < 0) {
        nj_text_report(&p.c, &error);
        return fail(L, "invalid_json", error.detail);
    }
    if (other) return fail(L, "no_match", "an object expected");
    if (p.met != ((uint32_t)1 << r->envelope_count) - 1) return fail(L, "no_match", "the envelope is another one");
    if (p.count < 0) return fail(L, "no_match", "the record is missing");
    if (p.count > NJ_READER_MEMBERS) return fail(L, "invalid_value", "more than 128 members");
    const char *name = p.kind >= 0 ? nj_reader_content(&p, &p.members[p.kind], local, sizeof local, &len) : NULL;
    if (name == NULL) return fail(L, "no_match", "the record tells no kind");
    lua_pushvalue(L, lua_upvalueindex(NJ_READER_KEYS));
    int found = nj_reader_find_name(r, name, len);
    int kind = found >= 0 ? r->kind_of[found] : NJ_READER_NONE;
    return kind >= 0 ? read_known(L, &p, kind) : read_open(L, &p, limits);
}
