/// The table library of the sandbox: as Lua's own, but loops in C end with the slice, and results are bounded.
///
/// Lua's functions trust `__len` and run in C without an end in sight where no hook strikes.
#include <lauxlib.h>
#include <limits.h>
#include <string.h>

#include "nj_box.h"
#include "nj_libraries.h"

/// Values that unpack may put onto the stack: a stack never shrinks within a slice.
enum { UNPACK_MAX = 8000 };

/// Shorter runs are sorted by insertion.
enum { INSERTION_MAX = 12 };

static int table_insert(lua_State *L) {
    nj_box *B = nj_box_of(L);
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer end = (lua_Integer)((lua_Unsigned)luaL_len(L, 1) + 1);
    lua_Integer position = end;
    switch (lua_gettop(L)) {
        case 2: break;
        case 3: {
            position = luaL_checkinteger(L, 2);
            luaL_argcheck(L, (lua_Unsigned)position - 1u < (lua_Unsigned)end, 2, "position out of bounds");
            for (lua_Integer i = end; i > position; i--) {
                nj_check(L, B);
                lua_geti(L, 1, i - 1);
                lua_seti(L, 1, i);
            }
            break;
        }
        default: return luaL_error(L, "wrong number of arguments to 'insert'");
    }
    lua_seti(L, 1, position);
    return 0;
}

static int table_remove(lua_State *L) {
    nj_box *B = nj_box_of(L);
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer size = luaL_len(L, 1);
    lua_Integer position = luaL_optinteger(L, 2, size);
    if (position != size)
        luaL_argcheck(L, (lua_Unsigned)position - 1u <= (lua_Unsigned)size, 2, "position out of bounds");
    lua_geti(L, 1, position);
    for (; position < size; position++) {
        nj_check(L, B);
        lua_geti(L, 1, position + 1);
        lua_seti(L, 1, position);
    }
    lua_pushnil(L);
    lua_seti(L, 1, position);
    return 1;
}

static int table_move(lua_State *L) {
    nj_box *B = nj_box_of(L);
    lua_Integer from = luaL_checkinteger(L, 2), end = luaL_checkinteger(L, 3), to = luaL_checkinteger(L, 4);
    int target = lua_isnoneornil(L, 5) ? 1 : 5;
    luaL_checktype(L, 1, LUA_TTABLE);
    luaL_checktype(L, target, LUA_TTABLE);
    if (end >= from) {
        luaL_argcheck(L, from > 0 || end < LUA_MAXINTEGER + from, 3, "too many elements to move");
        lua_Integer count = end - from + 1;
        luaL_argcheck(L, to <= LUA_MAXINTEGER - count + 1, 4, "destination wrap around");
        int forward = to > end || to <= from || (target != 1 && !lua_compare(L, 1, target, LUA_OPEQ));
        for (lua_Integer k = 0; k < count; k++) {
            lua_Integer i = forward ? k : count - 1 - k;
            nj_check(L, B);
            lua_geti(L, 1, from + i);
            lua_seti(L, target, to + i);
        }
    }
    lua_pushvalue(L, target);
    return 1;
}

static int table_concat(lua_State *L) {
    nj_box *B = nj_box_of(L);
    luaL_checktype(L, 1, LUA_TTABLE);
    size_t separator_len, total = 0;
    const char *separator = luaL_optlstring(L, 2, "", &separator_len);
    lua_Integer i = luaL_optinteger(L, 3, 1);
    lua_Integer last = lua_isnoneornil(L, 4) ? luaL_len(L, 1) : luaL_checkinteger(L, 4);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (; i <= last; i++) {
        nj_check(L, B);
        lua_geti(L, 1, i);
        if (!lua_isstring(L, -1))
            return luaL_error(L, "invalid value (at index %I) in table for 'concat'", (LUAI_UACINT)i);
        size_t len;
        lua_tolstring(L, -1, &len);
        total += len + separator_len;
        if (total > NJ_STRING_MAX) return luaL_error(L, "resulting string too large");
        luaL_addvalue(&b);
        if (i == last) break;
        luaL_addlstring(&b, separator, separator_len);
    }
    luaL_pushresult(&b);
    return 1;
}

static int table_pack(lua_State *L) {
    int n = lua_gettop(L);
    lua_createtable(L, n, 1);
    lua_insert(L, 1);
    for (int i = n; i >= 1; i--) lua_seti(L, 1, i);
    lua_pushinteger(L, n);
    lua_setfield(L, 1, "n");
    return 1;
}

