#include "wsload.h"

#include <stdarg.h>
#include <time.h>

void die(const char *f, ...) {
    va_list a;
    va_start(a, f);
    fprintf(stderr, "wsload: ");
    vfprintf(stderr, f, a);
    fputc('\n', stderr);
    va_end(a);
    exit(2);
}

void *xalloc(size_t n) {
    void *p = calloc(1, n ? n : 1);
    if (!p) die("out of memory");
    return p;
}

void *xgrow(void *p, size_t n) {
    p = realloc(p, n);
    if (!p) die("out of memory");
    return p;
}

u64 now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (u64)t.tv_sec * 1000000000u + (u64)t.tv_nsec;
}

static u64 rng_state = 0x9e3779b97f4a7c15u;
u64 rng(void) {
    u64 x = rng_state;
    x ^= x << 13;
    x ^= x >> 7;
    x ^= x << 17;
    return rng_state = x;
}

void rng_seed(void) {
    rng_state ^= now_ns() * 2654435761u;
    for (int i = 0; i < 16; i++) rng();
}

static u32 rol(u32 v, int n) { return v << n | v >> (32 - n); }

/* SHA-1 of a message of at most 119 bytes (two blocks), enough for the
 * 60 bytes that Sec-WebSocket-Accept is made from. */
void sha1(const u8 *m, size_t n, u8 out[20]) {
    u32 h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    u8 b[128] = {0};
    size_t blocks = n + 9 > 64 ? 2 : 1;
    memcpy(b, m, n);
    b[n] = 0x80;
    for (int i = 0; i < 8; i++) b[blocks * 64 - 1 - i] = (u8)((u64)n * 8 >> 8 * i);
    for (size_t k = 0; k < blocks; k++) {
        u32 w[80], v[5];
        for (int i = 0; i < 16; i++) {
            const u8 *q = b + k * 64 + i * 4;
            w[i] = (u32)q[0] << 24 | (u32)q[1] << 16 | (u32)q[2] << 8 | q[3];
        }
        for (int i = 16; i < 80; i++) w[i] = rol(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
        memcpy(v, h, sizeof v);
        for (int i = 0; i < 80; i++) {
            u32 f, c;
            if (i < 20) f = (v[1] & v[2]) | (~v[1] & v[3]), c = 0x5a827999;
            else if (i < 40) f = v[1] ^ v[2] ^ v[3], c = 0x6ed9eba1;
            else if (i < 60) f = (v[1] & v[2]) | (v[1] & v[3]) | (v[2] & v[3]), c = 0x8f1bbcdc;
            else f = v[1] ^ v[2] ^ v[3], c = 0xca62c1d6;
            u32 t = rol(v[0], 5) + f + v[4] + c + w[i];
            v[4] = v[3], v[3] = v[2], v[2] = rol(v[1], 30), v[1] = v[0], v[0] = t;
        }
        for (int i = 0; i < 5; i++) h[i] += v[i];
    }
    for (int i = 0; i < 20; i++) out[i] = (u8)(h[i / 4] >> (24 - 8 * (i % 4)));
}

void base64(const u8 *in, size_t n, char *out) {
    static const char t[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        u32 v = (u32)in[i] << 16 | (i + 1 < n ? (u32)in[i + 1] << 8 : 0) | (i + 2 < n ? in[i + 2] : 0);
        *out++ = t[v >> 18];
        *out++ = t[v >> 12 & 63];
        *out++ = i + 1 < n ? t[v >> 6 & 63] : '=';
        *out++ = i + 2 < n ? t[v & 63] : '=';
    }
    *out = 0;
}

void add(struct list *l, const char *s, size_t n) {
    l->v = xgrow(l->v, sizeof *l->v * (size_t)(l->n + 1));
    l->v[l->n].s = xalloc(n + 1);
    memcpy(l->v[l->n].s, s, n);
    l->v[l->n++].n = n;
}

struct text slurp(const char *name) {
    FILE *f = fopen(name, "rb");
    struct text t = {xalloc(1), 0};
    char b[65536];
    size_t k;
    if (!f) die("cannot open %s: %s", name, strerror(errno));
    while ((k = fread(b, 1, sizeof b, f)) > 0) {
        t.s = xgrow(t.s, t.n + k + 1);
        memcpy(t.s + t.n, b, k);
        t.n += k;
    }
    t.s[t.n] = 0;
    fclose(f);
    return t;
}

void add_lines(struct list *l, const char *name) {
    struct text t = slurp(name);
    for (char *p = t.s, *e = t.s + t.n; p < e;) {
        char *q = memchr(p, '\n', (size_t)(e - p));
        if (!q) q = e;
        if (q > p) add(l, p, (size_t)(q - p));
        p = q + 1;
    }
    free(t.s);
}
