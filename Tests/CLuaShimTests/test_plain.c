#include "check.h"

static nj_plain_error error;
static nj_buf scratch;

/// plain(value) -> bytes, or nil, code, detail
static int plain(lua_State *L) {
    nj_buf_clear(&scratch);
    int top = lua_gettop(L);
    int code = nj_plain_encode(L, 1, &scratch, NULL, NULL, &error);
    CHECK(lua_gettop(L) == top);
    if (code == NJ_OK) {
        lua_pushlstring(L, scratch.data, scratch.len);
        return 1;
    }
    CHECK(scratch.len == 0);
    lua_pushnil(L);
    lua_pushinteger(L, code);
    lua_pushstring(L, error.detail);
    return 3;
}

/// unplain(bytes) -> value, or nil, code, detail
static int unplain(lua_State *L) {
    size_t len;
    const char *bytes = luaL_checklstring(L, 1, &len);
    int top = lua_gettop(L);
    int code = nj_plain_push(L, bytes, len, NULL, &error);
    CHECK(lua_gettop(L) == top + (code == NJ_OK));
    if (code == NJ_OK) return 1;
    lua_pushnil(L);
    lua_pushinteger(L, code);
    lua_pushstring(L, error.detail);
    return 3;
}

static const char script[] =
    "local function same(a, b, where)\n"
    "  assert(math.type(a) == math.type(b) and type(a) == type(b), where)\n"
    "  if type(a) ~= 'table' then\n"
    "    if type(a) == 'userdata' then assert(tostring(a) == tostring(b)) else assert(rawequal(a, b) or a ~= a and b ~= b, where) end\n"
    "    return end\n"
    "  for k, v in next, a do same(v, b[k], where .. '.' .. tostring(k)) end\n"
    "  for k in next, b do assert(a[k] ~= nil, where) end\n"
    "  assert((getmetatable(a) == nil) == (getmetatable(b) == nil), where)\n"
    "end\n"
    "local function good(v) local p = assert(plain(v)); local w, _, d = unplain(p); if w == nil and v ~= nil then error(d, 0) end; same(v, w, 'value') end\n"
    "local function bad(v, want) local p, code, d = plain(v); assert(p == nil); if d ~= want then error(d .. ' / ' .. want, 0) end end\n"
    "good(nil); good(true); good(false); good(0); good(127); good(128); good(-1); good(math.mininteger); good(math.maxinteger); good(0.5); good(1e300); good(-0.0); good(0/0); good(1/0); good(1.0)\n"
    "for i = 0, 62 do good(1 << i); good((1 << i) - 1); good(-(1 << i)); good(-(1 << i) - 1) end\n"
    "good(''); good('a'); good(('x'):rep(63)); good(('x'):rep(64)); good(('x'):rep(100000)); good('\\0\\xff binary')\n"
    "good({}); good({1, 2, 3}); good({a = 1, b = {c = {d = 'e'}}}); good({[1.5] = 1, [true] = 2, [false] = 3, [-1] = 4, [math.maxinteger] = 5, [''] = 6})\n"
    "good({1, 2, nil, 4}); good({[2] = 1}); local r = {}; for i = 300, 1, -1 do r[i] = {i} end; good(r); local h = {}; for i = 1, 1000 do h['k' .. i] = i end; good(h)\n"
    "good(json.null); good({json.null, a = json.null}); good(json.array()); good({a = json.array(), b = json.decode('[1,[2]]')}); good({json.raw('{\"a\": 1}')})\n"
    "assert(json.encode(unplain(plain({a = json.array(), b = json.raw('[1 ]')})), {sort = true}) == '{\"a\":[],\"b\":[1 ]}')\n"
    "local deep = {}; local at = deep; for i = 1, 63 do at[1] = {}; at = at[1] end; good(deep); at[1] = {}; local _, code, d = plain(deep); assert(code == 3 and d:find('nested too deep'), d)\n"
    "bad(print, 'value is a function'); bad({players = {{}, {callback = print}}}, 'players[2].callback is a function'); bad({a = coroutine.create(print)}, 'a is a coroutine')\n"
    "bad({a = {[{}] = 1}}, 'a has a table as a key'); bad({a = {[print] = 1}}, 'a has a key that is not plain data'); bad({io.stdout}, 'value[1] is a userdata')\n"
    "bad({a = setmetatable({}, {})}, 'a has a metatable'); local t = {}; bad({a = {t, t}}, 'a[2] is a table that occurs twice'); t.x = {t}; bad({b = t}, 'b.x[1] is a table that contains itself')\n"
    "bad({[1.5] = print}, 'value[1.5] is a function'); bad({['new\\nline'] = print}, 'value[\"new?line\"] is a function'); bad({[('k'):rep(100)] = print}, 'value[\"' .. ('k'):rep(32) .. '...\"] is a function')\n"
    "local many = {}; for i = 1, 5000 do many[i] = {i} end; good(many); many[5001] = many[17]; bad(many, 'value[5001] is a table that occurs twice')\n"
    "local _, code, d = plain({('x'):rep(9 << 20), ('y'):rep(9 << 20)}); assert(code == 4 and d == 'value[2] does not fit: too much data', d)\n"
    "assert(plain(('x'):rep((16 << 20) - 6))); assert(not plain(('x'):rep(16 << 20)))\n"
    "assert(select(3, unplain('')) == 'unknown version at byte 1'); assert(select(3, unplain('\\x4e')) == 'data ends early at byte 2'); assert(not unplain('\\x4e\\0\\0') and not unplain('\\x4e\\10'))\n"
    "assert(not unplain('\\x4e\\6\\1\\xff')); assert(select(3, unplain('\\x4e\\6\\0\\1\\0\\x81')) == 'invalid key at byte 6'); assert(not unplain('\\x4e\\6\\0\\1\\6\\0\\0\\x81'))\n"
    "assert(select(3, unplain('\\x4e\\6\\0\\1\\4' .. string.pack('<d', 0/0) .. '\\x81')):find('invalid key')); assert(not unplain('\\x4e\\9\\1{')); assert(not unplain('\\x4e\\9\\0'))\n"
    "assert(not unplain('\\x4e' .. ('\\6\\1\\0'):rep(200) .. '\\1')); assert(not unplain('\\x4e\\6' .. ('\\xff'):rep(9) .. '\\1\\0')); assert(not unplain('\\x4e\\5' .. ('\\xff'):rep(8) .. '\\x7f'))\n";

