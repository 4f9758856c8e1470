/// json.reader: from a table of kinds to a compiled reader.
#include <lauxlib.h>
#include <string.h>

#include "nj_json_lua.h"
#include "nj_json_reader.h"
#include "nj_text.h"

/// Its address is the key in a metatable that says that its tables are records.
static char record_key;

int nj_reader_is_record(lua_State *L, int idx) {
    if (!lua_getmetatable(L, idx)) return 0;
    int type = lua_rawgetp(L, -1, &record_key);
    lua_pop(L, 2);
    return type != LUA_TNIL;
}

// Upvalues of a record's __index.
enum { INDEX_LIMITS = 1, INDEX_PAYLOAD, INDEX_RAW, INDEX_WITHIN };

/// __index(record, key): the member `payload` is the object as it came; decoded when it is first asked for.
static int record_index(lua_State *L) {
    nj_json_error error;
    size_t len;
    lua_settop(L, 2);
    if (!lua_rawequal(L, 2, lua_upvalueindex(INDEX_PAYLOAD)) || lua_type(L, 1) != LUA_TTABLE) return 0;
    lua_pushvalue(L, lua_upvalueindex(INDEX_RAW));
    if (lua_rawget(L, 1) != LUA_TSTRING) return 0;
    const char *text = lua_tolstring(L, 3, &len);
    if (nj_json_push(L, text, len, lua_touserdata(L, lua_upvalueindex(INDEX_LIMITS)), &error) != NJ_OK) return 0;
    if (!lua_isnil(L, lua_upvalueindex(INDEX_WITHIN))) {
        if (lua_type(L, 4) != LUA_TTABLE) return 0;
        lua_pushvalue(L, lua_upvalueindex(INDEX_WITHIN));
        lua_rawget(L, 4);
    }
    lua_pushvalue(L, 2);
    lua_pushvalue(L, -2);
    lua_rawset(L, 1);
    return 1;
}

/// The text at `idx`, which must be a name.
static const char *name_at(lua_State *L, int idx, const char *what, size_t *len) {
    if (lua_type(L, idx) != LUA_TSTRING) luaL_error(L, "json.reader: %s: a text expected", what);
    const char *text = lua_tolstring(L, idx, len);
    if (*len == 0 || *len > NJ_READER_NAME_MAX) luaL_error(L, "json.reader: %s: 1 to %d bytes expected", what, NJ_READER_NAME_MAX);
    // Names are compared with what stands in the text, where other bytes are written as escapes.
    for (size_t i = 0; i < *len; i++) {
        if ((nj_byte)text[i] < 0x20 || text[i] == '"' || text[i] == '\\') {
            luaL_error(L, "json.reader: %s: without quotation marks, backslashes and control characters, please", what);
        }
    }
    if (!nj_utf8_valid(text, *len)) luaL_error(L, "json.reader: %s: UTF-8 expected", what);
    return text;
}

/// Pushes the option, or the text it is by default.
static void push_text_option(lua_State *L, const char *name, const char *otherwise) {
    lua_pushstring(L, name);
    if (lua_rawget(L, 1) == LUA_TNIL && otherwise != NULL) {
        lua_pop(L, 1);
        lua_pushstring(L, otherwise);
    }
}

static int read_type(lua_State *L, const char *text, nj_reader_field *field, const char *name) {
    static const char *const types[] = {"integer", "number", "boolean", "string"};
    size_t len = strlen(text);
    if (len > 0 && text[len - 1] == '?') {
        field->optional = 1;
        len--;
    }
    for (int i = 0; i < 4; i++) {
        if (strlen(types[i]) != len || memcmp(types[i], text, len) != 0) continue;
        field->type = (uint8_t)i;
        return 0;
    }
    return luaL_error(L, "json.reader: field '%s': there is no type '%s'; known are integer, number, boolean, string", name, text);
}

/// Reads the declaration on top of the stack: a type, or a table. Leaves the default in its place, nil if there is none.
static void read_declaration(lua_State *L, nj_reader_field *field, const char *name) {
    field->type = field->optional = field->has_default = 0;
    if (lua_type(L, -1) == LUA_TSTRING) {
        read_type(L, lua_tostring(L, -1), field, name);
        lua_pop(L, 1);
        lua_pushnil(L);
        return;
    }
    if (lua_type(L, -1) != LUA_TTABLE) luaL_error(L, "json.reader: field '%s': a type or a table expected", name);
    lua_pushliteral(L, "type");
    if (lua_rawget(L, -2) != LUA_TSTRING) luaL_error(L, "json.reader: field '%s': a type expected", name);
    read_type(L, lua_tostring(L, -1), field, name);
    lua_pop(L, 1);
    lua_pushliteral(L, "optional");
    lua_rawget(L, -2);
    if (lua_toboolean(L, -1)) field->optional = 1;
    lua_pop(L, 1);
    lua_pushliteral(L, "default");
    lua_rawget(L, -2);
    lua_replace(L, -2);
    if (!lua_isnil(L, -1)) field->optional = field->has_default = 1;
}

