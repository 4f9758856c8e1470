#include "check.h"

static void block_matches_rfc8439(void) {
    // Section 2.3.2.
    uint32_t key[8], out[16];
    uint8_t bytes[32];
    for (int i = 0; i < 32; i++) bytes[i] = (uint8_t)i;
    for (int i = 0; i < 8; i++) {
        key[i] = (uint32_t)bytes[4 * i] | (uint32_t)bytes[4 * i + 1] << 8 | (uint32_t)bytes[4 * i + 2] << 16 |
                 (uint32_t)bytes[4 * i + 3] << 24;
    }
    const uint32_t tail[4] = {1, 0x09000000, 0x4a000000, 0};
    nj_chacha20_block(key, tail, out);
    const uint32_t want[16] = {0xe4e7f110, 0x15593bd1, 0x1fdd0f50, 0xc47120a3, 0xc7f4d1c7, 0x0368c033,
                               0x9aaa2204, 0x4e6cd4c3, 0x466482d2, 0x09aa9f07, 0x05d7c214, 0xa2028bd9,
                               0xd19c12b5, 0xb94e16de, 0xe883d0cb, 0x4e3c50a2};
    CHECK(memcmp(out, want, sizeof want) == 0);
}

static void stream_matches_rfc8439(void) {
    // Appendix A.1, vectors 1 and 2: zero key, counters 0 and 1; our stream is their concatenation.
    static const uint8_t zeros[32];
    const uint8_t first[16] = {0x76, 0xb8, 0xe0, 0xad, 0xa0, 0xf1, 0x3d, 0x90,
                               0x40, 0x5d, 0x6a, 0xe5, 0x53, 0x86, 0xbd, 0x28};
    const uint8_t second[16] = {0x9f, 0x07, 0xe7, 0xbe, 0x55, 0x51, 0x38, 0x7a,
                                0x98, 0xba, 0x97, 0x7c, 0x73, 0x2d, 0x08, 0x0d};
    uint8_t have[128];
    nj_rng rng;
    nj_rng_seed(&rng, zeros);
    nj_rng_fill(&rng, have, sizeof have);
    CHECK(memcmp(have, first, 16) == 0);
    CHECK(memcmp(have + 64, second, 16) == 0);
    CHECK(rng.draws == 16);
    nj_rng_seed(&rng, zeros);
    CHECK(nj_rng_next(&rng) == 0x903df1a0ade0b876u);
    CHECK(rng.draws == 1);
}

static void below_is_uniform_and_in_range(void) {
    static const uint8_t key[32] = {7};
    const uint64_t ranges[] = {1, 2, 3, 6, 37, 52, 60, 75, 90};
    int rounds = fuzz_rounds(200000);
    nj_rng rng;
    nj_rng_seed(&rng, key);
    for (size_t r = 0; r < sizeof ranges / sizeof ranges[0]; r++) {
        int count[90] = {0};
        uint64_t n = ranges[r];
        for (int i = 0; i < rounds; i++) {
            uint64_t x = nj_rng_below(&rng, n);
            CHECK(x < n);
            count[x]++;
        }
        double chi = 0, want = (double)rounds / (double)n;
        for (uint64_t i = 0; i < n; i++) chi += (count[i] - want) * (count[i] - want) / want;
        CHECK(chi < (double)n + 60);  // far beyond any plausible value, yet a bias shows at once
    }
    for (int i = 0; i < 1000; i++) {
        double u = nj_rng_unit(&rng);
        CHECK(u >= 0 && u < 1);
    }
}

/// 0, 1, 2 ... 31: the key of all answers below. They were worked out by a second implementation, in another language.
static void answers_key(nj_rng *rng) {
    uint8_t key[NJ_RNG_KEY_BYTES];
    for (int i = 0; i < NJ_RNG_KEY_BYTES; i++) key[i] = (uint8_t)i;
    nj_rng_seed(rng, key);
}

