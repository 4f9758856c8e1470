/// Generator objects and the module `nightjar.random` as scripts see them.
#include <lauxlib.h>
#include <string.h>

#include "codec/nj_random.h"
#include "nj_frozen.h"

/// Its address is the registry key of the metatable.
static char metatable_key;

nj_rng *nj_random_at(lua_State *L, int idx) {
    idx = lua_absindex(L, idx);
    if (lua_type(L, idx) != LUA_TUSERDATA || !lua_checkstack(L, 2) || !lua_getmetatable(L, idx)) return NULL;
    lua_rawgetp(L, LUA_REGISTRYINDEX, &metatable_key);
    int same = lua_topointer(L, -1) == lua_topointer(L, -2);
    lua_pop(L, 2);
    return same ? lua_touserdata(L, idx) : NULL;
}

/// The generator of this call; the arguments are then 1, 2 ... whatever the way of calling.
///
/// Methods of an object have nil as upvalue 1. The module's functions have its generator as upvalue 1 and the module table
/// as upvalue 2, which a call with a colon passes as first argument.
static nj_rng *generator(lua_State *L) {
    nj_rng *rng = lua_touserdata(L, lua_upvalueindex(1));
    if (rng == NULL) {
        rng = nj_random_at(L, 1);
        if (rng == NULL) luaL_error(L, "call the random generator's functions with a colon: random:integer(1, 6)");
        lua_remove(L, 1);
    } else if (lua_rawequal(L, 1, lua_upvalueindex(2))) {
        lua_remove(L, 1);
    }
    return rng;
}

static int random_integer(lua_State *L) {
    nj_rng *rng = generator(L);
    lua_Integer low = 1, high = luaL_checkinteger(L, 1);
    if (!lua_isnoneornil(L, 2)) {
        low = high;
        high = luaL_checkinteger(L, 2);
    }
    if (low > high) return luaL_error(L, "bad range: no integer from %I to %I", low, high);
    // The full range has 2^64 values, which wrap to 0: nj_rng_below takes that for 2^64.
    uint64_t count = (uint64_t)high - (uint64_t)low + 1;
    lua_pushinteger(L, (lua_Integer)((uint64_t)low + nj_rng_below(rng, count)));
    return 1;
}

static int random_number(lua_State *L) {
    nj_rng *rng = generator(L);
    lua_pushnumber(L, nj_rng_unit(rng));
    return 1;
}

static int random_shuffle(lua_State *L) {
    nj_rng *rng = generator(L);
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_settop(L, 1);
    if (nj_frozen_content(L, 1)) return luaL_error(L, "settings are read-only: shuffle a copy");
    lua_Unsigned count = lua_rawlen(L, 1);
    luaL_argcheck(L, count <= NJ_RANDOM_SHUFFLE_MAX, 1, "too many elements");
    // Fisher-Yates, from the end.
    for (lua_Integer i = (lua_Integer)count; i > 1; i--) {
        lua_Integer j = 1 + (lua_Integer)nj_rng_below(rng, (uint64_t)i);
        lua_rawgeti(L, 1, i);
        lua_rawgeti(L, 1, j);
        lua_rawseti(L, 1, i);
        lua_rawseti(L, 1, j);
    }
    return 1;
}

/// Pools up to this many numbers are shuffled in an array; larger ones in a map that holds only what has moved.
enum { POOL_ARRAY_MAX = 2048 };

static void sample_array(lua_State *L, nj_rng *rng, int n, int k) {
    uint16_t pool[POOL_ARRAY_MAX];
    for (int i = 0; i < n; i++) pool[i] = (uint16_t)(i + 1);
    for (int i = 0; i < k; i++) {
        int j = i + (int)nj_rng_below(rng, (uint64_t)(n - i));
        uint16_t drawn = pool[j];
        pool[j] = pool[i];
        lua_pushinteger(L, drawn);
        lua_rawseti(L, 3, i + 1);
    }
}

typedef struct moved {
    uint64_t place;  ///< 1 + index in the pool, 0 for an empty slot
    uint64_t value;
} moved;

static moved *find_moved(moved *map, uint64_t mask, uint64_t place) {
    uint64_t i = place * 0x9E3779B97F4A7C15u >> 40 & mask;
    while (map[i].place != 0 && map[i].place != place) i = (i + 1) & mask;
    return &map[i];
}

