/// json.reader: records of known kinds, compared with what `decode` makes of the same text.
#include "check.h"

static const char script[] =
    "local function reader(o) return json.reader(o) end\n"
    "local read = json.reader { name = 'kind', within = 'p', envelope = { type = 'news', from = 'x' }, kinds = {\n"
    "  a = { id = 'integer', ratio = 'number', on = 'boolean', text = 'string', maybe = 'integer?', zone = { type = 'integer', default = -1 } },\n"
    "  b = {} , c = { on = { type = 'boolean', default = false }, id = { type = 'integer', optional = true } } } }\n"
    "local function message(p, rest) return '{\"type\":\"news\",\"from\":\"x\",\"p\":' .. p .. (rest or '') .. '}' end\n"
    "local function good(p, want, rest)\n"
    "  local text = message(p, rest); local r, code, detail = read(text); assert(r, detail)\n"
    "  assert(r.raw == text); local have = {}; for k, v in pairs(r) do if k ~= 'raw' then have[k] = v end end\n"
    "  for k, v in pairs(want) do if have[k] ~= v or math.type(have[k]) ~= math.type(v) then error(k .. ': ' .. tostring(have[k]) .. ' / ' .. tostring(v), 2) end have[k] = nil end\n"
    "  if next(have) then error('left: ' .. next(have), 2) end\n"
    "  return r\n"
    "end\n"
    "local function bad(text, code, detail)\n"
    "  local r, c, d = read(text)\n"
    "  if r ~= nil or c ~= code or d ~= detail then error(tostring(c) .. ': ' .. tostring(d) .. ' / ' .. code .. ': ' .. detail, 2) end\n"
    "end\n"
    "local all = '{\"kind\":\"a\",\"id\":\"9223372036854775807\",\"ratio\":\"1.5\",\"on\":\"1\",\"text\":\"x\\\\n\"}'\n"
    "local want = { kind = 'a', id = math.maxinteger, ratio = 1.5, on = true, text = 'x\\n', zone = -1 }\n"
    "for _ = 1, 3 do good(all, want) end\n"
    "good('{\"text\":\"\",\"on\":false,\"ratio\":3,\"id\":-9223372036854775808,\"kind\":\"a\",\"maybe\":\"7\",\"zone\":2,\"other\":[{}]}', { kind = 'a', id = math.mininteger, ratio = 3, on = false, text = '', maybe = 7, zone = 2 })\n"
    "good(' { \"kind\" : \"a\" , \"id\" : 1e0 , \"id\" : \"007\" , \"ratio\" : \"-1e3\" , \"on\" : 0 , \"text\" : 12.50 , \"maybe\" : null } ', { kind = 'a', id = 7, ratio = -1000.0, on = false, text = '12.50', zone = -1 })\n"
    "good('{\"kind\":\"\\\\u0061\",\"\\\\u0069d\":\"\\\\u0031\",\"ratio\":0,\"on\":\"true\",\"text\":\"\\\\u00e9\"}', { kind = 'a', id = 1, ratio = 0, on = true, text = '\\u{e9}', zone = -1 })\n"
    "good('{\"kind\":\"b\",\"id\":1}', { kind = 'b' }); good('{\"kind\":\"c\",\"on\":\"false\",\"id\":\"5\"}', { kind = 'c', on = false, id = 5 }); good('{\"kind\":\"c\"}', { kind = 'c', on = false })\n"
    "good('{\"kind\":\"d\",\"id\":\"1\",\"x\":null,\"y\":2}', { kind = 'd', id = '1', x = json.null, y = 2 })\n"
    "good('{\"kind\":\"b\"}', { kind = 'b' }, ',\"new\":{\"kind\":\"a\"},\"p2\":[1,2]'); good('[1]', { kind = 'b' }, ',\"p\":{\"kind\":\"b\"}')\n"
    "good('{\"kind\":\"a\"}', { kind = 'b' }, ',\"p\":{\"kind\":\"b\"}'); bad(message('{\"kind\":\"b\"}', ',\"p\":5'), 'no_match', 'the record is missing')\n"
    "good('{\"kind\":\"b\"}', { kind = 'b' }, ',\"type\":\"news\"'); bad(message('{\"kind\":\"b\"}', ',\"type\":\"old\"'), 'no_match', 'the envelope is another one')\n"
    "bad('{\"type\":\"news\",\"p\":{\"kind\":\"b\"}}', 'no_match', 'the envelope is another one'); bad(message('{}'), 'no_match', 'the record tells no kind')\n"
    "bad(message('{\"kind\":5}'), 'no_match', 'the record tells no kind'); bad(message('{\"kind\":\"b\",\"kind\":null}'), 'no_match', 'the record tells no kind'); bad(message('\"x\"'), 'no_match', 'the record is missing')\n"
    "bad('[]', 'no_match', 'an object expected'); bad('5', 'no_match', 'an object expected'); bad('', 'no_match' and 'invalid_json', 'value expected at byte 1'); bad('{', 'invalid_json', 'key expected at byte 2')\n"
    "bad('{}x', 'invalid_json', 'text after the value at byte 3'); bad(message('{\"kind\":\"b\",}'), 'invalid_json', 'key expected at byte 43'); bad('{\"type\":', 'invalid_json', 'value expected at byte 9')\n"
    "bad('{\"type\" :', 'invalid_json', 'value expected at byte 10'); bad('{\"type\"', 'invalid_json', \"':' expected at byte 8\"); bad('{\"p\":{\"kind\":\"\\xff\"}}', 'invalid_json', 'invalid UTF-8 at byte 15')\n"
    "local function field(name, value) return message('{\"kind\":\"a\",\"id\":\"1\",\"ratio\":\"1\",\"on\":\"1\",\"text\":\"1\",\"' .. name .. '\":' .. value .. '}') end\n"
    "for _, v in ipairs { '\"\"', '\"x\"', '\"1.0\"', '1.5', '\" 1\"', '\"1 \"', '\"0x10\"', '\"+1\"', '\"-\"', '\"9223372036854775808\"', '\"-9223372036854775809\"', '\"99999999999999999999999\"', 'true', '[]', '{}' } do bad(field('id', v), 'invalid_value', 'a: id is ' .. v .. ', no integer') end\n"
    "for _, v in ipairs { '\"\"', '\"x\"', '\"1.\"', '\".5\"', '\"1e\"', '\"1e999\"', '\"nan\"', '\"inf\"', 'false', '[1]' } do bad(field('ratio', v), 'invalid_value', 'a: ratio is ' .. v .. ', no number') end\n"
    "for _, v in ipairs { '\"\"', '\"yes\"', '2', '\"TRUE\"', '\"10\"', '[]' } do bad(field('on', v), 'invalid_value', 'a: on is ' .. v .. ', no boolean') end\n"
    "for _, v in ipairs { 'true', '[]', '{}' } do bad(field('text', v), 'invalid_value', 'a: text is ' .. v .. ', no string') end\n"
    "bad(message('{\"kind\":\"a\"}'), 'invalid_value', 'a lacks id'); bad(message('{\"kind\":\"a\",\"id\":1,\"on\":null,\"ratio\":1,\"text\":\"\"}'), 'invalid_value', 'a lacks on')\n"
    "local long = field('id', '\"' .. ('\\u{20ac}'):rep(40) .. '\"'); local _, _, d = read(long); assert(utf8.len(d) and d:find('…, no integer$'), d)\n"
    "local many = {}; for i = 1, 127 do many[i] = '\"m' .. i .. '\":1' end; good('{\"kind\":\"b\",' .. table.concat(many, ',') .. '}', { kind = 'b' })\n"
    "many[128] = '\"m128\":1'; bad(message('{\"kind\":\"b\",' .. table.concat(many, ',') .. '}'), 'invalid_value', 'more than 128 members')\n"
    "assert(select(2, read(('['):rep(64) .. (']'):rep(64))) == 'no_match' and select(2, read(('['):rep(65) .. (']'):rep(65))) == 'invalid_json')\n"
    "assert(select(3, read((' '):rep(2 << 20))):find('too large')); assert(not pcall(read)); assert(not pcall(read, 5)); assert(not pcall(read, {}))\n"
    // The payload as it came, once; other fields stay absent.
    "local r = good(all, want); assert(r.payload.id == '9223372036854775807' and r.payload == r.payload and r.nothing == nil and r[1] == nil); assert(getmetatable(r) == false and not pcall(setmetatable, r, {}))\n"
    "local own = json.reader { name = 'k', raw = 'source', payload = 'fields', kinds = { x = { n = 'integer' } } }; local o = own('{\"k\":\"x\",\"n\":\"5\"}')\n"
    "assert(o.n == 5 and o.source == '{\"k\":\"x\",\"n\":\"5\"}' and o.fields.n == '5' and o.payload == nil); o.source = nil; assert(own('{\"k\":\"y\"}').fields.k == 'y'); o.fields = nil; assert(o.fields == nil)\n"
    "o.source = 'no json'; assert(o.fields == nil); assert(json.encode(own('{\"k\":\"x\",\"n\":\"5\"}'), {sort = true}) == '{\"k\":\"x\",\"n\":5,\"source\":\"{\\\\\"k\\\\\":\\\\\"x\\\\\",\\\\\"n\\\\\":\\\\\"5\\\\\"}\"}')\n"
    "assert(json.reader {}('{\"kind\":\"anything\",\"n\":\"1\"}').n == '1')\n"
    // What is wrong with the options is said.
    "local function refused(o, want) local ok, e = pcall(json.reader, o); if ok or not tostring(e):find(want, 1, true) then error(tostring(e) .. ' / ' .. want, 2) end end\n"
    "refused({ kinds = { a = { x = 'int' } } }, \"field 'x': there is no type 'int'; known are integer, number, boolean, string\"); refused({ kinds = { a = { x = 5 } } }, \"field 'x': a type or a table expected\")\n"
    "refused({ kinds = { a = { x = {} } } }, \"field 'x': a type expected\"); refused({ kinds = { a = 5 } }, 'a table of kinds with tables of fields expected'); refused({ kinds = { [1] = {} } }, 'kinds: only texts as names')\n"
    "refused({ kinds = { a = { [1] = 'integer' } } }, 'fields of a kind: only texts as names'); refused({ kinds = { ['a\"'] = {} } }, 'without quotation marks'); refused({ kinds = { ['a\\\\'] = {} } }, 'without quotation marks')\n"
    "refused({ kinds = { ['\\xff'] = {} } }, 'UTF-8 expected'); refused({ kinds = { [('x'):rep(65)] = {} } }, '1 to 64 bytes expected'); refused({ name = '' }, '1 to 64 bytes expected'); refused({ within = 5 }, 'within: a text expected')\n"
    "refused({ kind = {} }, \"no option 'kind'\"); refused({ 5 }, \"no option '?'\"); refused({ envelope = { a = 5 } }, 'value in the envelope: a text expected'); local f = {}; for i = 1, 65 do f['f' .. i] = 'integer' end; refused({ kinds = { a = f } }, 'fields of a kind: at most 64'); f.f65 = nil; json.reader { kinds = { a = f } }\n"
    "local k = {}; for i = 1, 513 do k['k' .. i] = {} end; refused({ kinds = k }, 'kinds: at most 512'); local n = {}; for i = 1, 20 do local g = {}; for j = 1, 60 do g['g' .. i .. '_' .. j] = 'integer' end; n['n' .. i] = g end; refused({ kinds = n }, 'at most 1021 names in all')\n"
    "local e = {}; for i = 1, 9 do e['e' .. i] = 'x' end; refused({ envelope = e }, 'envelope: at most 8'); assert(not pcall(json.reader)); assert(not pcall(json.reader, 5))\n";