static void push_random(lua_State *L, int depth) {
    static const char letters[] = "abc\0\xff";
    char text[80];
    switch (fuzz(depth > 0 ? 12 : 8)) {
    case 0: lua_pushboolean(L, (int)fuzz(2)); break;
    case 1: lua_pushinteger(L, (lua_Integer)fuzz(300) - 50); break;
    case 2: lua_pushinteger(L, (lua_Integer)((uint64_t)fuzz(1u << 31) << 40 ^ fuzz(1u << 31))); break;
    case 3: lua_pushnumber(L, (double)fuzz(1000) / 8); break;
    case 4: lua_pushlightuserdata(L, nj_json_null()); break;
    case 5: nj_json_push_raw(L, "[1]", 3); break;
    case 6: case 7: {
        size_t len = fuzz(80);
        for (size_t i = 0; i < len; i++) text[i] = letters[fuzz(5)];
        lua_pushlstring(L, text, len);
        break;
    }
    default: {
        luaL_checkstack(L, 8, NULL);
        lua_newtable(L);
        int count = (int)fuzz(8), keyed = (int)fuzz(2);
        for (int i = 1; i <= count; i++) {
            push_random(L, depth - 1);
            if (!keyed || fuzz(3) == 0) {
                lua_rawseti(L, -2, i);
            } else {
                lua_pushinteger(L, (lua_Integer)fuzz(100));
                lua_tostring(L, -1);
                lua_insert(L, -2);
                lua_rawset(L, -3);
            }
        }
        if (fuzz(3) == 0) nj_json_mark_array(L, -1);
    }
    }
}

static void decoder_survives_mutations(lua_State *L) {
    int rounds = fuzz_rounds(60000), accepted = 0;
    nj_buf second = {NULL, 0, 0};
    for (int i = 0; i < rounds && checks_failed < 5; i++) {
        push_random(L, 4);
        nj_buf_clear(&scratch);
        CHECK(nj_plain_encode(L, 1, &scratch, NULL, NULL, &error) == NJ_OK);
        size_t len = scratch.len;
        char *copy = malloc(len);
        memcpy(copy, scratch.data, len);
        for (uint32_t k = fuzz(4); k > 0; k--) copy[fuzz((uint32_t)len)] = (char)(fuzz(2) ? fuzz(256) : fuzz(10));
        if (fuzz(4) == 0) len = fuzz((uint32_t)len + 1);
        lua_settop(L, 0);
        // An exact copy, so that valgrind sees any byte read past the end.
        char *exact = malloc(len ? len : 1);
        memcpy(exact, copy, len);
        int bad = nj_plain_push(L, exact, len, NULL, &error);
        CHECK(lua_gettop(L) == (bad == NJ_OK));
        if (bad == NJ_OK) {
            accepted++;
            nj_plain_limits limits = {.depth = NJ_DEPTH_MAX, .bytes = NJ_PLAIN_BYTES};
            second.len = 0;
            CHECK(nj_plain_encode(L, 1, &second, &limits, NULL, &error) == NJ_OK);
            CHECK(nj_plain_push(L, second.data, second.len, NULL, &error) == NJ_OK);
        }
        free(copy);
        free(exact);
        lua_settop(L, 0);
    }
    CHECK(accepted > rounds / 10);
    nj_buf_free(&second);
}

static void buffer_keeps_its_bounds(void) {
    nj_buf b = {NULL, 0, 0};
    CHECK(nj_buf_append(&b, "", 0) == 0 && b.cap == 0);
    CHECK(nj_buf_reserve(&b, NJ_BUF_MAX + 1) == -1 && nj_buf_reserve(&b, (size_t)-1) == -1 && b.cap == 0);
    CHECK(nj_buf_append(&b, "abc", 3) == 0 && nj_buf_reserve(&b, NJ_BUF_KEEP) == 0 && memcmp(b.data, "abc", 3) == 0 && b.len == 3);
    CHECK(nj_buf_reserve(&b, NJ_BUF_MAX) == -1 && b.len == 3);
    nj_buf_clear(&b);
    CHECK(b.len == 0 && b.cap == 0);
    CHECK(nj_buf_append(&b, "abc", 3) == 0);
    nj_buf_clear(&b);
    CHECK(b.len == 0 && b.cap > 0);
    nj_buf_free(&b);
    CHECK(b.data == NULL && b.cap == 0);
}

int main(void) {
    lua_State *L = new_state();
    lua_register(L, "plain", plain);
    lua_register(L, "unplain", unplain);
    run_lua(L, "=script", script);
    decoder_survives_mutations(L);
    buffer_keeps_its_bounds();
    nj_buf_free(&scratch);
    lua_close(L);
    return finish("test_plain");
}
