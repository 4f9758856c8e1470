/// Is chance fair? Statistics over many numbers and all orders of few, with keys that are fixed: what passes once passes always.
///
/// NJ_CHANCE=full (`make soak`) takes 10^7 numbers of each range under each of 100 keys and 10^6 games of bingo; some minutes.
#include <math.h>

#include "check.h"

/// What is fair fails a test at 99 % once in a hundred times.
static const double level = 0.01;

static int full(void) {
    const char *chosen = getenv("NJ_CHANCE");
    return chosen != NULL && strcmp(chosen, "full") == 0;
}

/// The upper tail of the gamma distribution, Q(a, x): series below a + 1, continued fraction above.
static double gamma_tail(double a, double x) {
    if (x <= 0) return 1;
    double scale = exp(a * log(x) - x - lgamma(a));
    if (x < a + 1) {
        double term = 1 / a, sum = term;
        for (int i = 1; i < 100000 && term > sum * 1e-15; i++) sum += term *= x / (a + i);
        return 1 - scale * sum;
    }
    double b = x + 1 - a, c = 1e300, d = 1 / b, fraction = d;
    for (int i = 1; i < 100000; i++) {
        double factor = -i * (i - a);
        b += 2;
        d = 1 / (factor * d + b);
        c = b + factor / c;
        fraction *= c * d;
        if (fabs(c * d - 1) < 1e-15) break;
    }
    return scale * fraction;
}

/// How likely a fair generator is to be at least as far off as this, for each kind of measure.
static double p_of_chi_square(double chi, int freedom) { return gamma_tail(freedom / 2.0, chi / 2); }

static double p_of_normal(double z) { return erfc(fabs(z) / sqrt(2)); }

static double p_of_poisson(double count, double mean) {
    double at_least = count <= 0 ? 1 : 1 - gamma_tail(count, mean), at_most = gamma_tail(count + 1, mean);
    return fmin(1, 2 * fmin(at_least, at_most));
}

/// Chi-square of equally likely cells.
static double p_of_even_counts(const uint32_t *counts, int cells, double total) {
    double chi = 0, want = total / cells;
    for (int i = 0; i < cells; i++) chi += (counts[i] - want) * (counts[i] - want) / want;
    return p_of_chi_square(chi, cells - 1);
}

/// Failures of one test over its trials. More than a fair generator has once in ten thousand are too many; the keys are fixed,
/// so that the answer is, too.
typedef struct tally {
    const char *name;
    int trials, failures;
    double worst;
} tally;

static void count_trial(tally *t, double p) {
    if (t->trials++ == 0 || p < t->worst) t->worst = p;
    if (!(p >= level)) t->failures++;
}

static void check_tally(const tally *t, uint64_t range) {
    double tail = 0;
    for (int k = t->failures; k <= t->trials; k++) {
        tail += exp(lgamma(t->trials + 1.0) - lgamma(k + 1.0) - lgamma(t->trials - k + 1.0) + k * log(level) + (t->trials - k) * log1p(-level));
    }
    if (tail < 1e-4 || t->worst < 1e-7) {
        fprintf(stderr, "%s, range %llu: %d of %d trials fail at 99 %%, the worst with p = %g\n", t->name, (unsigned long long)range,
                t->failures, t->trials, t->worst);
        checks_failed++;
    }
}

enum { FREQUENCY, RUNS, SERIAL, POKER, DUPLICATES, TESTS };

/// What one pass over the numbers of one key collects.
typedef struct measures {
    uint32_t counts[1024];
    uint64_t lows, runs;
    double sum, squares, products;
    uint32_t hands[6];
    uint64_t throws, duplicates;
    double duplicates_mean;
} measures;

/// Numbers are thrown into this many cells at most; two in one are a duplicate. Throws are few beside the cells, so that the
/// number of duplicates follows Poisson's law.
enum { THROW_CELLS_MAX = 1 << 24, THROWS_MAX = 1 << 14 };