static int table_unpack(lua_State *L) {
    lua_Integer i = luaL_optinteger(L, 2, 1);
    lua_Integer end = lua_isnoneornil(L, 3) ? luaL_len(L, 1) : luaL_checkinteger(L, 3);
    if (i > end) return 0;
    lua_Unsigned n = (lua_Unsigned)end - (lua_Unsigned)i;
    if (n >= UNPACK_MAX || !lua_checkstack(L, (int)++n)) return luaL_error(L, "too many results to unpack");
    for (; i < end; i++) lua_geti(L, 1, i);
    lua_geti(L, 1, end);
    return (int)n;
}

/// Is the value at `a` before the one at `b`? Stack: 1 table, 2 comparison or nil.
static int before(lua_State *L, nj_box *B, int a, int b) {
    nj_check(L, B);
    if (lua_isnil(L, 2)) return lua_compare(L, a, b, LUA_OPLT);
    lua_pushvalue(L, 2);
    lua_pushvalue(L, a - 1);
    lua_pushvalue(L, b - 2);
    lua_call(L, 2, 1);
    int result = lua_toboolean(L, -1);
    lua_pop(L, 1);
    return result;
}

static void swap(lua_State *L, lua_Integer i, lua_Integer j) {
    lua_geti(L, 1, i);
    lua_geti(L, 1, j);
    lua_seti(L, 1, i);
    lua_seti(L, 1, j);
}

static void insertion_sort(lua_State *L, nj_box *B, lua_Integer low, lua_Integer high) {
    for (lua_Integer i = low + 1; i <= high; i++) {
        lua_geti(L, 1, i);
        lua_Integer j = i;
        for (; j > low; j--) {
            lua_geti(L, 1, j - 1);
            if (!before(L, B, -2, -1)) {
                lua_pop(L, 1);
                break;
            }
            lua_seti(L, 1, j);
        }
        lua_seti(L, 1, j);
    }
}

/// Puts the median of the first, middle and last element into the middle.
static void order_three(lua_State *L, nj_box *B, lua_Integer low, lua_Integer middle, lua_Integer high) {
    const lua_Integer pairs[3][2] = {{low, middle}, {middle, high}, {low, middle}};
    for (int i = 0; i < 3; i++) {
        lua_geti(L, 1, pairs[i][0]);
        lua_geti(L, 1, pairs[i][1]);
        int wrong = before(L, B, -1, -2);
        lua_pop(L, 2);
        if (wrong) swap(L, pairs[i][0], pairs[i][1]);
    }
}

/// Splits low ... high around a pivot; returns the last place of the lower part.
static lua_Integer partition(lua_State *L, nj_box *B, lua_Integer low, lua_Integer high) {
    lua_Integer middle = low + (high - low) / 2;
    order_three(L, B, low, middle, high);
    lua_geti(L, 1, middle);  // the pivot stays on the stack
    lua_Integer i = low, j = high;
    for (;;) {
        for (;; i++) {
            if (i > high) luaL_error(L, "invalid order function for sorting");
            lua_geti(L, 1, i);
            int less = before(L, B, -1, -2);
            lua_pop(L, 1);
            if (!less) break;
        }
        for (;; j--) {
            if (j < low) luaL_error(L, "invalid order function for sorting");
            lua_geti(L, 1, j);
            int less = before(L, B, -2, -1);
            lua_pop(L, 1);
            if (!less) break;
        }
        if (i >= j) break;
        swap(L, i++, j--);
    }
    lua_pop(L, 1);
    return j == high ? j - 1 : j;  // an order function that contradicts itself must not keep the range whole
}

static void sort_range(lua_State *L, nj_box *B, lua_Integer low, lua_Integer high) {
    luaL_checkstack(L, 8, "table too deep to sort");
    // The smaller part first by recursion: its depth is the logarithm of the size.
    while (high - low >= INSERTION_MAX) {
        lua_Integer split = partition(L, B, low, high);
        if (split - low < high - split) {
            sort_range(L, B, low, split);
            low = split + 1;
        } else {
            sort_range(L, B, split + 1, high);
            high = split;
        }
    }
    insertion_sort(L, B, low, high);
}

static int table_sort(lua_State *L) {
    luaL_checktype(L, 1, LUA_TTABLE);
    lua_Integer n = luaL_len(L, 1);
    luaL_argcheck(L, n < INT_MAX, 1, "array too big");
    if (!lua_isnoneornil(L, 2)) luaL_checktype(L, 2, LUA_TFUNCTION);
    lua_settop(L, 2);
    if (n > 1) sort_range(L, nj_box_of(L), 1, n);
    return 0;
}

void nj_table_open(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"insert", table_insert}, {"remove", table_remove}, {"move", table_move},     {"concat", table_concat},
        {"pack", table_pack},     {"sort", table_sort},     {"unpack", table_unpack}, {NULL, NULL},
    };
    luaL_newlib(L, functions);
}