// Stack while compiling: 1 options, 2 kinds, 3 keys, 4 defaults, 5 the reader.
enum { AT_KINDS = 2, AT_KEYS, AT_DEFAULTS, AT_READER };

/// Adds the name at `idx`, and its text to the keys. Its number.
static int add_name(lua_State *L, nj_reader *r, int idx, const char *what) {
    size_t len;
    idx = lua_absindex(L, idx);
    const char *text = name_at(L, idx, what, &len);
    int number = nj_reader_add_name(r, text, len);
    lua_pushvalue(L, idx);
    lua_rawseti(L, AT_KEYS, number + 1);
    return number;
}

static int name_order(const nj_reader_name *a, const nj_reader_name *b) {
    int order = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);
    return order != 0 ? order : (int)a->len - (int)b->len;
}

/// Reads the fields of a kind, whose table is on top of the stack, into their places in the order of their names: so the
/// one that is missed first is the same in every state.
static void read_fields(lua_State *L, nj_reader *r, nj_reader_kind *kind) {
    int table = lua_gettop(L);
    nj_reader_field *fields = r->fields + kind->field;
    lua_pushnil(L);
    while (lua_next(L, table)) {
        nj_reader_field field;
        field.name = (int16_t)add_name(L, r, -2, "name of a field");
        lua_pushvalue(L, -1);
        read_declaration(L, &field, lua_tostring(L, -3));
        field.place = kind->field + kind->fields + 1;
        lua_rawseti(L, AT_DEFAULTS, field.place);
        lua_pop(L, 1);
        int at = kind->fields++;
        for (; at > 0 && name_order(&r->names[fields[at - 1].name], &r->names[field.name]) > 0; at--) fields[at] = fields[at - 1];
        fields[at] = field;
    }
    for (int i = 0; i < kind->fields; i++) {
        if (!fields[i].optional) kind->needed |= (uint64_t)1 << i;
    }
}

/// How many members a table has; all keys must be texts.
static int count_members(lua_State *L, int idx, const char *what, int max) {
    int count = 0;
    luaL_argcheck(L, lua_type(L, idx) == LUA_TTABLE, 1, "a table of kinds with tables of fields expected");
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        if (lua_type(L, -2) != LUA_TSTRING) luaL_error(L, "json.reader: %s: only texts as names", what);
        lua_pop(L, 1);
        count++;
    }
    if (count > max) luaL_error(L, "json.reader: %s: at most %d", what, max);
    return count;
}

static int count_fields(lua_State *L) {
    int sum = 0;
    lua_pushnil(L);
    while (lua_next(L, AT_KINDS)) {
        sum += count_members(L, lua_gettop(L), "fields of a kind", NJ_READER_FIELDS);
        lua_pop(L, 1);
    }
    return sum;
}

static void read_kinds(lua_State *L, nj_reader *r) {
    int fields = 0;
    lua_pushnil(L);
    while (lua_next(L, AT_KINDS)) {
        nj_reader_kind *kind = &r->kinds[r->kind_count];
        *kind = (nj_reader_kind){.field = fields};
        kind->name = (int16_t)add_name(L, r, -2, "name of a kind");
        r->kind_of[kind->name] = (int16_t)r->kind_count++;
        read_fields(L, r, kind);
        fields += kind->fields;
        lua_pop(L, 1);
    }
}

/// Which field each name is in each kind; when all names are known.
static void fill_field_of(nj_reader *r) {
    memset(r->field_of, NJ_READER_NO_FIELD, (size_t)r->kind_count * (size_t)r->name_count);
    for (int k = 0; k < r->kind_count; k++) {
        nj_reader_kind *kind = &r->kinds[k];
        for (int i = 0; i < kind->fields; i++) {
            int name = r->fields[kind->field + i].name;
            // The kind's own member is set in any case.
            if (name == r->kind_name) kind->needed &= ~((uint64_t)1 << i);
            else r->field_of[k * r->name_count + name] = (uint8_t)i;
        }
    }
}

static void read_envelope(lua_State *L, nj_reader *r) {
    int table = AT_READER + 1;
    lua_pushliteral(L, "envelope");
    if (lua_rawget(L, 1) != LUA_TNIL) {
        lua_pushnil(L);
        while (lua_next(L, table)) {
            size_t len;
            nj_reader_member *member = &r->envelope[r->envelope_count++];
            member->name = (int16_t)add_name(L, r, -2, "name in the envelope");
            const char *text = name_at(L, -1, "value in the envelope", &len);
            member->len = (uint8_t)len;
            memcpy(member->text, text, len);
            lua_pop(L, 1);
        }
    }
    lua_settop(L, AT_READER);
}

