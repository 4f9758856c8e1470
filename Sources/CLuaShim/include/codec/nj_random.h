/// Random numbers from ChaCha20 (RFC 8439, section 2.3), for outcomes that must be unpredictable and replayable.
#ifndef NJ_RANDOM_H
#define NJ_RANDOM_H

#include <lua.h>
#include <stddef.h>
#include <stdint.h>

/// Bytes of a key.
enum { NJ_RNG_KEY_BYTES = 32 };

/// A generator keyed by the operating system takes a new key after this many bytes.
enum { NJ_RNG_REKEY_BYTES = 64 << 10 };

/// Most bytes that `bytes(n)` gives, most numbers that `sample(n, k)` draws and most elements that `shuffle` moves, in one
/// call: some milliseconds inside C.
enum { NJ_RANDOM_BYTES_MAX = 64 << 10, NJ_RANDOM_SAMPLE_MAX = 64 << 10, NJ_RANDOM_SHUFFLE_MAX = 64 << 10 };

/// A generator. One thread at a time; zero-initialized is not keyed yet.
typedef struct nj_rng {
    uint32_t key[8];
    uint64_t counter;    ///< number of the next block
    uint64_t draws;      ///< 64-bit words drawn since the key was set; for journals and replay
    uint32_t block[16];  ///< current block
    uint32_t pos;        ///< next unused word of the block, 16 when none is left
    uint32_t os_keyed;   ///< takes keys from the operating system by itself
} nj_rng;

/// The ChaCha20 block function: 64 bytes of stream as sixteen words (serialized little-endian).
void nj_chacha20_block(const uint32_t key[8], const uint32_t tail[4], uint32_t out[16]);

/// Starts over with this key: same key, same numbers. Clears `os_keyed` and `draws`.
void nj_rng_seed(nj_rng *rng, const uint8_t key[NJ_RNG_KEY_BYTES]);

/// Takes a fresh key from the operating system, now and after every NJ_RNG_REKEY_BYTES. 0, or -1 when it gave none.
int nj_rng_seed_os(nj_rng *rng);

/// Fills `bytes` from the operating system. 0 or -1. Any thread.
int nj_os_random(void *bytes, size_t len);

/// The next 64 bits of the stream, little-endian.
uint64_t nj_rng_next(nj_rng *rng);

/// Uniform in 0 ..< n without bias (rejection sampling); n = 0 stands for 2^64.
uint64_t nj_rng_below(nj_rng *rng, uint64_t n);

/// Uniform in [0, 1), a multiple of 2^-53.
double nj_rng_unit(nj_rng *rng);

/// Bytes of the stream (whole words are consumed).
void nj_rng_fill(nj_rng *rng, void *bytes, size_t len);

/// Pushes the metatable of generator objects ("nightjar.random"): no script can make one. May raise Lua's memory error.
///
/// Methods: integer(lo, hi) or integer(hi); number(); shuffle(t) in place; sample(n, k): k distinct of 1..n in draw order;
/// pick(t); bytes(n); uuid(): version 4 text.
void nj_random_open(lua_State *L);

/// Pushes a new generator object, keyed with zeros until the host seeds it. May raise Lua's memory error.
nj_rng *nj_random_new(lua_State *L);

/// The generator at `idx`, or NULL if it is something else. Never raises.
nj_rng *nj_random_at(lua_State *L, int idx);

/// Pushes the module table: the same functions without an object, over a generator keyed by the operating system
/// (`random.integer(1, 6)`; `random:integer(1, 6)` works as well). May raise Lua's memory error, or when there is no entropy.
int nj_random_open_module(lua_State *L);

#endif