/// A text of a message as a service might write it, or not quite.
static size_t make_message(char *to) {
    static const char *const keys[] = {"kind", "id", "ratio", "on", "text", "other", "k\\u0069nd", "i\\u0064", "zone", "payload"};
    static const char *const values[] = {"\"a\"", "\"c\"", "\"zz\"", "\"1\"", "1", "\"-5\"", "\"9223372036854775807\"", "1.5", "\"2e2\"", "true",
                                         "null",  "\"0\"", "\"x\\ty\"", "{\"kind\":\"a\"}", "[1,{}]", "\"5428010618015189713\"", "\"\\u20ac\""};
    size_t n = (size_t)sprintf(to, "{\"type\":\"news\",\"from\":\"x\",\"p\":{");
    int count = (int)fuzz(9);
    for (int i = 0; i < count; i++) {
        n += (size_t)sprintf(to + n, "%s\"%s\":%s%s", i ? "," : "", keys[i == 0 ? 0 : fuzz(10)], values[i == 0 ? fuzz(3) : fuzz(17)], fuzz(5) ? "" : " ");
    }
    n += (size_t)sprintf(to + n, "}%s}", fuzz(4) ? "" : ",\"p\":{\"kind\":\"c\"}");
    for (uint32_t flips = fuzz(3) ? 0 : 1 + fuzz(3); flips > 0; flips--) to[fuzz((uint32_t)n)] = "\"\\{}[]:,0x \x01\xc3"[fuzz(13)];
    if (fuzz(6) == 0) n = fuzz((uint32_t)n);
    return n;
}

