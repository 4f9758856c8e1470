#include <math.h>

#include "check.h"

static nj_json_error error;

/// Decodes and encodes again; the text stays valid until the next call.
static const char *again(lua_State *L, const char *text) {
    static nj_buf out;
    if (L == NULL) {
        nj_buf_free(&out);
        return NULL;
    }
    int top = lua_gettop(L);
    nj_buf_clear(&out);
    if (nj_json_push(L, text, strlen(text), NULL, &error) != NJ_OK) {
        CHECK(lua_gettop(L) == top);
        return error.detail;
    }
    CHECK(lua_gettop(L) == top + 1);
    int failed = nj_json_encode(L, -1, &out, NULL, 1, &error);
    CHECK(lua_gettop(L) == top + 1);
    lua_settop(L, top);
    if (failed) return error.detail;
    CHECK(nj_buf_append(&out, "", 1) == 0);
    return out.data;
}

static void texts_round_trip(lua_State *L) {
    static const char *const cases[][2] = {
        {"null", "null"}, {" true ", "true"}, {"false", "false"}, {"\t\r\n0", "0"}, {"-0", "0"}, {"-0.0", "-0.0"},
        {"9223372036854775807", "9223372036854775807"}, {"-9223372036854775808", "-9223372036854775808"},
        {"9223372036854775808", "9.223372036854776e+18"}, {"1e2", "100.0"}, {"1E-2", "0.01"}, {"1.5", "1.5"}, {"0.1", "0.1"},
        {"0.30000000000000004", "0.30000000000000004"}, {"1e22", "1e+22"}, {"1e300", "1e+300"}, {"5e-324", "5e-324"},
        {"123456.789", "123456.789"}, {"1e400", "number out of range at byte 1"}, {"-1e400", "number out of range at byte 1"},
        {"[]", "[]"}, {"{}", "{}"}, {"[ ]", "[]"}, {"{ }", "{}"}, {"[[],{}]", "[[],{}]"}, {"[1,[2,[3]]]", "[1,[2,[3]]]"},
        {"[null,null]", "[null,null]"}, {"{\"a\":null}", "{\"a\":null}"}, {"{\"b\":1,\"a\":2}", "{\"a\":2,\"b\":1}"},
        {"{\"a\":1,\"a\":2}", "{\"a\":2}"}, {"{\"a\":1,\"\\u0061\":2}", "{\"a\":2}"}, {"{\"a\":{\"x\":1},\"b\":1,\"a\":3,\"c\":4}", "{\"a\":3,\"b\":1,\"c\":4}"},
        {"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\\"\\\\/\\b\\f\\n\\r\\t\""}, {"\"\\u0000\\u001f\"", "\"\\u0000\\u001f\""},
        {"\"\\u00e9\\u20ac\\ud83d\\ude00\"", "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""}, {"\"\xf4\x8f\xbf\xbf\x7f\"", "\"\xf4\x8f\xbf\xbf\x7f\""},
        {"\"0123456789abcdef0123456789\\nabcdefgh\"", "\"0123456789abcdef0123456789\\nabcdefgh\""},
        {"\"\\ud800\"", "unpaired surrogate at byte 2"}, {"\"\\udc00\"", "unpaired surrogate at byte 2"},
        {"\"\\ud800\\u0041\"", "unpaired surrogate at byte 2"}, {"\"\\ud8\"", "invalid \\u escape at byte 2"},
        {"\"\xff\"", "invalid UTF-8 at byte 2"}, {"\"\xc0\x80\"", "invalid UTF-8 at byte 2"}, {"\"\xed\xa0\x80\"", "invalid UTF-8 at byte 2"},
        {"\"\xf4\x90\x80\x80\"", "invalid UTF-8 at byte 2"}, {"\"\xe2\x82\"", "invalid UTF-8 at byte 2"}, {"\"\xe0\x9f\xbf\"", "invalid UTF-8 at byte 2"},
        {"\"a\nb\"", "control character in string at byte 3"}, {"\"abc", "unfinished string at byte 5"}, {"\"\\x\"", "invalid escape at byte 2"},
        {"\"\\", "unfinished string at byte 2"}, {"", "value expected at byte 1"}, {" ", "value expected at byte 2"}, {"nul", "value expected at byte 1"},
        {"01", "leading zero at byte 2"}, {"-", "digit expected at byte 2"}, {"1.", "digit expected at byte 3"}, {"1e", "digit expected at byte 3"},
        {"1e+", "digit expected at byte 4"}, {"+1", "value expected at byte 1"}, {".5", "value expected at byte 1"}, {"NaN", "value expected at byte 1"},
        {"[1,]", "value expected at byte 4"}, {"[1 2]", "',' or closing bracket expected at byte 4"}, {"[1", "unfinished array or object at byte 3"},
        {"[", "value expected at byte 2"}, {"{", "key expected at byte 2"}, {"{1:2}", "key expected at byte 2"}, {"{\"a\" 1}", "':' expected at byte 6"},
        {"{\"a\":1,}", "key expected at byte 8"}, {"{\"a\":}", "value expected at byte 6"}, {"1 2", "text after the value at byte 3"}, {"[1}", "',' or closing bracket expected at byte 3"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        CHECK_TEXT(again(L, cases[i][0]), cases[i][1]);
        nj_json_error other;
        int bad = nj_json_check(cases[i][0], strlen(cases[i][0]), NULL, &other);
        if (strstr(cases[i][1], "out of range") == NULL) CHECK(bad == nj_json_push(L, cases[i][0], strlen(cases[i][0]), NULL, &error));
        lua_settop(L, 0);
    }
    char long_number[600];
    memset(long_number, '1', sizeof long_number);
    CHECK(nj_json_push(L, long_number, 513, NULL, &error) == NJ_ENUMBER);
    CHECK(nj_json_push(L, long_number, 400, NULL, &error) == NJ_ENUMBER);
    CHECK(nj_json_push(L, long_number, 300, NULL, &error) == NJ_OK);
    lua_settop(L, 0);
}

static void halves_of_pairs_are_mended_where_that_is_asked_for(lua_State *L) {
    static const char *const cases[][2] = {
        {"\"\\ud800\"", "\"\xef\xbf\xbd\""}, {"\"\\udc00x\"", "\"\xef\xbf\xbdx\""}, {"\"\\ud800\\u0041\"", "\"\xef\xbf\xbd" "A\""},
        {"\"\\ud800\\ud83d\\ude00\"", "\"\xef\xbf\xbd\xf0\x9f\x98\x80\""}, {"\"\\ude00\\ud83d\"", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
        {"\"\\ud83d\\ude00\"", "\"\xf0\x9f\x98\x80\""}, {"\"\\\\ud800\"", "\"\\\\ud800\""}, {"{\"\\udfff\":[\"\\ud800\"]}", "{\"\xef\xbf\xbd\":[\"\xef\xbf\xbd\"]}"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        nj_buf out = {0};
        CHECK(nj_json_push_partly(L, cases[i][0], strlen(cases[i][0]), NULL, 0, 0, 1, &error) == NJ_OK);
        CHECK(nj_json_encode(L, -1, &out, NULL, 0, &error) == NJ_OK && nj_buf_append(&out, "", 1) == 0);
        CHECK_TEXT(out.data, cases[i][1]);
        nj_buf_free(&out);
        lua_settop(L, 0);
    }
    // Other mistakes stay mistakes, and what is passed on as it came is not mended.
    CHECK(nj_json_push_partly(L, "\"\\ud80\"", 7, NULL, 0, 0, 1, &error) == NJ_ESYNTAX);
    lua_pushliteral(L, "a");
    CHECK(nj_json_push_partly(L, "{\"b\":\"\\ud800\",\"a\":\"\\ud800\"}", 27, NULL, 1, 1, 1, &error) == NJ_EUTF8);
    CHECK(strcmp(error.detail, "unpaired surrogate at byte 20") == 0);
    lua_settop(L, 0);
}

static void sizes_around_the_waiting_limits_round_trip(lua_State *L) {
    static char text[20000];
    for (int n = 0; n < 100; n++) {
        size_t a = 0;
        text[a++] = '[';
        for (int i = 0; i < n; i++) a += (size_t)sprintf(text + a, "%s%d", i ? "," : "", i * 7);
        a += (size_t)sprintf(text + a, "]");
        CHECK_TEXT(again(L, text), text);
        a = (size_t)sprintf(text, "{");
        for (int i = 0; i < n; i++) a += (size_t)sprintf(text + a, "%s\"k%03d\":[%d,\"v\"]", i ? "," : "", i, i);
        a += (size_t)sprintf(text + a, "}");
        CHECK_TEXT(again(L, text), text);
    }
}

static void limits_hold(lua_State *L) {
    char text[300];
    for (int i = 0; i < 65; i++) text[i] = '[', text[65 + i] = ']';
    CHECK(nj_json_push(L, text + 1, 128, NULL, &error) == NJ_OK);
    CHECK(nj_json_push(L, text, 130, NULL, &error) == NJ_EDEPTH);
    CHECK(nj_json_check(text + 1, 128, NULL, &error) == NJ_OK && nj_json_check(text, 130, NULL, &error) == NJ_EDEPTH);
    nj_json_limits limits = {.depth = 2, .bytes = 10};
    CHECK(nj_json_push(L, "[[12345]]", 9, &limits, &error) == NJ_OK);
    CHECK(nj_json_push(L, "[[1234567]]", 11, &limits, &error) == NJ_ESIZE);
    nj_buf out = {NULL, 0, 0};
    CHECK(nj_buf_append(&out, "x", 1) == 0);
    CHECK(nj_json_encode(L, -1, &out, &limits, 0, &error) == NJ_OK && out.len == 10);
    run_lua(L, "=big", "big = {12345678}; bigger = {123456789, 'abc'}; deep = {{{}}}; text = ('x'):rep(9); cycle = {1}; cycle[2] = {a = cycle}");
    lua_getglobal(L, "big");
    CHECK(nj_json_encode(L, -1, &out, &limits, 0, &error) == NJ_OK && out.len == 20);
    lua_getglobal(L, "bigger");
    CHECK(nj_json_encode(L, -1, &out, &limits, 0, &error) == NJ_ESIZE && out.len == 20);
    lua_getglobal(L, "text");
    CHECK(nj_json_encode(L, -1, &out, &limits, 0, &error) == NJ_ESIZE && out.len == 20);
    lua_getglobal(L, "deep");
    CHECK(nj_json_encode(L, -1, &out, &limits, 0, &error) == NJ_EDEPTH && out.len == 20);
    CHECK_TEXT(error.detail, "value[1][1] is nested too deep");
    lua_getglobal(L, "cycle");
    CHECK(nj_json_encode(L, -1, &out, NULL, 1, &error) == NJ_ECYCLE && out.len == 20);
    run_lua(L, "=bare", "named = {a = {1, setmetatable({}, {})}}");
    lua_getglobal(L, "named");
    CHECK(nj_json_encode(L, -1, &out, NULL, NJ_JSON_SORTED | NJ_JSON_BARE, &error) == NJ_ETYPE && out.len == 20);
    CHECK_TEXT(error.detail, "a[2] has a metatable");
    CHECK(memcmp(out.data, "x[[12345]][12345678]", 20) == 0);
    nj_buf_free(&out);
    lua_settop(L, 0);
}

static const char script[] =
    "local function bad(v, want) local t, code, detail = json.encode(v); assert(t == nil and code == 'invalid_json'); if detail ~= want then error(detail .. ' / ' .. want, 0) end end\n"
    "local function good(v, want, o) local t = assert(json.encode(v, o)); if t ~= want then error(t .. ' / ' .. want, 0) end end\n"
    "good({}, '{}'); good(json.array(), '[]'); good(json.array {1, 2}, '[1,2]'); good(nil, 'null'); good(json.null, 'null'); good({json.null}, '[null]')\n"
    "good({1.0, -2.5, 1e15, 2^53, 2^63, -0.0}, '[1.0,-2.5,1000000000000000.0,9007199254740992.0,9.223372036854776e+18,-0.0]')\n"
    "good({0, 9, 10, 99, 100, 9999, 10000, -1, math.mininteger, math.maxinteger}, '[0,9,10,99,100,9999,10000,-1,-9223372036854775808,9223372036854775807]')\n"
    "good({b = 1, a = {d = true, c = false}, [''] = 'x', aa = 2}, '{\"\":\"x\",\"a\":{\"c\":false,\"d\":true},\"aa\":2,\"b\":1}', {sort = true})\n"
    "local r = {}; for i = 40, 1, -1 do r[i] = i end; local s = json.encode(r); assert(s == '[' .. table.concat(r, ',') .. ']')\n"
    "local n = {[3] = {1}, [2] = {[2] = 'y', [1] = 'x'}, [1] = 0}; good(n, '[0,[\"x\",\"y\"],[1]]')\n"
    "bad({1, nil, 3}, 'value is neither a sequence 1..n nor an object'); bad({[2] = 1}, 'value is neither a sequence 1..n nor an object')\n"
    "bad({players = {{}, {}, {callback = print}}}, 'players[3].callback is a function'); bad(print, 'value is a function'); bad({coroutine.create(print)}, 'value[1] is a coroutine')\n"
    "bad({a = 0/0}, 'a is NaN'); bad({a = {1, 1/0}}, 'a[2] is infinite'); bad({['odd key'] = {x = io.stdout}}, 'value[\"odd key\"].x is a userdata')\n"
    "bad({a = {[true] = 1}}, 'a has a key that is no string'); bad({a = {x = 1, [{}] = 1}}, 'a has a key that is no string')\n"
    "bad({a = {[1.5] = 1}}, 'a is neither a sequence 1..n nor an object'); bad({a = {1, 2, x = 3}}, 'a is neither a sequence 1..n nor an object')\n"
    "bad({a = 'x\\xff'}, 'a is not UTF-8'); bad({a = {['\\xff'] = 1}}, 'a has a key that is not UTF-8'); bad({'\\xed\\xa0\\x80'}, 'value[1] is not UTF-8')\n"
    "local c = {}; c.x = {c}; local cyclic = select(3, json.encode(c)); assert(cyclic:find('^x%[1%]%.x%[1%]%.x') and cyclic:find('contains itself$'), cyclic)\n"
    "local t = json.decode('[1,2,{\"a\":[]}]'); assert(#t == 3 and math.type(t[1]) == 'integer' and json.encode(t) == '[1,2,{\"a\":[]}]')\n"
    "t[1], t[2], t[3] = nil, nil, nil; good(t, '[]'); t.x = 1; bad(t, 'value is neither a sequence 1..n nor an object')\n"
    "assert(json.decode('null') == json.null and json.decode('{\"a\":null}').a == json.null)\n"
    "assert(getmetatable(json.array()) == false and not pcall(json.array, setmetatable({}, {})) and not pcall(json.array, 1))\n"
    "local v, code, detail = json.decode('{\"a\":tru}'); assert(v == nil and code == 'invalid_json' and detail == 'value expected at byte 6')\n"
    "local r = json.decode('{\"s\":\"web\",\"d\": {\"id\":123456789012345678901, \"a\":[1.50]} ,\"n\":{\"d\":1}}', {raw = {'d'}})\n"
    "assert(type(r.d) == 'userdata' and tostring(r.d) == '{\"id\":123456789012345678901, \"a\":[1.50]}' and r.s == 'web' and r.n.d == 1)\n"
    "assert(json.encode({d = r.d}) == '{\"d\":' .. tostring(r.d) .. '}'); assert(json.decode(r.d).a[1] == 1.5)\n"
    "assert(tostring(json.decode('{\"d\":1,\"\\\\u0064\":\"x\"}', {raw = {'d'}}).d) == '\"x\"')\n"
    "assert(json.decode('[{\"d\":1}]', {raw = {'d'}})[1].d == 1); assert(json.decode('{\"a\":{\"d\":1}}', {raw = {'d'}}).a.d == 1)\n"
    "local w = {}; for i = 1, 40 do w[i] = '\"k' .. i .. '\":' .. i end; w = json.decode('{' .. table.concat(w, ',') .. ',\"d\":[ ]}', {raw = {'x', 'd'}}); assert(w.k40 == 40 and tostring(w.d) == '[ ]')\n"
    "local v, code = json.decode('{\"d\":[1,}', {raw = {'d'}}); assert(v == nil and code == 'invalid_json')\n"
    "assert(json.decode('{\"d\":' .. ('['):rep(63) .. (']'):rep(63) .. '}', {raw = {'d'}}) and not json.decode('{\"d\":' .. ('['):rep(64) .. (']'):rep(64) .. '}', {raw = {'d'}}))\n"
    "assert(not pcall(json.decode, '{}', {raw = 'd'}) and not pcall(json.decode, '{}', {raw = {1}}) and not pcall(json.decode, '{}', 1))\n"
    "assert(not pcall(json.decode, '{}', {raw = {'a','b','c','d','e','f','g','h','i'}}) and json.decode('{}', {}))\n"
    "assert(not pcall(json.decode)); assert(not pcall(json.decode, 12)); assert(not pcall(json.encode)); assert(not pcall(json.encode, 1, 2))\n"
    "local raw = json.raw('{\"keep\": 1.50}'); good({a = raw}, '{\"a\":{\"keep\": 1.50}}'); assert(tostring(raw) == '{\"keep\": 1.50}' and getmetatable(raw) == false)\n"
    "assert(select(2, json.raw('{')) == 'invalid_json')\n"
    "good(setmetatable({1}, {__index = error, __len = error, __pairs = error}), '[1]')\n"
    "local long = ('\\\\u00e9'):rep(2000); assert(json.decode('\"' .. long .. '\"') == ('\\u{e9}'):rep(2000)); good(('\\1'):rep(3000), '\"' .. ('\\\\u0001'):rep(3000) .. '\"')\n"
    "local o = {}; for i = 1, 2000 do o['k' .. i] = i end; local d = json.decode(json.encode(o, {sort = true})); for k, v in pairs(o) do assert(d[k] == v) end\n"
    "local w = json.decode(json.encode(o)); for k, v in pairs(o) do assert(w[k] == v) end\n"
    "assert(select(3, json.encode(('x'):rep(2 << 20))):find('too large')); assert(select(3, json.decode((' '):rep(2 << 20))):find('too large'))\n";

static void members_are_sliced(void) {
    const char *text = " {\"action\" : \"bet\", \"n\":-12,\"f\":1.5e3,\"p\":{\"a\":[1,2]},\"l\":[],\"t\":true,\"x\":null,\"e\\u0073c\":\"a\\n\",\"n\":7} ";
    nj_slice s[12];
    int n = nj_json_scan(text, strlen(text), s, 12, &error);
    CHECK(n == 9);
    static const char *const values[] = {"\"bet\"", "-12", "1.5e3", "{\"a\":[1,2]}", "[]", "true", "null", "\"a\\n\"", "7"};
    static const int types[] = {NJ_JSON_STRING, NJ_JSON_INTEGER, NJ_JSON_FLOAT, NJ_JSON_OBJECT, NJ_JSON_ARRAY,
                                NJ_JSON_TRUE,   NJ_JSON_NULL,    NJ_JSON_STRING, NJ_JSON_INTEGER};
    for (int i = 0; i < n; i++) {
        CHECK(s[i].type == types[i]);
        CHECK(s[i].value_len == strlen(values[i]) && memcmp(text + s[i].value, values[i], s[i].value_len) == 0);
    }
    CHECK(s[0].key_len == 6 && memcmp(text + s[0].key, "action", 6) == 0);
    CHECK(s[7].key_escaped && s[7].value_escaped && !s[0].key_escaped && !s[0].value_escaped);
    CHECK(nj_json_scan(text, strlen(text), s, 2, &error) == 9);
    CHECK(nj_json_scan("{}", 2, s, 2, &error) == 0);
    CHECK(nj_json_scan("[1]", 3, s, 2, &error) == -1 && error.code == NJ_ETYPE);
    static const char *const bad[] = {"", "{", "{\"a\"", "{\"a\":", "{\"a\":1", "{\"a\":1,", "{\"a\":1,}", "{\"a\":1}x", "{\"a\":01}", "{\"a\":\"\xff\"}", "{\"a\":[}", "{a:1}"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) CHECK(nj_json_scan(bad[i], strlen(bad[i]), s, 2, &error) == -1);
    nj_buf out = {NULL, 0, 0};
    CHECK(nj_json_unescape("a\\u00e9\\ud83d\\ude00\\n", 23 - 3, &out) == 0 && out.len == 8 && memcmp(out.data, "a\xc3\xa9\xf0\x9f\x98\x80\n", 8) == 0);
    nj_buf_clear(&out);
    CHECK(nj_json_quote("a\"b", 3, &out) == 0 && out.len == 6 && memcmp(out.data, "\"a\\\"b\"", 6) == 0);
    CHECK(nj_json_quote("\xc3", 1, &out) == -2);
    nj_buf_free(&out);
    int64_t value;
    CHECK(nj_json_integer("-12", 3, &value) && value == -12);
    CHECK(nj_json_integer("9223372036854775807", 19, &value) && value == INT64_MAX);
    CHECK(!nj_json_integer("9223372036854775808", 19, &value) && !nj_json_integer("1.0", 3, &value) && !nj_json_integer("", 0, &value));
    CHECK(!nj_json_integer("1x", 2, &value) && !nj_json_integer("x", 1, &value) && !nj_json_integer("-", 1, &value));
    CHECK(nj_utf8_valid("plain text \xc3\xa9", 13) && !nj_utf8_valid("plain text \xc3", 12) && nj_utf8_valid("", 0));
}

static void floats_read_back_equal(lua_State *L) {
    nj_buf out = {NULL, 0, 0};
    int rounds = fuzz_rounds(60000);
    for (int i = 0; i < rounds; i++) {
        double value;
        uint64_t bits = (uint64_t)fuzz(1u << 31) << 33 ^ (uint64_t)fuzz(1u << 31) << 16 ^ fuzz(65536);
        if (i % 3 == 0) memcpy(&value, &bits, sizeof value);
        else if (i % 3 == 1) value = ((double)fuzz(2000000) - 1000000) / (double)(1 + fuzz(1000));
        else value = (double)fuzz(1000000) / (fuzz(2) ? 100.0 : 10000.0);
        if (!isfinite(value)) continue;
        lua_pushnumber(L, value);
        nj_buf_clear(&out);
        CHECK(nj_json_encode(L, -1, &out, NULL, 0, &error) == NJ_OK);
        CHECK(nj_json_push(L, out.data, out.len, NULL, &error) == NJ_OK);
        double back = lua_tonumber(L, -1);
        CHECK(!lua_isinteger(L, -1) && memcmp(&back, &value, sizeof value) == 0);
        char full[40];
        CHECK((int)out.len <= snprintf(full, sizeof full, "%.17g", value) + 6);
        int64_t integer = (int64_t)bits >> fuzz(64);
        lua_pushinteger(L, integer);
        nj_buf_clear(&out);
        CHECK(nj_json_encode(L, -1, &out, NULL, 0, &error) == NJ_OK);
        CHECK(out.len == (size_t)snprintf(full, sizeof full, "%lld", (long long)integer) && memcmp(out.data, full, out.len) == 0);
        CHECK(nj_json_push(L, out.data, out.len, NULL, &error) == NJ_OK && lua_isinteger(L, -1) && lua_tointeger(L, -1) == integer);
        lua_settop(L, 0);
    }
    nj_buf_free(&out);
}

/// A random text: mostly valid, so that mutations reach deep.
static size_t random_json(char *to, int depth) {
    static const char *const atoms[] = {"0", "-1", "12", "123456789012345678", "1.5", "-2e-3", "true", "false", "null", "\"\"",
                                        "\"abc\"", "\"\\u0041\\n\"", "\"\xc3\xa9\"", "\"\\ud83d\\ude00\"", "\"a longer string, eight by eight\""};
    uint32_t kind = fuzz(depth > 0 ? 10 : 6);
    size_t len = 0;
    if (kind < 6) return (size_t)sprintf(to, "%s", atoms[fuzz(sizeof atoms / sizeof atoms[0])]);
    int object = kind < 8, count = (int)fuzz(fuzz(8) == 0 ? 40 : 5);
    to[len++] = object ? '{' : '[';
    for (int i = 0; i < count && len < 3000; i++) {
        if (i) to[len++] = ',';
        if (fuzz(8) == 0) to[len++] = ' ';
        if (object) len += (size_t)sprintf(to + len, fuzz(9) ? "\"k%u\":" : "\"\\u006b%u\" :", fuzz(30));
        len += random_json(to + len, depth - 1);
    }
    to[len++] = object ? '}' : ']';
    to[len] = 0;
    return len;
}

static void decoder_survives_mutations(lua_State *L) {
    static char text[1 << 16];
    int rounds = fuzz_rounds(60000), accepted = 0;
    nj_buf first = {NULL, 0, 0}, second = {NULL, 0, 0};
    for (int i = 0; i < rounds && checks_failed < 5; i++) {
        size_t len = random_json(text, 4);
        for (uint32_t k = fuzz(4); k > 0; k--) {
            size_t at = fuzz((uint32_t)len + 1);
            if (fuzz(4) == 0) len = at;
            else if (at < len) text[at] = (char)(fuzz(2) ? fuzz(256) : (uint32_t)"{}[],:\"\\0-eE.\xc3"[fuzz(15)]);
        }
        // An exact copy, so that valgrind sees any byte read past the end.
        char *copy = malloc(len ? len : 1);
        memcpy(copy, text, len);
        nj_json_error other;
        nj_slice slices[4];
        int bad = nj_json_push(L, copy, len, NULL, &error);
        int checked = nj_json_check(copy, len, NULL, &other);
        CHECK(bad == NJ_ENUMBER || bad == checked);
        int members = nj_json_scan(copy, len, slices, 4, &other);
        CHECK(bad == NJ_ENUMBER || (members >= 0) == (bad == NJ_OK && lua_type(L, -1) == LUA_TTABLE && !nj_json_is_array(L, -1)));
        CHECK(lua_gettop(L) == (bad == NJ_OK));
        if (bad == NJ_OK) {
            accepted++;
            first.len = second.len = 0;
            CHECK(nj_json_encode(L, 1, &first, NULL, 1, &error) == NJ_OK);
            CHECK(nj_json_push(L, first.data, first.len, NULL, &error) == NJ_OK);
            CHECK(nj_json_encode(L, 2, &second, NULL, 1, &error) == NJ_OK);
            CHECK(first.len == second.len && memcmp(first.data, second.data, first.len) == 0);
        }
        free(copy);
        lua_settop(L, 0);
    }
    CHECK(accepted > rounds / 10);
    nj_buf_free(&first);
    nj_buf_free(&second);
}

/// Fails every allocation from the n-th on.
typedef struct failing {
    long left;
} failing;

static void *failing_alloc(void *ud, void *block, size_t old_size, size_t size) {
    failing *f = ud;
    if (size == 0) {
        free(block);
        return NULL;
    }
    if ((block == NULL || size > old_size) && f->left-- <= 0) return NULL;
    return realloc(block, size);
}

static int decode_protected(lua_State *L) {
    size_t len;
    nj_json_error e;
    const char *text = lua_tolstring(L, 1, &len);
    return nj_json_push(L, text, len, NULL, &e) == NJ_OK ? 1 : 0;
}

static void running_out_of_memory_leaks_nothing(void) {
    static char text[4000], escaped[1300];
    memset(escaped, 'x', sizeof escaped - 1);
    size_t len = (size_t)sprintf(text, "{\"a\":[1,2,3,{\"b\":\"some longer string that is not interned by Lua at all\"}],\"e\":\"\\n%s\",\"l\":[", escaped);
    for (int i = 0; i < 80; i++) len += (size_t)sprintf(text + len, "%s[%d]", i ? "," : "", i);
    len += (size_t)sprintf(text + len, "]}");
    int finished = 0;
    for (long n = 0; n < 400 && !finished; n++) {
        failing f = {1 << 20};
        lua_State *L = lua_newstate(failing_alloc, &f);
        lua_pushcfunction(L, decode_protected);
        lua_pushlstring(L, text, len);
        f.left = n;
        int status = lua_pcall(L, 1, 1, 0);
        CHECK(status == LUA_OK || status == LUA_ERRMEM);
        finished = status == LUA_OK && lua_istable(L, -1);
        f.left = 1 << 20;
        lua_close(L);
    }
    CHECK(finished);
}

int main(void) {
    lua_State *L = new_state();
    texts_round_trip(L);
    halves_of_pairs_are_mended_where_that_is_asked_for(L);
    sizes_around_the_waiting_limits_round_trip(L);
    limits_hold(L);
    run_lua(L, "=script", script);
    members_are_sliced();
    floats_read_back_equal(L);
    decoder_survives_mutations(L);
    running_out_of_memory_leaks_nothing();
    again(NULL, NULL);
    lua_close(L);
    return finish("test_json");
}