/// The eighth number of each range and the words it took: more than eight where draws were rejected. Journals are replayed by
/// this: an old round would come out differently if these answers changed, fair or not.
static void below_gives_the_known_numbers(void) {
    static const struct {
        uint64_t range, eighth, draws;
    } known[] = {
        {3, 0, 8},
        {5, 0, 8},
        {(1 << 5) + 1, 1, 8},
        {(1 << 16) + 1, 0xc41, 8},
        {((uint64_t)1 << 31) + 1, 0x620ada4, 8},
        {((uint64_t)1 << 32) + 1, 0xc415b48, 8},
        {((uint64_t)1 << 52) + 1, 0xc415b48a0622, 8},
        {((uint64_t)1 << 62) + 1, 0x9d390ebd8571844, 10},
        {(uint64_t)3 << 61, 0x22abf3efc71edd58, 12},
        {(uint64_t)1 << 63, 0x620ada4503113e1, 8},
        {((uint64_t)1 << 63) + 1, 0x13a721d7b0ae3089, 10},
        {(uint64_t)3 << 62, 0x931047678499dd1, 8},
        {UINT64_MAX, 0xc415b48a06227c1, 8},
        {0, 0xc415b48a06227c2, 8},  // stands for 2^64
    };
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        nj_rng rng;
        uint64_t x = 0;
        answers_key(&rng);
        for (int k = 0; k < 8; k++) x = nj_rng_below(&rng, known[i].range);
        CHECK(x == known[i].eighth);
        CHECK(rng.draws == known[i].draws);
    }
}

/// The definition, without the short cut: a word is rejected if the low half of its product is below 2^64 mod n.
static uint64_t below_by_definition(nj_rng *rng, uint64_t n) {
    __extension__ typedef unsigned __int128 wide;
    uint64_t remainder = (uint64_t)(((wide)1 << 64) % n);
    for (;;) {
        wide product = (wide)nj_rng_next(rng) * n;
        if ((uint64_t)product >= remainder) return (uint64_t)(product >> 64);
    }
}

/// Just above a power of two the most words are rejected: nearly every second one at 2^63 + 1.
static void below_rejects_what_the_definition_rejects(void) {
    nj_rng rng, reference;
    for (int power = 1; power <= 63; power++) {
        const uint64_t base = (uint64_t)1 << power;
        const uint64_t ranges[] = {base - 1, base, base + 1, base + base / 2};
        for (size_t r = 0; r < sizeof ranges / sizeof ranges[0]; r++) {
            if (ranges[r] < 2) continue;
            answers_key(&rng);
            answers_key(&reference);
            int same = 0;
            for (int i = 0; i < 200; i++) same += nj_rng_below(&rng, ranges[r]) == below_by_definition(&reference, ranges[r]);
            CHECK(same == 200 && rng.draws == reference.draws);
        }
    }
    // Without rejection every second of these numbers would be a multiple of three, and no word would be lost.
    int rounds = 30000, multiples = 0;
    answers_key(&rng);
    for (int i = 0; i < rounds; i++) multiples += nj_rng_below(&rng, (uint64_t)3 << 62) % 3 == 0;
    CHECK(multiples > rounds / 3 - 600 && multiples < rounds / 3 + 600);
    CHECK(rng.draws > (uint64_t)rounds * 13 / 10 && rng.draws < (uint64_t)rounds * 14 / 10);
    answers_key(&rng);
    for (int i = 0; i < rounds; i++) nj_rng_below(&rng, ((uint64_t)1 << 63) + 1);
    CHECK(rng.draws > (uint64_t)rounds * 19 / 10 && rng.draws < (uint64_t)rounds * 21 / 10);
}

static void os_keyed_generator_takes_new_keys(void) {
    nj_rng rng;
    uint32_t key[8];
    CHECK(nj_rng_seed_os(&rng) == 0);
    memcpy(key, rng.key, sizeof key);
    uint64_t words = NJ_RNG_REKEY_BYTES / 8;
    for (uint64_t i = 0; i < words; i++) nj_rng_next(&rng);
    CHECK(memcmp(key, rng.key, sizeof key) == 0);
    nj_rng_next(&rng);
    CHECK(memcmp(key, rng.key, sizeof key) != 0);
    CHECK(rng.os_keyed && rng.draws == words + 1 && rng.counter == 1);
}