/// Whatever comes: it is taken exactly if `decode` takes it, in a buffer of its own length, and the fields are those that
/// `decode` has, in their types.
static void agrees_with_decode(lua_State *L) {
    run_lua(L, "=check",
        "read = json.reader { name = 'kind', within = 'p', envelope = { type = 'news', from = 'x' }, kinds = {\n"
        "  a = { id = 'integer?', ratio = 'number?', on = 'boolean?', text = 'string?', zone = { type = 'integer', default = -1 } }, c = { id = 'integer' } } }\n"
        "local to = {}\n"
        "function to.id(v) local n = (type(v) == 'number' or type(v) == 'string' and v:find('^-?%d+$')) and math.tointeger(tonumber(v)); if math.type(v) == 'float' then n = nil end return n or nil end\n"
        "to.zone = to.id\n"
        "function to.ratio(v) if type(v) == 'number' then return v end return type(v) == 'string' and v:find('^-?%d') and tonumber(v) or nil end\n"
        "function to.on(v) local t = { ['0'] = false, ['1'] = true, [0] = false, [1] = true }; if type(v) == 'boolean' then return v end if math.type(v) ~= 'float' then return t[v] end end\n"
        "function to.text(v) if type(v) == 'string' then return v end return math.type(v) == 'integer' and tostring(v) or math.type(v) == 'float' and tostring(v) or nil end\n"
        "local kinds = { a = { 'id', 'ratio', 'on', 'text', 'zone' }, c = { 'id' } }\n"
        "function check(text)\n"
        "  local record, code, detail = read(text)\n"
        "  local message = json.decode(text)\n"
        "  if message == nil then assert(code == 'invalid_json', code) return 1 end\n"
        "  local p = type(message) == 'table' and message.type == 'news' and message.from == 'x' and message.p\n"
        "  if type(p) ~= 'table' or type(p.kind) ~= 'string' then assert(code == 'no_match', code) return 2 end\n"
        "  local fields = kinds[p.kind]\n"
        "  if not fields then assert(record, detail) for k, v in pairs(p) do assert(type(v) == 'table' or record[k] == v) end return 3 end\n"
        "  for _, f in ipairs(fields) do\n"
        "    local v = p[f]; if v == json.null then v = nil end\n"
        "    if v == nil then\n"
        "      if p.kind == 'c' then assert(code == 'invalid_value') return 4 end\n"
        "    elseif to[f](v) == nil then assert(code == 'invalid_value', text) return 5 end\n"
        "  end\n"
        "  assert(record, detail)\n"
        "  for _, f in ipairs(fields) do\n"
        "    local v = p[f]; if v == json.null then v = nil end\n"
        "    local want; if v ~= nil then want = to[f](v) elseif f == 'zone' then want = -1 end\n"
        "    assert(record[f] == want and math.type(record[f]) == math.type(want), text)\n"
        "  end\n"
        "  assert(record.raw == text and record.payload.kind == p.kind)\n"
        "  return 6\n"
        "end");
    int rounds = fuzz_rounds(200000), met[7] = {0};
    char text[2048];
    for (int i = 0; i < rounds; i++) {
        size_t len = make_message(text);
        // Of its own length, so that reading behind the end is noticed.
        char *copy = malloc(len + 1);
        memcpy(copy, text, len);
        copy[len] = 0;
        lua_getglobal(L, "check");
        lua_pushlstring(L, copy, len);
        if (lua_pcall(L, 1, 1, 0) != LUA_OK) {
            fprintf(stderr, "%s: %.*s\n", lua_tostring(L, -1), (int)len, copy);
            checks_failed++;
            free(copy);
            return;
        }
        met[lua_tointeger(L, -1)]++;
        lua_settop(L, 0);
        free(copy);
    }
    for (int outcome = 1; outcome <= 6; outcome++) CHECK(met[outcome] > rounds / 1000);
}