static void measure(measures *m, nj_rng *rng, uint64_t range, uint64_t draws, uint64_t *cells) {
    memset(m, 0, sizeof *m);
    const int wide = range > 1024;
    // Several numbers of a small range make one throw.
    uint64_t thrown_cells = wide ? THROW_CELLS_MAX : 1;
    int per_throw = 1;
    if (!wide) {
        for (per_throw = 0; thrown_cells < 1 << 17; per_throw++) thrown_cells *= range;
    }
    uint64_t batch = draws / per_throw < THROWS_MAX ? draws / per_throw : THROWS_MAX;
    while (batch * 64 > thrown_cells) batch /= 2;
    // Throws less the cells that get any; expm1 and log1p because the difference is small.
    const double mean = (double)batch + (double)thrown_cells * expm1((double)batch * log1p(-1 / (double)thrown_cells));
    uint64_t throw = 0, batched = 0;
    int in_throw = 0, hand_size = 0, was_low = -1;
    uint64_t hand[5];
    double last = 0;
    memset(cells, 0, THROW_CELLS_MAX / 8);
    for (uint64_t i = 0; i < draws; i++) {
        uint64_t x = nj_rng_below(rng, range);
        m->counts[wide ? x >> 22 : x]++;
        int low = x < range / 2;
        m->lows += low;
        m->runs += low != was_low;
        was_low = low;
        double centered = (double)x - ((double)range - 1) / 2;
        m->sum += centered;
        m->squares += centered * centered;
        m->products += centered * last;
        last = centered;
        hand[hand_size++] = wide ? x >> 28 : x;
        if (hand_size == 5) {
            int distinct = 0;
            for (int a = 0; a < 5; a++) {
                int fresh = 1;
                for (int b = 0; b < a; b++) fresh &= hand[a] != hand[b];
                distinct += fresh;
            }
            m->hands[distinct]++;
            hand_size = 0;
        }
        throw = wide ? x >> 8 : throw * range + x;
        if (++in_throw == per_throw) {
            uint64_t bit = (uint64_t)1 << (throw & 63);
            m->duplicates += (cells[throw >> 6] & bit) != 0;
            cells[throw >> 6] |= bit;
            in_throw = 0;
            throw = 0;
            if (++batched == batch) {
                memset(cells, 0, THROW_CELLS_MAX / 8);
                batched = 0;
                m->duplicates_mean += mean;
            }
        }
    }
    // A batch that the numbers did not fill.
    m->duplicates_mean += (double)batched + (double)thrown_cells * expm1((double)batched * log1p(-1 / (double)thrown_cells));
}

/// Five numbers of n have d different ones with this probability.
static double hand_probability(double n, int d) {
    static const double ways[] = {0, 1, 15, 25, 10, 1};  // Stirling numbers of the second kind
    double p = ways[d] / pow(n, 5);
    for (int i = 0; i < d; i++) p *= n - i;
    return p;
}

static double p_of_hands(const uint32_t hands[6], double n) {
    double total = 0, chi = 0, want = 0, have = 0;
    int cells = 0;
    for (int d = 1; d <= 5; d++) total += hands[d];
    for (int d = 5; d >= 1; d--) {  // rare hands together
        want += total * hand_probability(n, d);
        have += hands[d];
        double rest = 0;
        for (int r = 1; r < d; r++) rest += total * hand_probability(n, r);
        if (want < 5 || (rest < 5 && d > 1)) continue;
        chi += (have - want) * (have - want) / want;
        cells++;
        want = have = 0;
    }
    return cells > 1 ? p_of_chi_square(chi, cells - 1) : 1;
}

