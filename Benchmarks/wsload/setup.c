#include "wsload.h"

struct text roll_key;
u64 c_rolls;

int has_subst(const struct text *t) {
    const char *e = t->s + t->n;
    for (const char *p = t->s; (p = memchr(p, '%', (size_t)(e - p))) != NULL && p + 1 < e; p += 2)
        if (p[1] == 'd' || p[1] == 's') return 1;
    return 0;
}

/* Writes what t stands for to out, as far as room reaches; returns how long
 * the whole of it is. */
size_t expand(const struct text *t, int idx, const char *cap, size_t cap_n, char *out, size_t room) {
    const char *p = t->s, *e = t->s + t->n;
    int plain = !has_subst(t);
    size_t n = 0;
    while (p < e) {
        char num[16];
        const char *q = plain ? NULL : memchr(p, '%', (size_t)(e - p)), *put = p;
        size_t k = (size_t)((q ? q : e) - p);
        if (q == p) {
            char f = p + 1 < e ? p[1] : 0;
            k = 1;
            if (f == 'd') k = (size_t)snprintf(num, sizeof num, "%d", idx), put = num;
            else if (f == 's') put = cap, k = cap_n;
            p += f == 'd' || f == 's' || f == '%' ? 2 : 1;
        } else p += k;
        if (k && n <= room && k <= room - n) memcpy(out + n, put, k);
        n += k;
    }
    return n;
}

struct text subst(const struct text *t, const struct conn *c) {
    struct text r;
    int idx = c->publisher ? -1 : c->idx;
    r.n = expand(t, idx, c->captured, c->captured_n, NULL, 0);
    r.s = xalloc(r.n + 1);
    expand(t, idx, c->captured, c->captured_n, r.s, r.n);
    return r;
}

void send_text(struct conn *c, const struct text *t) {
    struct text r = subst(t, c);
    struct frame f = make_frame(opcode, r.s, r.n);
    send_bytes(c, f.b, f.n);
    free(f.b);
    free(r.s);
}

int nth(const char *l, int i) {
    int v = atoi(l);
    while (i-- > 0 && (l = strchr(l, ',')) != NULL) v = atoi(++l);
    return v;
}

static void ready(struct conn *c) {
    n_opening--;
    n_ready++;
    c->st = READY;
    if (mode->opened) mode->opened(c);
}

void setup_step(struct conn *c) {
    struct list *l = c->publisher && pub_first.n ? &pub_first : &first;
    const char *r = l == &pub_first ? pub_first_replies : first_replies;
    while (c->st == SETUP && c->await == 0) {
        if (c->step >= l->n) {
            ready(c);
            return;
        }
        c->await = nth(r, c->step);
        send_text(c, &l->v[c->step++]);
    }
}

void keep(struct conn *c, const u8 *s, size_t n) {
    if (n >= c->captured_cap) c->captured = xgrow(c->captured, c->captured_cap = n + 64);
    memcpy(c->captured, s, n);
    c->captured[n] = 0;
    c->captured_n = n;
}

void try_capture(struct conn *c, const u8 *p, size_t n) {
    char key[128];
    if (!capture || c->captured) return;
    int k = snprintf(key, sizeof key, "\"%s\"", capture);
    const u8 *e = p + n, *q = memmem(p, n, key, (size_t)k);
    if (!q) return;
    q += k;
    while (q < e && (*q == ' ' || *q == ':')) q++;
    if (q >= e || *q != '"') return;
    q++;
    const u8 *z = memchr(q, '"', (size_t)(e - q));
    if (!z) return;
    keep(c, q, (size_t)(z - q));
}

void try_roll(struct conn *c, const u8 *p, size_t n) {
    const u8 *e = p + n, *q = NULL;
    for (const u8 *f = p; (f = memmem(f, (size_t)(e - f), roll_key.s, roll_key.n)) != NULL; f = q) {
        q = f + roll_key.n;
        if (!roll_last) break;
    }
    const u8 *z = q ? memchr(q, '"', (size_t)(e - q)) : NULL;
    if (!z) return;
    if ((size_t)(z - q) > ROLL_MAX) {
        failed(c, &c_protocol);
        return;
    }
    keep(c, q, (size_t)(z - q));
    c_rolls++;
}