/// Whatever is carried from one state to another loses nothing but the payload that nobody asked for.
static void records_are_plain_data(lua_State *L) {
    nj_plain_error error;
    nj_buf out = {NULL, 0, 0};
    run_lua(L, "=plain", "record = json.reader { kinds = { a = { n = 'integer' } } }('{\"kind\":\"a\",\"n\":\"5\"}')");
    lua_getglobal(L, "record");
    CHECK(nj_plain_encode(L, -1, &out, NULL, NULL, &error) == NJ_OK);
    CHECK(nj_plain_push(L, out.data, out.len, NULL, &error) == NJ_OK);
    lua_setglobal(L, "copy");
    run_lua(L, "=copy", "assert(copy.kind == 'a' and copy.n == 5 and copy.raw == record.raw and copy.payload == nil and getmetatable(copy) == nil)");
    run_lua(L, "=other", "other = setmetatable({}, {})");
    lua_getglobal(L, "other");
    CHECK(nj_plain_encode(L, -1, &out, NULL, NULL, &error) == NJ_ETYPE);
    nj_buf_free(&out);
    lua_settop(L, 0);
}

int main(void) {
    lua_State *L = new_state();
    run_lua(L, "=script", script);
    agrees_with_decode(L);
    records_are_plain_data(L);
    lua_close(L);
    return finish("test_reader");
}
