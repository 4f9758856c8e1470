/* The service gateway: every service sends to the others and keeps a fixed number of messages under way. */
#include "wsload.h"

#define GROUP 32                    /* reads after which what they allow is sent: so the server has work while we read on */

struct pair { u32 sent, received; u64 *at; };

static struct pair *pairs;          /* [from * nconn + to] */
static u32 *free_slots;             /* messages each service may send now */
static int *waiting, n_waiting;     /* services with free slots */
static int sending;
static u64 delivered, m_delivered, rejects;

static const char d_head[] = "{\"big\":90071992547409931234,\"n\":", d_middle[] = ",\"z\":{\"b\":1,\"a\":[0.10,1e2]},\"a\":\"", d_end[] = "\"}";
#define D_FIXED (sizeof d_head + sizeof d_middle + sizeof d_end - 3 + 10)

/* d: keys out of order, an integer beyond 64 bits and numbers in unusual spellings, so that no re-encoding goes unseen. */
static size_t make_d(char *out, u32 n, size_t size) {
    char *p = out;
    memcpy(p, d_head, sizeof d_head - 1), p += sizeof d_head - 1;
    u32 v = 1000000000u + n % 1000000000u;
    for (int i = 9; i >= 0; i--, v /= 10) p[i] = (char)('0' + v % 10);
    p += 10;
    memcpy(p, d_middle, sizeof d_middle - 1), p += sizeof d_middle - 1;
    for (size_t i = D_FIXED; i < size; i++) *p++ = (char)('a' + i % 26);
    memcpy(p, d_end, sizeof d_end - 1), p += sizeof d_end - 1;
    return (size_t)(p - out);
}

static size_t put_number(char *p, u32 v) {
    char b[10];
    size_t k = 0, n = 0;
    do b[k++] = (char)('0' + v % 10), v /= 10; while (v);
    while (k) p[n++] = b[--k];
    return n;
}

static size_t put(char *p, const char *s) {
    size_t n = strlen(s);
    memcpy(p, s, n);
    return n;
}

/* Name, topic and d of message number n from one service to another, as they must arrive. */
struct expected { char s[16], t[48], d[65536]; size_t s_n, t_n, d_n; };

static void expect(struct expected *e, u32 from, u32 to, u32 n) {
    char *p = e->s;
    p += put(p, "svc-"), p += put_number(p, from);
    e->s_n = (size_t)(p - e->s);
    p = e->t;
    p += put(p, "svc-"), p += put_number(p, to), p += put(p, ":bench:"), p += put_number(p, n);
    e->t_n = (size_t)(p - e->t);
    size_t around = strlen("{\"s\":\"\",\"t\":\"gateway-proxy::\",\"d\":}") + 2 * e->s_n + e->t_n;
    e->d_n = make_d(e->d, n, (size_t)message_size - around);
}

static size_t make_message(char *out, u32 from, u32 to, u32 n) {
    static struct expected e;
    expect(&e, from, to, n);
    char *p = out;
    p += put(p, "{\"s\":\"");
    memcpy(p, e.s, e.s_n), p += e.s_n;
    p += put(p, "\",\"t\":\"gateway-proxy:");
    memcpy(p, e.s, e.s_n), p += e.s_n;
    *p++ = ':';
    memcpy(p, e.t, e.t_n), p += e.t_n;
    p += put(p, "\",\"d\":");
    memcpy(p, e.d, e.d_n), p += e.d_n;
    *p++ = '}';
    return (size_t)(p - out);
}

/* The end of the JSON value that starts at p, or NULL. */
static const u8 *value_end(const u8 *p, const u8 *e) {
    int nested = 0;
    for (; p < e; p++) {
        if (*p == '"') {
            for (p++; p < e && *p != '"'; p++) p += *p == '\\';
            if (p >= e) return NULL;
        } else if (*p == '{' || *p == '[') nested++;
        else if (*p == '}' || *p == ']') {
            if (--nested < 0) return p; /* of a number or word */
        } else if (*p == ',' && !nested) return p;
        else continue;
        if (!nested) return p + 1;
    }
    return NULL;
}

