/// Values on their way from the host into Lua.
#include <lauxlib.h>
#include <string.h>

#include "nj_internal.h"
#include "codec/nj_json.h"
#include "codec/nj_plain.h"

void nj_values_clear(nj_values *values) {
    values->count = 0;
    values->overflow = 0;
    if (values->scratch.len > 0) nj_buf_clear(&values->scratch);
}

static nj_value *next_value(nj_values *values, int kind) {
    if (values->count == NJ_VALUES_MAX) {
        values->overflow = 1;
        return NULL;
    }
    nj_value *value = &values->item[values->count++];
    value->kind = (uint8_t)kind;
    value->copied = 0;
    return value;
}

void nj_values_scalar(nj_values *values, int kind, int64_t integer) {
    nj_value *value = next_value(values, kind);
    if (value != NULL) value->of.integer = integer;
}

void nj_values_number(nj_values *values, double number) {
    nj_value *value = next_value(values, NJ_VALUE_NUMBER);
    if (value != NULL) value->of.number = number;
}

void nj_values_borrow(nj_values *values, int kind, const void *bytes, size_t len) {
    nj_value *value = next_value(values, kind);
    if (value == NULL) return;
    value->bytes = bytes;
    value->len = bytes != NULL ? len : 0;
}

void nj_values_copy(nj_values *values, int kind, const void *bytes, size_t len) {
    nj_value *value = next_value(values, kind);
    if (value == NULL) return;
    value->copied = 1;
    value->of.offset = values->scratch.len;
    value->len = bytes != NULL ? len : 0;
    if (value->len > 0 && nj_buf_append(&values->scratch, bytes, len) != 0) {
        values->overflow = 1;
        value->len = 0;
    }
}

void nj_values_object(nj_values *values, int type, int64_t handle) {
    nj_value *value = next_value(values, NJ_VALUE_OBJECT);
    if (value == NULL) return;
    value->type = (uint16_t)type;
    value->of.integer = handle;
}

static void codec_error(lua_State *L, nj_state *S, const char *format, const nj_error *error, const char *code) {
    luaL_where(L, 1);
    lua_pushfstring(L, format, error->detail);
    lua_concat(L, 2);
    nj_hint(S, L, NJ_FAILURE_ARGUMENT, code);
    lua_error(L);
}

static void push_encoded(lua_State *L, nj_state *S, int kind, const char *bytes, size_t len) {
    nj_error error;
    switch (kind) {
        case NJ_VALUE_JSON:
            if (nj_json_push(L, bytes, len, &S->options.json, &error) != NJ_OK)
                codec_error(L, S, "invalid JSON: %s", &error, "unreadable_json");
            break;
        default:
            if (nj_plain_push(L, bytes, len, &S->options.plain, &error) != NJ_OK)
                codec_error(L, S, "invalid plain data: %s", &error, "invalid_plain");
    }
}

int nj_push_values(lua_State *L, nj_state *S, const nj_values *values) {
    if (values->overflow) luaL_error(L, "the host passed more values than fit into one call");
    S->box.host_gives = 1;
    for (int i = 0; i < values->count; i++) {
        const nj_value *value = &values->item[i];
        const char *bytes = value->copied ? (values->scratch.data != NULL ? values->scratch.data + value->of.offset : "")
                                          : value->bytes;
        switch (value->kind) {
            case NJ_VALUE_NIL: lua_pushnil(L); break;
            case NJ_VALUE_BOOLEAN: lua_pushboolean(L, value->of.integer != 0); break;
            case NJ_VALUE_INTEGER: lua_pushinteger(L, value->of.integer); break;
            case NJ_VALUE_NUMBER: lua_pushnumber(L, value->of.number); break;
            case NJ_VALUE_STRING: lua_pushlstring(L, bytes, value->len); break;
            case NJ_VALUE_REF: lua_rawgeti(L, LUA_REGISTRYINDEX, value->of.integer); break;
            case NJ_VALUE_OBJECT: nj_push_object(L, S, value->type, value->of.integer); break;
            default: push_encoded(L, S, value->kind, bytes, value->len);
        }
    }
    S->box.host_gives = 0;
    return values->count;
}
