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
    uint64_t top = 0;
    for (int i = 0; i < 1000; i++) {
        uint64_t x = nj_rng_below(&rng, ((uint64_t)1 << 63) + 1);
        CHECK(x <= (uint64_t)1 << 63);
        if (x > top) top = x;
        double u = nj_rng_unit(&rng);
        CHECK(u >= 0 && u < 1);
    }
    CHECK(top > (uint64_t)1 << 62);
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
    "assert(rng:integer(math.mininteger, math.maxinteger)); assert(rng:integer(-5, -5) == -5)\n"
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
    "assert(random.shuffle({1, 2, 3}) and random:shuffle({1, 2, 3}) and random.pick({5}) == 5)\n";

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
    // The same key gives the same draws, through the object as well.
    static const uint8_t key[32] = {1, 2, 3};
    nj_rng_seed(rng, key);
    run_lua(L, "=first", "first = {rng:integer(1, 90), rng:sample(90, 30), rng:uuid(), rng:number()}");
    uint64_t draws = rng->draws;
    CHECK(draws >= 34);
    nj_rng_seed(rng, key);
    run_lua(L, "=again", "local again = {rng:integer(1, 90), rng:sample(90, 30), rng:uuid(), rng:number()}\n"
                         "assert(json.encode(first) == json.encode(again))");
    CHECK(rng->draws == draws);
    lua_close(L);
}

int main(void) {
    block_matches_rfc8439();
    stream_matches_rfc8439();
    below_is_uniform_and_in_range();
    os_keyed_generator_takes_new_keys();
    scripts_use_generators();
    return finish("test_random");
}