static void numbers_pass_the_usual_tests(void) {
    const uint64_t ranges[] = {2, 6, 37, 52, 60, 75, 90, UINT32_MAX};
    const int keys = full() ? 100 : 20;
    const uint64_t draws = full() ? 10000000 : (uint64_t)fuzz_rounds(100000);
    uint64_t *cells = malloc(THROW_CELLS_MAX / 8);
    int tests = 0, failures = 0;
    for (size_t r = 0; r < sizeof ranges / sizeof ranges[0]; r++) {
        const uint64_t range = ranges[r];
        const double n = (double)draws, size = (double)range;
        tally tallies[TESTS] = {{.name = "chi-square"}, {.name = "runs"}, {.name = "serial correlation"}, {.name = "poker"}, {.name = "duplicates"}};
        for (int k = 0; k < keys; k++) {
            uint8_t key[NJ_RNG_KEY_BYTES] = {(uint8_t)(k + 1), (uint8_t)r, 'c'};
            nj_rng rng;
            measures m;
            nj_rng_seed(&rng, key);
            measure(&m, &rng, range, draws, cells);
            count_trial(&tallies[FREQUENCY], p_of_even_counts(m.counts, range > 1024 ? 1024 : (int)range, n));
            double lows = (double)m.lows, highs = n - lows, pairs = 2 * lows * highs;
            double runs_variance = pairs * (pairs - n) / (n * n * (n - 1));
            count_trial(&tallies[RUNS], p_of_normal(((double)m.runs - pairs / n - 1) / sqrt(runs_variance)));
            double correlation = (m.products - m.sum * m.sum / n) / (m.squares - m.sum * m.sum / n);
            count_trial(&tallies[SERIAL], p_of_normal((correlation + 1 / n) * sqrt(n)));
            count_trial(&tallies[POKER], p_of_hands(m.hands, range > 1024 ? 16 : size));
            count_trial(&tallies[DUPLICATES], p_of_poisson((double)m.duplicates, m.duplicates_mean));
        }
        for (int t = 0; t < TESTS; t++) {
            check_tally(&tallies[t], range);
            tests += tallies[t].trials;
            failures += tallies[t].failures;
        }
    }
    free(cells);
    check_tally(&(tally){"all tests together", tests, failures, 1}, 0);
    if (full()) printf("chance: %d of %d tests fail at 99 %%, %d are expected\n", failures, tests, (int)(tests * level));
}

/// A state with the generator `rng`, keyed with `first`, and the function `play` of a script on its stack.
static lua_State *player(const char *code, uint8_t first) {
    lua_State *L = new_state();
    uint8_t key[NJ_RNG_KEY_BYTES] = {first, 'p'};
    nj_rng_seed(nj_random_new(L), key);
    lua_setglobal(L, "rng");
    run_lua(L, "=play", code);
    lua_getglobal(L, "play");
    return L;
}

/// Calls `play`, which returns a table of `count` numbers. Takes the first elements of it.
static void play(lua_State *L, int count, int *into) {
    lua_pushvalue(L, -1);
    if (lua_pcall(L, 0, 1, 0) != LUA_OK) {
        fprintf(stderr, "play: %s\n", lua_tostring(L, -1));
        exit(1);
    }
    for (int i = 0; i < count; i++) {
        lua_rawgeti(L, -1, i + 1);
        into[i] = (int)lua_tointeger(L, -1);
        lua_pop(L, 1);
    }
    lua_pop(L, 1);
}

