#include <time.h>

#include "check.h"

/// Lua's own functions stay in `stock`, ours are in `string`.
static const char prepare[] =
    "local pack, equal = table.pack, rawequal\n"
    "local function show(r) local t = {}; for i = 1, r.n do t[i] = math.type(r[i]) == 'integer' and tostring(r[i]) or string.format('%q', r[i]) end\n"
    "  return table.concat(t, ', ') end\n"
    "function compare(name, ...)\n"
    "  local a, b = pack(pcall(stock[name], ...)), pack(pcall(string[name], ...))\n"
    "  -- Lua names a function by where it finds it, which differs between the two tables.\n"
    "  for _, r in ipairs {a, b} do if not r[1] and type(r[2]) == 'string' then r[2] = stock.gsub(r[2], \"to '[^']*'\", 'to') end end\n"
    "  local same = a.n == b.n\n"
    "  for i = 1, a.n do same = same and equal(a[i], b[i]) and math.type(a[i]) == math.type(b[i]) end\n"
    "  if not same then error(name .. '(' .. show(pack(...)) .. ')\\n  stock: ' .. show(a) .. '\\n  ours:  ' .. show(b), 0) end\n"
    "end\n"
    "local function all(f, s, p, init)\n"
    "  local out = {}\n"
    "  for a, b, c in f(s, p, init) do out[#out + 1] = tostring(a) .. '|' .. tostring(b) .. '|' .. tostring(c); if #out > 100 then break end end\n"
    "  return table.concat(out, ';')\n"
    "end\n"
    "stock.all = function(...) return all(stock.gmatch, ...) end\n"
    "string.all = function(...) return all(string.gmatch, ...) end\n"
    "upper = function(a, b) if a == 'b' then return nil elseif a == 'c' then return false end return tostring(a) .. '/' .. tostring(b) end\n"
    "map = {a = 'A', b = false, ab = 12, [''] = '-'}\n"
    "function try(s, p, r, init, max)\n"
    "  compare('find', s, p); compare('find', s, p, init); compare('match', s, p, init); compare('all', s, p, init)\n"
    "  compare('find', s, p, init, true); compare('gsub', s, p, r); compare('gsub', s, p, r, max)\n"
    "  compare('gsub', s, p, upper); compare('gsub', s, p, map)\n"
    "end\n";

static size_t random_pattern(char *to) {
    static const char *const pieces[] = {
        "a",  "b",  "c",   "aa",  ".",   "%a",  "%A",  "%d",   "%s",      "%w",      "%p",    "%l",     "%u",
        "%x", "%c", "%g",  "%S",  "%%",  "%.",  "[ab]", "[^a]", "[a-c]",  "[%a]",    "[^%s]", "[]]",    "[^]]",
        "[a-]", "[%-a]", "[%w_]", "(",   ")",   "()",  "(a)",  "(.-)",    "(%a*)",   "%1",    "%2",     "%0",
        "%b()", "%bab", "%f[a]", "%f[%A]", "%f[^a]", "^", "$",  "*",      "+",       "-",     "?",      "a*",
        "b+", "c-", "a?",  ".-",  ".*",  "[",   "]",   "%",    "%b",      "%f",      "[a",    "[^",     "[%",
        "%z", "[a-%]", "[%a-z]", "\0",  "\xe9", "[\x80-\xff]", "%q", "]a",
    };
    size_t len = 0, count = 1 + fuzz(7);
    if (fuzz(5) == 0) to[len++] = '^';
    for (size_t i = 0; i < count; i++) {
        const char *piece = pieces[fuzz(sizeof pieces / sizeof pieces[0])];
        size_t n = *piece == 0 ? 1 : strlen(piece);
        memcpy(to + len, piece, n);
        len += n;
    }
    if (fuzz(6) == 0) to[len++] = '$';
    to[len] = 0;
    return len;
}

static size_t random_subject(char *to) {
    static const char letters[] = "aaaabbbcc ()[]]-1%A_.\n\0\xe9z^$";
    size_t len = fuzz(14);
    for (size_t i = 0; i < len; i++) to[i] = letters[fuzz(sizeof letters - 1)];
    return len;
}

static void results_equal_stock(lua_State *L) {
    static const char *const replacements[] = {"x", "", "%0%0", "<%1>", "%2", "%%", "%", "%x", "%1%2%3", "a%0b"};
    int rounds = fuzz_rounds(150000);
    char pattern[128], subject[32];
    for (int i = 0; i < rounds && checks_failed < 5; i++) {
        size_t pattern_len = random_pattern(pattern), subject_len = random_subject(subject);
        lua_getglobal(L, "try");
        lua_pushlstring(L, subject, subject_len);
        lua_pushlstring(L, pattern, pattern_len);
        lua_pushstring(L, replacements[fuzz(sizeof replacements / sizeof replacements[0])]);
        lua_pushinteger(L, (lua_Integer)fuzz(24) - 8);
        lua_pushinteger(L, (lua_Integer)fuzz(5) - 1);
        if (lua_pcall(L, 5, 0, 0) != LUA_OK) {
            fprintf(stderr, "%s\n", lua_tostring(L, -1));
            lua_pop(L, 1);
            checks_failed++;
        }
    }
}

