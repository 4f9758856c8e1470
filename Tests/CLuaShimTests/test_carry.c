// What a reload carries of a value: random values with random offences, and read-only tables in all places.
#include "../../Sources/CLuaShim/codec/nj_frozen.h"
#include "check.h"

static nj_offences offences;
static nj_buf out;

/// carry(value [, bytes]) -> value without its offences, offences
static int carry(lua_State *L) {
    nj_plain_limits limits = {.depth = 16, .bytes = (size_t)luaL_optinteger(L, 2, NJ_PLAIN_BYTES)};
    nj_plain_carry_options options = {&limits, "state", NULL, NULL};
    nj_error error;
    nj_buf_clear(&out);
    int top = lua_gettop(L);
    CHECK(nj_plain_carry(L, 1, &out, &options, &offences) == NJ_OK);
    CHECK(lua_gettop(L) == top);
    CHECK(out.len <= limits.bytes + 64);
    if (out.len == 0) lua_pushnil(L);
    else CHECK(nj_plain_push(L, out.data, out.len, NULL, &error) == NJ_OK);
    lua_createtable(L, offences.count, 1);
    for (int i = 0; i < offences.count; i++) {
        lua_pushfstring(L, "%s %s", offences.item[i].path, offences.item[i].reason);
        lua_rawseti(L, -2, i + 1);
    }
    lua_pushinteger(L, offences.total);
    lua_setfield(L, -2, "total");
    return 2;
}

/// frozen(json) -> read-only table
static int frozen(lua_State *L) {
    nj_error error;
    size_t len;
    const char *text = luaL_checklstring(L, 1, &len);
    if (nj_json_push(L, text, len, NULL, &error) != NJ_OK) return luaL_error(L, "%s", error.detail);
    nj_freeze(L);
    return 1;
}

static const char script[] =
    "local v, o = carry({a = {1, print, 3}, b = {c = {d = print}}, e = 1})\n"
    "assert(v.a[1] == 1 and v.a[2] == nil and v.a[3] == 3 and v.e == 1 and next(v.b.c) == nil and o.total == 2)\n"
    "table.sort(o) assert(o[1] == 'state.a[2] is a function' and o[2] == 'state.b.c.d is a function', o[2])\n"
    "v, o = carry(print) assert(v == nil and o[1] == 'state is a function')\n"
    "v, o = carry({[print] = 1, x = 2, [{}] = 3}) assert(v.x == 2 and o.total == 2)\n"
    "local t = {} t.t = t t.u = {t} v, o = carry(t) assert(o.total == 2 and next(v.u) == nil and v.t == nil)\n"
    "local deep = {} local at = deep for i = 1, 40 do at.x = {n = i} at = at.x end v, o = carry(deep) assert(o.total == 1) local n = 0 while v do n = n + 1 v = v.x end assert(n == 16, n)\n"
    "v, o = carry({a = ('x'):rep(1000), b = ('x'):rep(100), c = {('x'):rep(1000), 1}}, 400) assert(v.a == nil and #v.b == 100 and v.c == nil and o.total == 2)\n"
    "v, o = carry(('x'):rep(1000), 400) assert(v == nil and o.total == 1)\n"
    "local holes = {} for i = 1, 200 do holes[i] = i % 7 == 0 and print or i end v, o = carry(holes) assert(o.total == 28 and #o == 28) for i = 1, 200 do assert(v[i] == (i % 7 ~= 0 and i or nil)) end\n"
    // Read-only tables are carried and encoded as what they contain.
    "local f = frozen('{\"a\":[1,{\"b\":2},[]],\"c\":{\"d\":null}}')\n"
    "assert(json.encode(f, {sort = true}) == '{\"a\":[1,{\"b\":2},[]],\"c\":{\"d\":null}}')\n"
    "v, o = carry({f = f}) assert(o.total == 0 and v.f.a[2].b == 2 and #v.f.a == 3) v.f.a[2].b = 5\n"
    "v, o = carry({f, f}) assert(o.total == 1)\n"
    "assert(not pcall(function() f.a[1] = 2 end) and not pcall(function() f.x = 2 end) and f.a[1] == 1 and f.x == nil)\n"
    "local n = 0 for k, w in pairs(f.a) do n = n + 1 assert(rawequal(f.a[k], w)) end assert(n == 3 and #f.a == 3)\n";

/// A random value of which about one in ten entries is an offence.
static void push_random(lua_State *L, int depth) {
    luaL_checkstack(L, 6, NULL);
    switch (fuzz(depth > 0 ? 9 : 5)) {
    case 0: lua_pushinteger(L, (lua_Integer)fuzz(1000)); break;
    case 1: lua_pushnumber(L, fuzz(1000) / 8.0); break;
    case 2: lua_pushfstring(L, "s%d", (int)fuzz(1000)); break;
    case 3: lua_pushboolean(L, (int)fuzz(2)); break;
    case 4: lua_pushcfunction(L, carry); break;
    default:
        lua_createtable(L, 0, 0);
        for (int i = (int)fuzz(6); i > 0; i--) {
            if (fuzz(2)) lua_pushinteger(L, (lua_Integer)fuzz(6) + 1);
            else if (fuzz(12)) lua_pushfstring(L, "k%d", (int)fuzz(5));
            else lua_pushcfunction(L, frozen);
            push_random(L, depth - 1);
            lua_rawset(L, -3);
        }
    }
}

int main(void) {
    lua_State *L = new_state();
    lua_register(L, "carry", carry);
    lua_register(L, "frozen", frozen);
    run_lua(L, "carry", script);
    for (int i = fuzz_rounds(20000); i > 0; i--) {
        lua_settop(L, 0);
        lua_pushcfunction(L, carry);
        push_random(L, 5);
        if (fuzz(3) == 0) lua_pushinteger(L, 8 + (lua_Integer)fuzz(200));
        CHECK(lua_pcall(L, lua_gettop(L) - 1, 2, 0) == LUA_OK);
        // What was carried is plain, whole and stays as it is.
        lua_settop(L, 1);
        nj_buf first = {0}, second = {0};
        nj_error error;
        CHECK(nj_plain_encode(L, 1, &first, NULL, NULL, &error) == NJ_OK);
        CHECK(nj_plain_push(L, first.data, first.len, NULL, &error) == NJ_OK);
        CHECK(nj_plain_encode(L, 1, &second, NULL, NULL, &error) == NJ_OK);
        CHECK(first.len == second.len);
        nj_buf_free(&first);
        nj_buf_free(&second);
    }
    lua_close(L);
    nj_buf_free(&out);
    return finish("test_carry");
}