static const char script[] =
    "local seen = {}\n"
    "for i = 1, 2000 do local x = rng:integer(3, 8); assert(math.type(x) == 'integer' and x >= 3 and x <= 8); seen[x] = true end\n"
    "for i = 3, 8 do assert(seen[i]) end\n"
    "for i = 1, 100 do local x = rng:integer(6); assert(x >= 1 and x <= 6) end\n"
    "assert(rng:integer(-5, -5) == -5)\n"
    "assert(rng:integer(math.maxinteger, math.maxinteger) == math.maxinteger)\n"
    "assert(not pcall(rng.integer, rng, 5, 4)); assert(not pcall(rng.integer, rng, 0)); assert(not pcall(rng.integer, rng, 1.5))\n"
    "local ok, e = pcall(rng.integer, 1, 6); assert(not ok and e:find('colon'))\n"
    "local x = rng:number(); assert(math.type(x) == 'float' and x >= 0 and x < 1)\n"
    "local t = {}; for i = 1, 90 do t[i] = i end\n"
    "assert(rng:shuffle(t) == t and #t == 90); local sum = 0; for _, v in ipairs(t) do sum = sum + v end; assert(sum == 4095)\n"
    "assert(#rng:shuffle({}) == 0 and rng:shuffle({1})[1] == 1)\n"
    "for _, n in ipairs {0, 1, 2, 90, 2048, 2049, 1000000} do\n"
    "  for _, k in ipairs {0, 1, 2, 30, 90, 500} do\n"
    "    if k <= n then\n"
    "      local s, had = rng:sample(n, k), {}; assert(#s == k)\n"
    "      for _, v in ipairs(s) do assert(v >= 1 and v <= n and not had[v] and math.type(v) == 'integer'); had[v] = true end\n"
    "    end\n"
    "  end\n"
    "end\n"
    "local full = rng:sample(3000, 3000); table.sort(full); for i = 1, 3000 do assert(full[i] == i) end\n"
    "assert(not pcall(rng.sample, rng, 3, 4)); assert(not pcall(rng.sample, rng, -1, 0)); assert(not pcall(rng.sample, rng, 10, -1))\n"
    "assert(not pcall(rng.sample, rng, 1 << 40, 70000)); assert(#rng:sample(math.maxinteger, 10) == 10)\n"
    "assert(rng:pick({}) == nil and rng:pick({'a'}) == 'a')\n"
    "assert(#rng:bytes(0) == 0 and #rng:bytes(13) == 13 and #rng:bytes(65536) == 65536)\n"
    "assert(not pcall(rng.bytes, rng, 65537)); assert(not pcall(rng.bytes, rng, -1))\n"
    "local u = rng:uuid(); assert(#u == 36 and u:match('^%x%x%x%x%x%x%x%x%-%x%x%x%x%-4%x%x%x%-[89ab]%x%x%x%-%x%x%x%x%x%x%x%x%x%x%x%x$'))\n"
    "assert(rng:uuid() ~= u)\n"
    "assert(getmetatable(rng) == false); assert(not pcall(setmetatable, rng, {}))\n"
    "for i = 1, 50 do local a, b = random.integer(1, 6), random:integer(1, 6); assert(a >= 1 and a <= 6 and b >= 1 and b <= 6) end\n"
    "assert(#random.sample(90, 30) == 30 and #random:sample(90, 30) == 30 and #random.uuid() == 36 and random.number() < 1)\n"
    "for _, shuffle in ipairs {random.shuffle, function(t) return random:shuffle(t) end} do\n"
    "  local t = {}; for i = 1, 90 do t[i] = i end\n"
    "  assert(shuffle(t) == t)\n"
    "  local places = 0; for i = 1, 90 do if t[i] == i then places = places + 1 end end\n"
    "  assert(places < 30)\n"
    "end\n"
    "assert(random.pick({5}) == 5 and random:pick({5}) == 5)\n";

static void scripts_use_generators(void) {
    lua_State *L = new_state();
    nj_rng *rng = nj_random_new(L);
    CHECK(nj_random_at(L, -1) == rng);
    lua_setglobal(L, "rng");
    run_lua(L, "=script", script);
    lua_getglobal(L, "json");
    CHECK(nj_random_at(L, -1) == NULL);
    nj_json_push_raw(L, "1", 1);
    CHECK(nj_random_at(L, -1) == NULL);
    lua_close(L);
}

