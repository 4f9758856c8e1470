/// Host functions: one trampoline for all of them.
#include <lauxlib.h>
#include <stdio.h>
#include <string.h>

#include "nj_internal.h"
#include "codec/nj_json.h"
#include "codec/nj_random.h"

static const char *const type_names[] = {"nil", "boolean", "integer", "number", "string", "table", "function"};

static void append_name(char *text, size_t size, const char *name, int more) {
    size_t len = strlen(text);
    snprintf(text + len, size - len, "%s%s", len == 0 ? "" : more ? ", " : " or ", name);
}

/// "string or function", "integer", "connection" …
static void describe(const nj_state *S, uint64_t accepts, char *text, size_t size) {
    text[0] = 0;
    if (accepts & NJ_TYPE_PLAIN) {
        snprintf(text, size, "plain data");
        accepts &= ~(uint64_t)0xFFFF;
    }
    if (accepts & NJ_TYPE_NUMBER) accepts &= ~(uint64_t)NJ_TYPE_INTEGER;
    uint64_t rest = accepts & ~(uint64_t)(NJ_TYPE_NIL | NJ_TYPE_ANY | NJ_TYPE_PLAIN);
    for (int bit = 1; bit < NJ_TYPE_OBJECT_SHIFT + S->options.type_count; bit++) {
        uint64_t flag = (uint64_t)1 << bit;
        if (!(rest & flag)) continue;
        rest &= ~flag;
        const char *name = bit < 7 ? type_names[bit] : S->options.types[bit - NJ_TYPE_OBJECT_SHIFT].name;
        if (name != NULL) append_name(text, size, name, rest != 0);
    }
}

static const char *given(lua_State *L, int index) {
    if (lua_type(L, index) == LUA_TNONE) return "no value";
    if (luaL_getmetafield(L, index, "__name") == LUA_TSTRING) return lua_tostring(L, -1);
    return lua_islightuserdata(L, index) ? "null" : luaL_typename(L, index);
}

static int bad_argument(lua_State *L, nj_state *S, const nj_function *f, int position, int index) {
    char expected[200];
    describe(S, f->accepts[position], expected, sizeof expected);
    lua_Number n = lua_type(L, index) == LUA_TNUMBER ? lua_tonumber(L, index) : 0;
    if (strcmp(expected, "integer") == 0 && lua_type(L, index) == LUA_TNUMBER)
        return luaL_error(L, "bad argument #%d to '%s' (integer expected, got %f)", position + 1, f->label, n);
    return luaL_error(L, "bad argument #%d to '%s' (%s expected, got %s)", position + 1, f->label, expected, given(L, index));
}

static int is_object_of(lua_State *L, nj_state *S, int index, uint64_t accepts) {
    if (!lua_getmetatable(L, index)) return 0;
    const void *metatable = lua_topointer(L, -1);
    lua_pop(L, 1);
    for (int type = 0; type < S->options.type_count; type++) {
        if ((accepts >> (NJ_TYPE_OBJECT_SHIFT + type) & 1) && S->types[type].metatable == metatable) return 1;
    }
    return 0;
}

static int accepted(lua_State *L, nj_state *S, int index, uint64_t accepts) {
    if (accepts & NJ_TYPE_ANY) return lua_type(L, index) != LUA_TNONE || (accepts & NJ_TYPE_NIL);
    switch (lua_type(L, index)) {
        case LUA_TNONE:
        case LUA_TNIL: return (accepts & NJ_TYPE_NIL) != 0;
        case LUA_TBOOLEAN: return (accepts & NJ_TYPE_BOOLEAN) != 0;
        case LUA_TSTRING: return (accepts & NJ_TYPE_STRING) != 0;
        case LUA_TTABLE: return (accepts & NJ_TYPE_TABLE) != 0;
        case LUA_TFUNCTION: return (accepts & NJ_TYPE_FUNCTION) != 0;
        case LUA_TNUMBER: {
            int exact;
            if (accepts & NJ_TYPE_NUMBER) return 1;
            if (!(accepts & NJ_TYPE_INTEGER)) return 0;
            lua_tointegerx(L, index, &exact);
            return exact;
        }
        case LUA_TLIGHTUSERDATA: return (accepts & NJ_TYPE_PLAIN) && lua_touserdata(L, index) == nj_json_null();
        case LUA_TUSERDATA:
            if (accepts & NJ_TYPE_PLAIN) {
                size_t len;
                if (nj_json_raw_at(L, index, &len) != NULL) return 1;
            }
            return is_object_of(L, S, index, accepts);
        default: return 0;
    }
}

static void check_wait(lua_State *L, nj_state *S, const nj_function *f) {
    if (!S->may_wait) luaL_error(L, "'%s' waits, which is not possible here (while loading or reloading)", f->label);
    if (S->box.blocked > 0 || !lua_isyieldable(L))
        luaL_error(L, "'%s' waits, which is not possible inside a function that C calls (sort, gsub, tostring, close)", f->label);
}

/// The end of a wait: what the host gave is what the waiting call returns.
static int wait_done(lua_State *L, int status, lua_KContext context) {
    (void)status;
    (void)context;
    nj_state *S = nj_of(L);
    S->box.waiting = 0;
    if (!S->raise_wait) return nj_push_values(L, S, &S->in);
    S->raise_wait = 0;
    luaL_checkstack(L, 8, NULL);
    lua_createtable(L, 0, 2);
    int table = lua_gettop(L);
    nj_push_values(L, S, &S->in);
    lua_settop(L, table + 2);
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
    lua_setfield(L, table, "message");
    lua_setfield(L, table, "code");
    lua_rawgeti(L, LUA_REGISTRYINDEX, S->error_ref);
    lua_setmetatable(L, table);
    return lua_error(L);
}