struct span { const u8 *p; size_t n; };

/* The values of the top-level members s, t and d, in whatever order.  No white space is expected between the members. */
static int take_apart(const u8 *p, size_t n, struct span *s, struct span *t, struct span *d) {
    const u8 *e = p + n;
    if (n < 2 || *p++ != '{' || e[-1] != '}') return 0;
    while (p + 4 < e && p[0] == '"') {
        const u8 *key = p, *v = value_end(p, e);
        if (!v || v >= e || *v++ != ':') return 0;
        const u8 *z = value_end(v, e);
        if (!z) return 0;
        if (v - key == 4) {
            struct span *x = key[1] == 's' ? s : key[1] == 't' ? t : key[1] == 'd' ? d : NULL;
            if (x) x->p = v, x->n = (size_t)(z - v);
        }
        p = z + 1;
        if (p == e) return s->p && t->p && d->p;
        if (*z != ',') return 0;
    }
    return 0;
}

static int is_string(const struct span *x, const char *s, size_t n) {
    return x->n == n + 2 && x->p[0] == '"' && !memcmp(x->p + 1, s, n);
}

static void may_send(u32 i, u32 k) {
    if (!free_slots[i]) waiting[n_waiting++] = (int)i;
    free_slots[i] += k;
}

static void send_waiting(void) {
    static u8 *out;
    static char *text;
    static size_t cap;
    if (!sending) return;
    if (!out) {
        cap = (size_t)depth * ((size_t)message_size + 14);
        out = xalloc(cap), text = xalloc((size_t)message_size + 64);
    }
    for (int w = 0; w < n_waiting; w++) {
        u32 from = (u32)waiting[w], all = (u32)nconn;
        struct conn *c = &conns[from];
        size_t o = 0;
        if (c->st != READY) continue;
        u64 t = now_ns();
        while (free_slots[from]) {
            u32 to = ring_peers ? (from + 1) % all : (from + 1 + (u32)((rng() >> 16) % (all - 1))) % all;
            struct pair *x = &pairs[from * all + to];
            size_t n = make_message(text, from, to, x->sent);
            u32 mask = (u32)(rng() >> 16);
            x->at[x->sent++ % (u32)depth] = t;
            o += frame_head(out + o, 1, n, mask);
            put_masked(out + o, text, n, mask);
            o += n;
            free_slots[from]--;
            c_sent++;
        }
        send_bytes(c, out, o);
    }
    n_waiting = 0;
}

static void complain(const struct conn *c, const char *why, const u8 *p, size_t n) {
    if (c_bad + c_extra + c_missing > 2) return;
    fprintf(stderr, "wsload: service %d, %s: %.*s\n", c->idx, why, (int)(n > 600 ? 600 : n), (const char *)p);
}

static void on_message(struct conn *c, const u8 *p, size_t n, u64 t) {
    static struct expected e;
    struct span s = {0}, topic = {0}, d = {0};
    u32 from = 0, number = 0;
    if (!take_apart(p, n, &s, &topic, &d)) {
        complain(c, "not as expected", p, n);
        c_bad++;
        return;
    }
    if (is_string(&s, "gateway", 7)) { /* a REJECT: the message it answers is never delivered */
        complain(c, "refused", p, n);
        rejects++, c_bad++;
        return;
    }
    const u8 *q = topic.n > 2 ? memrchr(topic.p, ':', topic.n) : NULL, *end = topic.p + topic.n - 1;
    if (s.n > 6 && !memcmp(s.p, "\"svc-", 5))
        for (const u8 *x = s.p + 5; x < s.p + s.n - 1; x++) from = from * 10 + (u32)(*x - '0');
    while (q && ++q < end) number = number * 10 + (u32)(*q - '0');
    if (from >= (u32)nconn) from = 0;
    struct pair *x = &pairs[from * (u32)nconn + (u32)c->idx];
    if (number < x->received || number >= x->sent) {
        complain(c, "sent before, or never", p, n);
        c_extra++;
        return;
    }
    u32 k = number - x->received + 1;
    if (k > 1) complain(c, "messages before it are lost or late", p, n), c_missing += k - 1;
    expect(&e, from, (u32)c->idx, number);
    if (!is_string(&s, e.s, e.s_n) || !is_string(&topic, e.t, e.t_n) || d.n != e.d_n || memcmp(d.p, e.d, d.n)) {
        complain(c, "changed on the way", p, n);
        c_bad++;
    }
    x->received += k;
    delivered++;
    if (measuring) m_delivered++, hist_add(t - x->at[number % (u32)depth]);
    may_send(from, k);
}