/// For each of these the generator starts over with the key of all answers. `r` is called as given: object or module.
static const char answers[] =
    "local function list(n) local t = {}; for i = 1, n do t[i] = i end; return t end\n"
    "local function check(name, want, draws, draw)\n"
    "  start_over()\n"
    "  local have = {}\n"
    "  for i, value in ipairs(draw()) do have[i] = tostring(value) end\n"
    "  have = table.concat(have, ' ')\n"
    "  if have ~= want then error(name .. ': have ' .. have .. ', want ' .. want) end\n"
    "  if words() ~= draws then error(name .. ': took ' .. words() .. ' words, not ' .. draws) end\n"
    "end\n"
    "check('shuffle', '9 6 8 1 2 10 4 7 3 5', 9, function() return r:shuffle(list(10)) end)\n"
    "check('sample', '25 18 49 36 42 27 16 10 51 17 29 11 30 1 52 15 53 6 3 56 26 41 20 12 5 47 50 44 9 48', 30,\n"
    "  function() return r:sample(60, 30) end)\n"
    "check('sample of 2048', '849 588 1636', 3, function() return r:sample(2048, 3) end)\n"
    "check('sample of 2049', '850 588 1637', 3, function() return r:sample(2049, 3) end)\n"
    "check('sample of 3000', '1244 860 2396 1714 2007 1181 540 151', 8, function() return r:sample(3000, 8) end)\n"
    "check('sample of all integers', '3822679690168368797 2640638098937077447 7364915216090143429', 3,\n"
    "  function() return r:sample(math.maxinteger, 3) end)\n"
    "check('pick', 'c b d c d b a a e a b b', 12, function()\n"
    "  local t = {}; for i = 1, 12 do t[i] = r:pick {'a', 'b', 'c', 'd', 'e'} end; return t\n"
    "end)\n"
    "check('integer', '-1 -1 2 0 1 -1 -2 -3 2 -2 -1 -1', 12, function()\n"
    "  local t = {}; for i = 1, 12 do t[i] = r:integer(-3, 3) end; return t\n"
    "end)\n"
    "check('any integer', '-1578012656518038215 -3942095838980620915', 2, function()\n"
    "  return {r:integer(math.mininteger, math.maxinteger), r:integer(math.mininteger, math.maxinteger)}\n"
    "end)\n"
    "check('half of all integers', '1911339845084184398 2640638098937077445', 2, function()\n"
    "  return {r:integer(0, 1 << 62), r:integer(-1, math.maxinteger)}\n"
    "end)\n"
    "check('number', 'true', 1, function() return {r:number() == 0.41445576247967597} end)\n"
    "check('bytes', '39fd2b7dd9c5196a8dbd03', 2, function()\n"
    "  return {(r:bytes(11):gsub('.', function(c) return ('%02x'):format(c:byte()) end))}\n"
    "end)\n"
    "check('uuid', '39fd2b7d-d9c5-496a-8dbd-0377b8dc4a49', 2, function() return {r:uuid()} end)\n"
    // A pool of more than 2048 is shuffled in a map that holds only what has moved: the same draws, here those of the definition.
    "check('sample of nearly all', 'true', 2900, function()\n"
    "  local have = r:sample(3000, 2900)\n"
    "  start_over()\n"
    "  local pool, same = list(3000), true\n"
    "  for i = 1, 2900 do\n"
    "    local j = r:integer(i, 3000)\n"
    "    pool[i], pool[j] = pool[j], pool[i]\n"
    "    same = same and have[i] == pool[i]\n"
    "  end\n"
    "  return {same}\n"
    "end)\n";

/// The generator of the script that `answers` is: upvalue 1 of its functions.
static int start_over(lua_State *L) {
    answers_key(lua_touserdata(L, lua_upvalueindex(1)));
    return 0;
}

static int words(lua_State *L) {
    nj_rng *rng = lua_touserdata(L, lua_upvalueindex(1));
    lua_pushinteger(L, (lua_Integer)rng->draws);
    return 1;
}

/// Runs `answers` over the generator below the object or module on the stack's top; takes both.
static void run_answers(lua_State *L, const char *name) {
    lua_setglobal(L, "r");
    lua_pushvalue(L, -1);
    lua_pushcclosure(L, start_over, 1);
    lua_setglobal(L, "start_over");
    lua_pushcclosure(L, words, 1);
    lua_setglobal(L, "words");
    run_lua(L, name, answers);
}

static void one_key_gives_the_known_answers(void) {
    lua_State *L = new_state();
    nj_random_new(L);
    lua_pushvalue(L, -1);
    run_answers(L, "=object");
    // The module's functions hold their generator as upvalue 1.
    lua_getglobal(L, "random");
    lua_getfield(L, -1, "integer");
    CHECK(lua_getupvalue(L, -1, 1) != NULL);
    lua_replace(L, -2);
    lua_insert(L, -2);
    run_answers(L, "=module");
    lua_close(L);
}

int main(void) {
    block_matches_rfc8439();
    stream_matches_rfc8439();
    below_is_uniform_and_in_range();
    below_gives_the_known_numbers();
    below_rejects_what_the_definition_rejects();
    os_keyed_generator_takes_new_keys();
    scripts_use_generators();
    one_key_gives_the_known_answers();
    return finish("test_random");
}