static int finish(lua_State *L, nj_state *S, const nj_function *f, int status) {
    switch (status) {
        case NJ_HOST_NONE: return 0;
        case NJ_HOST_WAIT:
            if (!f->waits) return luaL_error(L, "'%s' waits without having declared it", f->label);
            S->box.waiting = 1;
            return lua_yieldk(L, 0, 0, wait_done);
        case NJ_HOST_RAISE:
            luaL_where(L, 1);
            luaL_checkstack(L, NJ_VALUES_MAX + 2, NULL);
            nj_push_values(L, S, &S->out);
            lua_concat(L, 2);
            return lua_error(L);
        case NJ_HOST_FAILURE:
            luaL_checkstack(L, NJ_VALUES_MAX + 2, NULL);
            lua_pushnil(L);
            return 1 + nj_push_values(L, S, &S->out);
        default:
            luaL_checkstack(L, NJ_VALUES_MAX + 2, NULL);
            return nj_push_values(L, S, &S->out);
    }
}

static int enter(lua_State *L, nj_state *S, const nj_function *f, nj_call *call) {
    call->L = L;
    call->out = &S->out;
    call->owner = S->options.owner;
    nj_values_clear(&S->out);
    S->encoded = 0;
    return S->options.dispatch(S->options.host, (int32_t)(f - S->options.functions), call);
}

/// The host may copy every string it is given; a single one is bounded by itself.
static void check_sizes(lua_State *L, const nj_call *call, const nj_function *f) {
    size_t total = 0;
    for (int i = 1; i <= call->count; i++) {
        if (lua_type(L, call->base + i) == LUA_TSTRING) total += lua_rawlen(L, call->base + i);
    }
    if (total > NJ_CALL_BYTES_MAX) luaL_error(L, "the strings given to '%s' are too large", f->label);
}

static int host_function(lua_State *L) {
    nj_state *S = nj_of(L);
    const nj_function *f = lua_touserdata(L, lua_upvalueindex(1));
    nj_call call;
    call.base = 0;
    call.handle = 0;
    if (f->role == NJ_ROLE_METHOD) {
        const nj_object *object = nj_object_at(L, S, 1, f->type);
        if (object == NULL)
            return luaL_error(L, "bad self of '%s' (%s expected, got %s; call it with a colon)", f->label,
                              S->options.types[f->type].name, given(L, 1));
        call.handle = object->handle;
        call.base = 1;
    }
    call.count = lua_gettop(L) - call.base;
    for (int i = 0; i < f->parameters; i++) {
        if (!accepted(L, S, call.base + i + 1, f->accepts[i])) return bad_argument(L, S, f, i, call.base + i + 1);
    }
    if (call.count > 1) check_sizes(L, &call, f);
    nj_check(L, &S->box);
    if (S->options.pure && !f->pure && f->role == NJ_ROLE_FUNCTION)
        return luaL_error(L, "'%s' is not available in a game's engine", f->label);
    if (f->waits) check_wait(L, S, f);
    return finish(L, S, f, enter(L, S, f, &call));
}

int nj_host_property(lua_State *L, nj_state *S, const nj_function *f) {
    nj_call call;
    call.base = lua_gettop(L);
    call.count = 0;
    call.handle = ((const nj_object *)lua_touserdata(L, 1))->handle;
    return finish(L, S, f, enter(L, S, f, &call));
}

void nj_push_function(lua_State *L, nj_state *S, int selector) {
    lua_pushlightuserdata(L, (void *)&S->options.functions[selector]);
    lua_pushcclosure(L, host_function, 1);
}

/// Pushes the table of a module of the API table at `api`; makes it if need be.
static void push_module(lua_State *L, int api, const char *module) {
    if (module[0] == 0) {
        lua_pushvalue(L, api);
    } else if (lua_getfield(L, api, module) != LUA_TTABLE) {
        lua_pop(L, 1);
        lua_createtable(L, 0, 8);
        lua_pushvalue(L, -1);
        lua_setfield(L, api, module);
    }
}

void nj_api_open(lua_State *L, nj_state *S) {
    lua_createtable(L, 0, 16);
    int api = lua_gettop(L);
    nj_json_open(L, &S->codec, &S->options.json);
    lua_setfield(L, api, "json");
    nj_random_open_module(L);
    if (S->options.pure) nj_make_unavailable(L, "random", "take ctx.random");
    lua_setfield(L, api, "random");
    nj_state_table_open(L, S);
    if (S->options.pure) nj_make_unavailable(L, "state", "return the new state instead");
    lua_setfield(L, api, "state");
    for (int i = 0; i < S->options.function_count; i++) {
        const nj_function *f = &S->options.functions[i];
        if (f->role != NJ_ROLE_FUNCTION) continue;
        push_module(L, api, f->module);
        nj_push_function(L, S, i);
        lua_setfield(L, -2, f->name);
        lua_pop(L, 1);
    }
}

typedef struct define_request {
    const char *module, *name;
} define_request;

static int define_body(lua_State *L) {
    nj_state *S = nj_of(L);
    const define_request *request = lua_touserdata(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, S->api_ref);
    push_module(L, lua_gettop(L), request->module);
    if (nj_push_values(L, S, &S->in) != 1) return luaL_error(L, "one value expected");
    lua_setfield(L, -2, request->name);
    return 0;
}

int nj_define(nj_state *S, const char *module, const char *name) {
    define_request request = {module, name};
    return nj_protect(S, define_body, &request);
}