/// Pushes an empty reader with room for what the options name.
static nj_reader *push_reader(lua_State *L, int kinds, int fields, int envelope) {
    // Besides: the kind's member, `within`, `raw`.
    size_t names = (size_t)(kinds + fields + envelope + 3);
    if (names > NJ_READER_NAMES) luaL_error(L, "json.reader: at most %d names in all", NJ_READER_NAMES - 3);
    size_t at[6];
    at[0] = sizeof(nj_reader);
    at[1] = at[0] + (size_t)kinds * sizeof(nj_reader_kind);
    at[2] = at[1] + (size_t)fields * sizeof(nj_reader_field);
    at[3] = at[2] + names * sizeof(nj_reader_name);
    at[4] = at[3] + names * sizeof(int16_t);
    at[5] = at[4] + (size_t)kinds * names;
    nj_reader *r = lua_newuserdatauv(L, at[5], 0);
    memset(r, 0, sizeof *r);
    char *block = (char *)r;
    r->kinds = (nj_reader_kind *)(block + at[0]);
    r->fields = (nj_reader_field *)(block + at[1]);
    r->names = (nj_reader_name *)(block + at[2]);
    r->kind_of = (int16_t *)(block + at[3]);
    r->field_of = (uint8_t *)(block + at[4]);
    for (size_t i = 0; i < names; i++) r->kind_of[i] = NJ_READER_NONE;
    for (size_t i = 0; i < 2 * NJ_READER_NAMES; i++) r->slots[i] = NJ_READER_NONE;
    r->first[0][0] = r->first[0][1] = r->first[1][0] = r->first[1][1] = r->within = NJ_READER_NONE;
    return r;
}

/// Pushes the metatable of the reader's records. Nobody can name it: it would be one for all of them.
static void push_metatable(lua_State *L, void *limits) {
    lua_createtable(L, 0, 3);
    lua_pushboolean(L, 1);
    lua_rawsetp(L, -2, &record_key);
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pushlightuserdata(L, limits);
    push_text_option(L, "payload", "payload");
    push_text_option(L, "raw", "raw");
    push_text_option(L, "within", NULL);
    lua_pushcclosure(L, record_index, 4);
    lua_setfield(L, -2, "__index");
}

static void check_options(lua_State *L) {
    static const char *const known[] = {"name", "within", "envelope", "kinds", "raw", "payload", NULL};
    lua_pushnil(L);
    while (lua_next(L, 1)) {
        int i = 0;
        const char *name = lua_type(L, -2) == LUA_TSTRING ? lua_tostring(L, -2) : "?";
        while (known[i] != NULL && strcmp(known[i], name) != 0) i++;
        if (known[i] == NULL) luaL_error(L, "json.reader has no option '%s'; known are name, within, envelope, kinds, raw, payload", name);
        lua_pop(L, 1);
    }
}

int nj_reader_compile(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    check_options(L);
    luaL_checkstack(L, 16, NULL);
    lua_pushliteral(L, "kinds");
    if (lua_rawget(L, 1) == LUA_TNIL) {
        lua_pop(L, 1);
        lua_createtable(L, 0, 0);
    }
    int kinds = count_members(L, AT_KINDS, "kinds", NJ_READER_KINDS), fields = count_fields(L), envelope = 0;
    lua_pushliteral(L, "envelope");
    if (lua_rawget(L, 1) != LUA_TNIL) envelope = count_members(L, lua_gettop(L), "envelope", NJ_READER_ENVELOPE);
    lua_settop(L, AT_KINDS);
    lua_createtable(L, kinds + fields + 3, 0);
    lua_createtable(L, 0, 0);
    nj_reader *r = push_reader(L, kinds, fields, envelope);
    push_text_option(L, "name", "kind");
    r->kind_name = (int16_t)add_name(L, r, -1, "name");
    push_text_option(L, "raw", "raw");
    r->raw = (int16_t)add_name(L, r, -1, "raw");
    push_text_option(L, "within", NULL);
    if (!lua_isnil(L, -1)) r->within = (int16_t)add_name(L, r, -1, "within");
    lua_settop(L, AT_READER);
    read_envelope(L, r);
    read_kinds(L, r);
    fill_field_of(r);
    void *limits = lua_touserdata(L, lua_upvalueindex(2));
    lua_pushlightuserdata(L, limits);
    lua_pushvalue(L, AT_KEYS);
    lua_pushvalue(L, AT_DEFAULTS);
    push_metatable(L, limits);
    lua_pushcclosure(L, nj_reader_read, 5);
    return 1;
}
