/// Objects of the host: a handle on Lua's side, with one slot of data.
#include <lauxlib.h>

#include "nj_internal.h"
#include "codec/nj_plain.h"

const nj_object *nj_object_at(lua_State *L, nj_state *S, int index, int type) {
    if (lua_type(L, index) != LUA_TUSERDATA || type < 0 || type >= S->options.type_count) return NULL;
    if (!lua_checkstack(L, 1) || !lua_getmetatable(L, index)) return NULL;
    const void *metatable = lua_topointer(L, -1);
    lua_pop(L, 1);
    return metatable == S->types[type].metatable ? lua_touserdata(L, index) : NULL;
}

static const nj_object *self(lua_State *L, nj_state *S, int type) {
    const nj_object *object = nj_object_at(L, S, 1, type);
    if (object == NULL) luaL_error(L, "%s expected", S->options.types[type].name);
    return object;
}

// Upvalues of the metamethods: 1 type, 2 members (name -> closure of a method, or light userdata of a property),
// 3 the text "data" (types with data only).

static int object_index(lua_State *L) {
    lua_settop(L, 2);
    lua_pushvalue(L, 2);
    int kind = lua_rawget(L, lua_upvalueindex(2));
    if (kind == LUA_TFUNCTION) return 1;
    nj_state *S = nj_of(L);
    int type = (int)lua_tointeger(L, lua_upvalueindex(1));
    self(L, S, type);
    if (kind == LUA_TLIGHTUSERDATA) return nj_host_property(L, S, lua_touserdata(L, 3));
    if (lua_rawequal(L, 2, lua_upvalueindex(3))) {
        nj_object *object = lua_touserdata(L, 1);
        // Who fetches a table may change it.
        if (lua_getiuservalue(L, 1, 1) == LUA_TTABLE && object->place == 0) object->place = nj_place_here(&S->place_files, L);
        return 1;
    }
    return luaL_error(L, "%s has no field '%s'", S->options.types[type].name, luaL_tolstring(L, 2, NULL));
}

static int object_newindex(lua_State *L) {
    nj_state *S = nj_of(L);
    int type = (int)lua_tointeger(L, lua_upvalueindex(1));
    self(L, S, type);
    if (!lua_rawequal(L, 2, lua_upvalueindex(3)) || lua_isnil(L, 2))
        return luaL_error(L, "cannot set field '%s' of %s%s", luaL_tolstring(L, 2, NULL), S->options.types[type].name,
                          S->options.types[type].has_data ? "; what belongs to it goes into 'data'" : "");
    lua_settop(L, 3);
    ((nj_object *)lua_touserdata(L, 1))->place = lua_type(L, 3) > LUA_TSTRING ? nj_place_here(&S->place_files, L) : 0;
    lua_setiuservalue(L, 1, 1);
    return 0;
}

static int object_equal(lua_State *L) {
    nj_state *S = nj_of(L);
    int type = (int)lua_tointeger(L, lua_upvalueindex(1));
    const nj_object *a = nj_object_at(L, S, 1, type), *b = nj_object_at(L, S, 2, type);
    lua_pushboolean(L, a != NULL && b != NULL && a->handle == b->handle);
    return 1;
}

static int object_text(lua_State *L) {
    nj_state *S = nj_of(L);
    int type = (int)lua_tointeger(L, lua_upvalueindex(1));
    lua_pushfstring(L, "%s %I", S->options.types[type].name, (LUAI_UACINT)self(L, S, type)->handle);
    return 1;
}

/// Pushes the three upvalues; the members are at `members`.
static void push_upvalues(lua_State *L, nj_state *S, int type, int members) {
    lua_pushinteger(L, type);
    lua_pushvalue(L, members);
    if (S->options.types[type].has_data) lua_pushliteral(L, "data");
    else lua_pushnil(L);
}

static void open_type(lua_State *L, nj_state *S, int type) {
    lua_createtable(L, 0, 8);
    int members = lua_gettop(L);
    for (int i = 0; i < S->options.function_count; i++) {
        const nj_function *f = &S->options.functions[i];
        if (f->role == NJ_ROLE_FUNCTION || f->type != type) continue;
        if (f->role == NJ_ROLE_METHOD) nj_push_function(L, S, i);
        else lua_pushlightuserdata(L, (void *)f);
        lua_setfield(L, members, f->name);
    }
    static const luaL_Reg metamethods[] = {{"__index", object_index}, {"__newindex", object_newindex},
                                           {"__eq", object_equal}, {"__tostring", object_text}};
    lua_createtable(L, 0, 8);
    for (int i = 0; i < 4; i++) {
        push_upvalues(L, S, type, members);
        lua_pushcclosure(L, metamethods[i].func, 3);
        lua_setfield(L, -2, metamethods[i].name);
    }
    lua_pushstring(L, S->options.types[type].name);
    lua_setfield(L, -2, "__name");
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    S->types[type].metatable = lua_topointer(L, -1);
    S->types[type].metatable_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    if (S->options.types[type].has_data) {
        lua_createtable(L, 0, 0);
        S->types[type].cache_ref = luaL_ref(L, LUA_REGISTRYINDEX);
    }
    lua_settop(L, members - 1);
}