/// The same draws as `sample_array`. The map is a userdata, which a memory error cannot leak.
static void sample_map(lua_State *L, nj_rng *rng, lua_Integer n, lua_Integer k) {
    uint64_t size = 16;
    while (size < 4 * (uint64_t)k) size *= 2;
    moved *map = lua_newuserdatauv(L, size * sizeof *map, 0);
    memset(map, 0, size * sizeof *map);
    for (lua_Integer i = 0; i < k; i++) {
        uint64_t here = (uint64_t)i + 1;
        uint64_t there = here + nj_rng_below(rng, (uint64_t)(n - i));
        moved *first = find_moved(map, size - 1, here);
        uint64_t replacement = first->place ? first->value : here;
        moved *slot = find_moved(map, size - 1, there);
        lua_pushinteger(L, (lua_Integer)(slot->place ? slot->value : there));
        *slot = (moved){there, replacement};
        lua_rawseti(L, 3, i + 1);
    }
    lua_pop(L, 1);
}

static int random_sample(lua_State *L) {
    nj_rng *rng = generator(L);
    lua_Integer n = luaL_checkinteger(L, 1), k = luaL_checkinteger(L, 2);
    luaL_argcheck(L, n >= 0, 1, "must not be negative");
    luaL_argcheck(L, k >= 0 && k <= n, 2, "must be from 0 to the size of the pool");
    luaL_argcheck(L, k <= NJ_RANDOM_SAMPLE_MAX, 2, "too many numbers");
    lua_settop(L, 2);
    lua_createtable(L, (int)k, 0);
    if (n <= POOL_ARRAY_MAX) sample_array(L, rng, (int)n, (int)k);
    else sample_map(L, rng, n, k);
    return 1;
}

static int random_pick(lua_State *L) {
    nj_rng *rng = generator(L);
    luaL_checktype(L, 1, LUA_TTABLE);
    if (nj_frozen_content(L, 1)) lua_replace(L, 1);
    lua_Unsigned count = lua_rawlen(L, 1);
    if (count == 0) lua_pushnil(L);
    else lua_rawgeti(L, 1, 1 + (lua_Integer)nj_rng_below(rng, count));
    return 1;
}

static int random_bytes(lua_State *L) {
    nj_rng *rng = generator(L);
    lua_Integer n = luaL_checkinteger(L, 1);
    luaL_argcheck(L, n >= 0 && n <= NJ_RANDOM_BYTES_MAX, 1, "must be from 0 to 65536");
    luaL_Buffer b;
    char *to = luaL_buffinitsize(L, &b, (size_t)n);
    nj_rng_fill(rng, to, (size_t)n);
    luaL_pushresultsize(&b, (size_t)n);
    return 1;
}

static int random_uuid(lua_State *L) {
    static const char hex[] = "0123456789abcdef";
    nj_rng *rng = generator(L);
    uint8_t raw[16];
    char text[36];
    nj_rng_fill(rng, raw, sizeof raw);
    raw[6] = (uint8_t)((raw[6] & 0x0F) | 0x40);  // version 4 and variant 1: RFC 9562, section 5.4
    raw[8] = (uint8_t)((raw[8] & 0x3F) | 0x80);
    for (int i = 0, at = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) text[at++] = '-';
        text[at++] = hex[raw[i] >> 4];
        text[at++] = hex[raw[i] & 15];
    }
    lua_pushlstring(L, text, sizeof text);
    return 1;
}

static const luaL_Reg functions[] = {
    {"integer", random_integer}, {"number", random_number}, {"shuffle", random_shuffle},
    {"sample", random_sample},   {"pick", random_pick},     {"bytes", random_bytes},
    {"uuid", random_uuid},       {NULL, NULL},
};

void nj_random_open(lua_State *L) {
    luaL_checkstack(L, 5, NULL);
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &metatable_key) != LUA_TNIL) return;
    lua_pop(L, 1);
    lua_createtable(L, 0, 3);
    lua_createtable(L, 0, 8);
    lua_pushnil(L);
    luaL_setfuncs(L, functions, 1);
    lua_setfield(L, -2, "__index");
    lua_pushstring(L, "nightjar.random");
    lua_setfield(L, -2, "__name");
    // Scripts must not reach a shared metatable: a finalizer put there would run with no limits.
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &metatable_key);
}

nj_rng *nj_random_new(lua_State *L) {
    static const uint8_t zeros[NJ_RNG_KEY_BYTES];
    luaL_checkstack(L, 6, NULL);
    nj_rng *rng = lua_newuserdatauv(L, sizeof *rng, 0);
    nj_rng_seed(rng, zeros);
    nj_random_open(L);
    lua_setmetatable(L, -2);
    return rng;
}

int nj_random_open_module(lua_State *L) {
    luaL_checkstack(L, 8, NULL);
    lua_createtable(L, 0, 8);
    nj_rng *rng = nj_random_new(L);
    if (nj_rng_seed_os(rng) != 0) return luaL_error(L, "the operating system gave no random key");
    lua_pushvalue(L, -2);
    luaL_setfuncs(L, functions, 2);
    return 1;
}
