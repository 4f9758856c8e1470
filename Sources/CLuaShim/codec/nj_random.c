/// The generator itself; no Lua.
#include "codec/nj_random.h"

#include <string.h>
#if defined(__linux__)
#include <errno.h>
#endif
#include <sys/random.h>
#include <unistd.h>

static inline uint32_t rotate(uint32_t x, int n) { return x << n | x >> (32 - n); }

#define QUARTER(a, b, c, d)                    \
    do {                                       \
        a += b, d = rotate(d ^ a, 16);         \
        c += d, b = rotate(b ^ c, 12);         \
        a += b, d = rotate(d ^ a, 8);          \
        c += d, b = rotate(b ^ c, 7);          \
    } while (0)

void nj_chacha20_block(const uint32_t key[8], const uint32_t tail[4], uint32_t out[16]) {
    // RFC 8439, section 2.3: constants, key, block counter and nonce.
    uint32_t in[16] = {0x61707865, 0x3320646e, 0x79622d32, 0x6b206574};
    memcpy(in + 4, key, 32);
    memcpy(in + 12, tail, 16);
    uint32_t x[16];
    memcpy(x, in, sizeof x);
    for (int i = 0; i < 10; i++) {
        QUARTER(x[0], x[4], x[8], x[12]);
        QUARTER(x[1], x[5], x[9], x[13]);
        QUARTER(x[2], x[6], x[10], x[14]);
        QUARTER(x[3], x[7], x[11], x[15]);
        QUARTER(x[0], x[5], x[10], x[15]);
        QUARTER(x[1], x[6], x[11], x[12]);
        QUARTER(x[2], x[7], x[8], x[13]);
        QUARTER(x[3], x[4], x[9], x[14]);
    }
    for (int i = 0; i < 16; i++) out[i] = x[i] + in[i];
}

void nj_rng_seed(nj_rng *rng, const uint8_t key[NJ_RNG_KEY_BYTES]) {
    memset(rng, 0, sizeof *rng);
    for (int i = 0; i < 8; i++) {
        const uint8_t *p = key + 4 * i;
        rng->key[i] = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    }
    rng->pos = 16;
}

int nj_os_random(void *bytes, size_t len) {
    uint8_t *p = bytes;
#if defined(__linux__)
    while (len > 0) {
        ssize_t n = getrandom(p, len, 0);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return -1;
        p += n;
        len -= (size_t)n;
    }
#else
    for (; len > 0; ) {
        size_t n = len < 256 ? len : 256;
        if (getentropy(p, n) != 0) return -1;
        p += n;
        len -= n;
    }
#endif
    return 0;
}

int nj_rng_seed_os(nj_rng *rng) {
    uint8_t key[NJ_RNG_KEY_BYTES];
    if (nj_os_random(key, sizeof key) != 0) return -1;
    nj_rng_seed(rng, key);
    memset(key, 0, sizeof key);
    rng->os_keyed = 1;
    return 0;
}

/// Makes the next block. The counter takes the place of counter and first nonce word, so that it does not repeat.
static void refill(nj_rng *rng) {
    if (rng->os_keyed && rng->counter >= NJ_RNG_REKEY_BYTES / 64) {
        uint64_t draws = rng->draws;
        // Without entropy the old key goes on: its stream is still unpredictable, and the next block tries again.
        if (nj_rng_seed_os(rng) == 0) rng->draws = draws;
    }
    const uint32_t tail[4] = {(uint32_t)rng->counter, (uint32_t)(rng->counter >> 32), 0, 0};
    nj_chacha20_block(rng->key, tail, rng->block);
    rng->counter++;
    rng->pos = 0;
}

uint64_t nj_rng_next(nj_rng *rng) {
    if (rng->pos >= 16) refill(rng);
    uint64_t low = rng->block[rng->pos], high = rng->block[rng->pos + 1];
    rng->pos += 2;
    rng->draws++;
    return low | high << 32;
}

uint64_t nj_rng_below(nj_rng *rng, uint64_t n) {
    if (n == 0) return nj_rng_next(rng);
    if (n == 1) return 0;
    // The high half of draw * n is the result; each result has equally many draws once those are rejected whose low half
    // is below 2^64 mod n. That remainder is only computed when the low half is small enough to matter.
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)nj_rng_next(rng) * n;
    if ((uint64_t)product < n) {
        uint64_t reject_below = (0 - n) % n;
        while ((uint64_t)product < reject_below) product = (wide)nj_rng_next(rng) * n;
    }
    return (uint64_t)(product >> 64);
}

double nj_rng_unit(nj_rng *rng) { return (double)(nj_rng_next(rng) >> 11) * 0x1p-53; }

void nj_rng_fill(nj_rng *rng, void *bytes, size_t len) {
    uint8_t *p = bytes;
    while (len > 0) {
        uint64_t word = nj_rng_next(rng);
        size_t n = len < 8 ? len : 8;
        for (size_t i = 0; i < n; i++) p[i] = (uint8_t)(word >> (8 * i));
        p += n;
        len -= n;
    }
}