/// Every order of few elements is equally likely: a shuffle that is not Fisher-Yates, or one that never leaves an element where
/// it is, has other frequencies.
static void every_order_is_equally_likely(void) {
    static const struct {
        const char *name, *code;
        int n, k;
    } cases[] = {
        {"shuffle of 3", "function play() return rng:shuffle {1, 2, 3} end", 3, 3},
        {"shuffle of 5", "function play() return rng:shuffle {1, 2, 3, 4, 5} end", 5, 5},
        {"sample of 5 of 5", "function play() return rng:sample(5, 5) end", 5, 5},
        {"sample of 3 of 7", "function play() return rng:sample(7, 3) end", 7, 3},
        {"one of 7", "function play() return rng:sample(7, 1) end", 7, 1},
        {"pick of 7", "local t = {1, 2, 3, 4, 5, 6, 7}; function play() return {rng:pick(t)} end", 7, 1},
        {"three picks of 5", "local t = {1, 2, 3, 4, 5}; function play() return {rng:pick(t), rng:pick(t), rng:pick(t)} end", 5, 3},
        {"integers", "function play() return {rng:integer(6) } end", 6, 1},
        {"integers from -2", "function play() return {rng:integer(-2, 3) + 3} end", 6, 1},
    };
    const int rounds = fuzz_rounds(100000);
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        const int n = cases[c].n, k = cases[c].k, repeats = strstr(cases[c].name, "picks") != NULL;
        static uint32_t counts[5 * 5 * 5 * 5 * 5];
        memset(counts, 0, sizeof counts);
        int cells = 1;
        for (int i = 0; i < k; i++) cells *= repeats ? n : n - i;
        lua_State *L = player(cases[c].code, (uint8_t)c);
        for (int round = 0; round < rounds; round++) {
            int drawn[5], number = 0;
            play(L, k, drawn);
            for (int i = 0; i < k; i++) {
                int place = drawn[i] - 1;
                for (int before = 0; !repeats && before < i; before++) place -= drawn[before] < drawn[i];
                number = number * (repeats ? n : n - i) + place;
            }
            if (number < 0 || number >= cells) {
                fprintf(stderr, "%s: drew what is not there\n", cases[c].name);
                checks_failed++;
                break;
            }
            counts[number]++;
        }
        lua_close(L);
        double p = p_of_even_counts(counts, cells, rounds);
        if (!(p > 1e-4)) {
            fprintf(stderr, "%s: not every outcome is equally likely, p = %g\n", cases[c].name, p);
            checks_failed++;
        }
    }
}

/// Thirty balls of sixty, and a draw from more than the pool that is kept as an array: each number as often at each place.
static void every_ball_comes_at_every_place(void) {
    static uint32_t at[30][60];
    const int rounds = full() ? 1000000 : fuzz_rounds(20000);
    static const char *const draws[] = {
        "function play() return rng:sample(60, 30) end",
        // In sixty groups, of which each is as likely as a ball.
        "function play() local s = rng:sample(6000, 30); for i = 1, 30 do s[i] = (s[i] + 99) // 100 end; return s end",
        "local t = {}; for i = 1, 60 do t[i] = i end; function play() return rng:shuffle(t) end",
    };
    for (size_t d = 0; d < sizeof draws / sizeof draws[0]; d++) {
        memset(at, 0, sizeof at);
        lua_State *L = player(draws[d], (uint8_t)(d + 100));
        for (int round = 0; round < rounds; round++) {
            int drawn[30];
            play(L, 30, drawn);
            for (int i = 0; i < 30; i++) {
                if (drawn[i] >= 1 && drawn[i] <= 60) at[i][drawn[i] - 1]++;
            }
        }
        lua_close(L);
        tally places = {.name = "balls by place"};
        for (int i = 0; i < 30; i++) count_trial(&places, p_of_even_counts(at[i], 60, rounds));
        check_tally(&places, d);
    }
}

/// The measures themselves, against tables of the distributions.
static void the_measures_are_right(void) {
    CHECK(fabs(p_of_chi_square(3.841, 1) - 0.05) < 1e-4);
    CHECK(fabs(p_of_chi_square(6.635, 1) - 0.01) < 1e-5);
    CHECK(fabs(p_of_chi_square(87.166, 59) - 0.01) < 1e-5);
    CHECK(fabs(p_of_chi_square(33.466, 59) - 0.997) < 1e-3);
    CHECK(fabs(p_of_normal(2.5758) - 0.01) < 1e-5);
    CHECK(fabs(p_of_poisson(0, 3) - 2 * 0.049787) < 1e-5);
    CHECK(fabs(p_of_poisson(8, 3) - 2 * 0.011905) < 1e-5);
    double all = 0;
    for (int d = 1; d <= 5; d++) all += hand_probability(37, d);
    CHECK(fabs(all - 1) < 1e-12);
}

int main(void) {
    the_measures_are_right();
    numbers_pass_the_usual_tests();
    every_order_is_equally_likely();
    every_ball_comes_at_every_place();
    return finish("test_chance");
}