void nj_types_open(lua_State *L, nj_state *S) {
    for (int type = 0; type < S->options.type_count; type++) {
        if (S->options.types[type].name != NULL) open_type(L, S, type);
    }
}

void nj_push_object(lua_State *L, nj_state *S, int type, int64_t handle) {
    const nj_type_slot *slot = &S->types[type];
    if (type >= S->options.type_count || slot->metatable == NULL) luaL_error(L, "object of an unknown type");
    int has_data = S->options.types[type].has_data;
    luaL_checkstack(L, 4, NULL);
    if (has_data) {
        lua_rawgeti(L, LUA_REGISTRYINDEX, slot->cache_ref);
        if (lua_rawgeti(L, -1, handle) == LUA_TUSERDATA) {
            lua_replace(L, -2);
            return;
        }
        lua_pop(L, 1);
    }
    nj_object *object = lua_newuserdatauv(L, sizeof *object, has_data);
    object->handle = handle;
    object->place = 0;
    object->type = type;
    lua_rawgeti(L, LUA_REGISTRYINDEX, slot->metatable_ref);
    lua_setmetatable(L, -2);
    if (!has_data) return;
    lua_pushvalue(L, -1);
    lua_rawseti(L, -3, handle);
    lua_replace(L, -2);
}

/// Pushes the cached object onto the main thread. 0 and nothing pushed when there is none. Never raises.
static int push_cached(nj_state *S, int type, int64_t handle) {
    lua_State *L = S->box.L;
    if (type < 0 || type >= S->options.type_count || !S->options.types[type].has_data || !lua_checkstack(L, 4)) return 0;
    lua_rawgeti(L, LUA_REGISTRYINDEX, S->types[type].cache_ref);
    if (lua_rawgeti(L, -1, handle) == LUA_TUSERDATA) {
        lua_remove(L, -2);
        return 1;
    }
    lua_pop(L, 2);
    return 0;
}

const nj_buf *nj_object_data(nj_state *S, int type, int64_t handle) {
    nj_error error;
    int status = NJ_OK;
    nj_buf_clear(&S->codec);
    if (!push_cached(S, type, handle)) return &S->codec;
    if (lua_getiuservalue(S->box.L, -1, 1) > LUA_TNIL)
        status = nj_plain_encode(S->box.L, -1, &S->codec, &S->options.plain, NULL, &error);
    lua_pop(S->box.L, 2);
    if (status == NJ_OK) return &S->codec;
    nj_failure_codec(S, &error, 0);
    return NULL;
}

/// The place noted for an object's data.
typedef struct data_place {
    const nj_state *S;
    lua_Integer place;
} data_place;

static void locate(void *context, lua_State *L, int key, char *place, size_t room) {
    (void)L, (void)key;
    const data_place *noted = context;
    nj_place_text(&noted->S->place_files, noted->place, place, room);
}

const nj_buf *nj_object_carry(nj_state *S, int type, int64_t handle, const char *root) {
    data_place noted = {S, 0};
    nj_plain_carry_options options = {&S->options.plain, root, locate, &noted};
    if (push_cached(S, type, handle)) {
        noted.place = ((const nj_object *)lua_touserdata(S->box.L, -1))->place;
        int kind = lua_getiuservalue(S->box.L, -1, 1);
        lua_remove(S->box.L, -2);
        if (kind > LUA_TNIL) return nj_carry(S, S->box.L, &options);
        lua_pop(S->box.L, 1);
    }
    nj_buf_clear(&S->codec);
    if (S->offences != NULL) S->offences->count = S->offences->total = 0;
    return &S->codec;
}

typedef struct data_request {
    int type;
    int64_t handle;
} data_request;

static int set_data_body(lua_State *L) {
    nj_state *S = nj_of(L);
    const data_request *request = lua_touserdata(L, 1);
    nj_push_object(L, S, request->type, request->handle);
    if (!S->options.types[request->type].has_data) return luaL_error(L, "objects of this type have no data");
    if (nj_push_values(L, S, &S->in) != 1) return luaL_error(L, "one value expected");
    lua_setiuservalue(L, -2, 1);
    return 0;
}

int nj_object_set_data(nj_state *S, int type, int64_t handle) {
    data_request request = {type, handle};
    return nj_protect(S, set_data_body, &request);
}

void nj_object_drop(nj_state *S, int type, int64_t handle) {
    if (!push_cached(S, type, handle)) return;
    lua_State *L = S->box.L;
    // The script may hold the object; its data must not live on with it. An existing field set to nil allocates nothing.
    lua_pushnil(L);
    lua_setiuservalue(L, -2, 1);
    lua_pop(L, 1);
    lua_rawgeti(L, LUA_REGISTRYINDEX, S->types[type].cache_ref);
    lua_pushnil(L);
    lua_rawseti(L, -2, handle);
    lua_pop(L, 1);
}