static const char cases[] =
    "for c = 0, 255 do local s = string.char(c)\n"
    "  for p in ('acdglpsuwxzACDGLPSUWXZ'):gmatch('.') do compare('find', s, '%' .. p); compare('find', s, '[%' .. p .. ']') end\n"
    "end\n"
    "compare('find', 'abc', 'b', 10); compare('find', 'abc', '', 4); compare('find', 'abc', '', 5); compare('find', '', '')\n"
    "compare('find', 123, 2); compare('gsub', 'abc', 'b', 7); compare('gsub', 'abc', '', '-'); compare('gsub', 'abc', 'w', '-')\n"
    "compare('gsub', 'abc', 'b', true); compare('gsub', 'abc', '.', function() return {} end); compare('gsub', 'x', 'x', '%2')\n"
    "compare('gsub', 'hello world', '(o)()', '%2%1'); compare('gsub', 'abc', '^a', 'x'); compare('gsub', 'aaa', '^a', 'x')\n"
    "compare('gsub', 'abc', '%w', '%%%0'); compare('gsub', 'abc def', '%f[%w]%w+', 'W'); compare('match', '  trim  ', '^%s*(.-)%s*$')\n"
    "compare('find'); compare('find', 'a'); compare('find', {}, 'a'); compare('gsub', 'a', 'a'); compare('match', 'a', nil)\n"
    "compare('gmatch', 'a'); compare('all', 'abc', '', 3); compare('all', 'abc', '^a'); compare('all', 'k=v, q=w', '(%w+)=(%w+)')\n"
    "compare('match', ('x'):rep(50), ('(x)'):rep(32)); compare('match', ('x'):rep(50), ('(x)'):rep(33)); compare('match', 'x', ('('):rep(40))\n"
    "compare('match', ('a'):rep(300), ('a?'):rep(198)); compare('match', ('a'):rep(300), ('a?'):rep(199)); compare('match', ('a'):rep(300), ('a?'):rep(200))\n"
    "compare('match', ('a'):rep(300), ('a?'):rep(250)); compare('find', ('a'):rep(300), ('a*'):rep(199)); compare('find', 'b', ('a*'):rep(200))\n"
    "compare('find', 'abcdefghijkl', '[a][b][c][d][e][f][g][h][i][j]k'); compare('find', 'xxabcdefghijk', '[a-b][b][c][d][e][f][g][h][i][j]k')\n"
    "for _, a in ipairs { {'ab', 3}, {'ab', 3, ','}, {'', 5}, {'', 3, '.'}, {'x', 0}, {'x', -1}, {'x', 1, 'yy'}, {'abc', 1000, '12'}, {'x', 2, ''}, {5, 3} } do\n"
    "  compare('rep', table.unpack(a)) end\n"
    "compare('rep', 'x', 'y'); compare('rep', 'x'); compare('rep', 'x', math.maxinteger)\n"
    "assert(#('x'):rep(8 << 20) == 8 << 20)\n"
    "for _, a in ipairs { {'x', (8 << 20) + 1}, {'', 1 << 40, 'x'}, {('x'):rep(1 << 20), 9}, {'x', math.maxinteger, 'y'} } do\n"
    "  local ok, e = pcall(string.rep, table.unpack(a)); assert(not ok and e:find('too large', 1, true), e) end\n"
    "local ok, e = pcall(string.gsub, ('x'):rep(1 << 20), 'x', ('y'):rep(9)); assert(not ok and (e:find('too large', 1, true)), e)\n"
    "local ok, e = pcall(string.gsub, 'x', 'x', function() error('inner', 0) end); assert(not ok and e == 'inner')\n"
    "for w in ('a b'):gmatch('%a') do for v in ('c d'):gmatch('%a') do assert(#w == 1 and #v == 1) end end\n";

/// Patterns that keep Lua's own matcher busy for seconds or for ever end with an error; straight ones on a large text do not.
static const char budget[] =
    "local function complex(...) local ok, e = pcall(...); assert(not ok and e:find('pattern too complex', 1, true), e) end\n"
    "local s = ('a'):rep(30)\n"
    "complex(string.find, s, ('a-'):rep(24) .. 'b'); complex(string.match, s, ('a*'):rep(24) .. 'b'); complex(string.find, s, ('a?'):rep(30) .. 'b')\n"
    "complex(string.gsub, s, ('.-'):rep(24) .. 'b', ''); complex(function() for _ in s:gmatch(('(.-)'):rep(16) .. 'b') do end end)\n"
    "complex(string.find, ('a'):rep(20000), '.-b'); complex(string.find, (' '):rep(20000) .. 'x', '%s+$'); complex(string.find, ('('):rep(50000), '%b()')\n"
    "complex(string.find, ('x'):rep(8 << 20), '[^y]*z'); complex(string.find, ('x'):rep(8 << 20), '[yz]')\n"
    "local big = ('word, '):rep(170000)\n"
    "assert(#big > 1000000 and select(2, big:gsub('%s+', ' ')) == 170000)\n"
    "assert(not big:find('y') and not big:find('[yz]%d') and #big:match('^.*$') == #big)\n";

static void budget_holds(lua_State *L) {
    struct timespec a, b;
    clock_gettime(CLOCK_MONOTONIC, &a);
    run_lua(L, "=budget", budget);
    clock_gettime(CLOCK_MONOTONIC, &b);
    double seconds = (double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) * 1e-9;
    // About twelve calls use all of their budget; without one, a single call would take years.
    if (getenv("NJ_FUZZ_DIVISOR") == NULL) CHECK(seconds < 5);
}

int main(void) {
    lua_State *L = new_state();
    run_lua(L, "=stock", "stock = {}; for k, v in pairs(string) do stock[k] = v end");
    lua_getglobal(L, "string");
    CHECK(nj_pattern_open(L) == 0);
    lua_pop(L, 1);
    run_lua(L, "=prepare", prepare);
    run_lua(L, "=cases", cases);
    results_equal_stock(L);
    budget_holds(L);
    lua_close(L);
    return finish("test_pattern");
}