/* ACCEPT, op 1, or a refusal */
static int on_setup_reply(struct conn *c, const u8 *p, size_t n) {
    const u8 *q = memmem(p, n, "\"opcode\":1", 10);
    int ok = q && q + 10 < p + n && (q[10] == ',' || q[10] == '}');
    (void)c;
    if (!ok && !c_upgrade_fail) fprintf(stderr, "wsload: refused: %.*s\n", (int)n, (const char *)p);
    return ok;
}

static void after_read(struct conn *c) {
    static int reads;
    (void)c;
    if (++reads % GROUP == 0) send_waiting();
}

static void prepare(void) {
    const char *identify = "{\"s\":\"svc-%d\",\"t\":\"gateway:opcode\",\"d\":{\"opcode\":0,\"service\":\"bench\"}}";
    if (nconn < 2 || nconn > 1000) die("-c: 2 to 1000 services");
    if (message_size < 190 || message_size > 65536) die("--size: 190 to 65536");
    if (depth > 1024) die("-p: at most 1024");
    if (first.n) die("gateway makes its own setup");
    add(&first, identify, strlen(identify));
    first_replies = "1";
    pairs = xalloc(sizeof *pairs * (size_t)nconn * (size_t)nconn);
    for (int i = 0; i < nconn * nconn; i++) pairs[i].at = xalloc(sizeof(u64) * (size_t)depth);
    free_slots = xalloc(sizeof *free_slots * (size_t)nconn);
    waiting = xalloc(sizeof *waiting * (size_t)nconn);
}

static u64 under_way(void) {
    u64 n = 0;
    for (int i = 0; i < nconn * nconn; i++) n += pairs[i].sent - pairs[i].received;
    return n;
}

static int run_gateway(void) {
    double ramp = open_all();
    run_for(settle);
    if (n_ready == nconn) {
        sending = 1;
        for (int i = 0; i < nconn; i++) may_send((u32)i, (u32)depth);
        send_waiting();
        run_for(warmup);
        m_delivered = 0;
        window_open();
        run_for(duration);
        window_close();
    }
    sending = 0;
    u64 end = now_ns() + (u64)(drain_s * 1e9);
    while (under_way() && now_ns() < end) turn(10);
    run_for(0.05); /* a second copy would arrive now */
    c_missing += under_way();
    put_begin();
    printf("\"services\":%d,\"ready\":%d,\"message_bytes\":%d,\"depth\":%d,\"peers\":\"%s\",\"seconds\":%.3f,\"ramp_seconds\":%.3f,", nconn, n_ready,
           message_size, depth, ring_peers ? "ring" : "random", w_secs, ramp);
    printf("\"msgs_per_s\":%.0f,\"measured\":%llu,\"sent_total\":%llu,\"delivered_total\":%llu,\"rejects\":%llu,",
           w_secs > 0 ? (double)m_delivered / w_secs : 0, (unsigned long long)m_delivered, (unsigned long long)c_sent,
           (unsigned long long)delivered, (unsigned long long)rejects);
    put_latency("latency_us");
    return put_end();
}

const struct mode gateway_mode = {.name = "gateway", .path = "/gateway", .depth = 16, .message_size = 200, .prepare = prepare,
                                  .setup_reply = on_setup_reply, .message = on_message, .after_read = after_read, .after_turn = send_waiting,
                                  .run = run_gateway};
