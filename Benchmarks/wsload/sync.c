/* The party relay: one leader pushes to the members of its session. */
#include "wsload.h"

#include <unistd.h>

#define RING 1024                   /* pushes that may be under way; a power of two */

struct push {
    u64 due;                        /* closed loop: when it was sent */
    u32 left;                       /* members that have not got it */
    size_t n, packed_n;
    char *text;
    u8 *packed;                     /* the first compressed form seen that inflated to text */
    size_t packed_cap;
};

static struct push pushes[RING];
static char session[64];
static u32 published, complete, members;
static int stop_sending;
static u64 m_deliveries, m_first, inflations, late_us_max;

static u32 below(u32 n) { return (u32)(rng() >> 20) % n; }

/* `{"sessionId":…,"type":"Push","data":[monster,…]}` of message_size bytes: monsters as the plug-in sends them, with parts and
 * ailments, numbers with two decimals.  The first health is the number of the push, so that no two are equal. */
static size_t make_push(char *out, u32 number) {
    size_t size = (size_t)message_size, room = size + 64;
    size_t n = (size_t)snprintf(out, room, "{\"sessionId\":\"%s\",\"type\":\"Push\",\"data\":[[\"em001_00\",[[0,%u]", session, 1000000000u + number);
    const size_t tail = 5;          /* ]]]]} */
    int part = 1, list = 0, monster = 1;
    for (;;) {
        char item[64];
        size_t k;
        if (part < 8 && list && part % 4 != 1) k = (size_t)snprintf(item, sizeof item, ",[%d,0]", part), part++; /* most ailments are at rest */
        else if (part < 8) k = (size_t)snprintf(item, sizeof item, ",[%d,%u.%02u]", part, below(9000), below(99) + 1), part++;
        else if (list == 0) k = (size_t)snprintf(item, sizeof item, "],[[0,%u]", below(200)), list = 1, part = 1;
        else k = (size_t)snprintf(item, sizeof item, "]],[\"em%03d_00\",[[0,%u.5]", ++monster * 7, below(20000)), list = 0, part = 1;
        if (n + k + tail + 24 > size) break;
        memcpy(out + n, item, k);
        n += k;
    }
    /* the rest: one more item whose number is as long as it takes */
    n += (size_t)sprintf(out + n, "%s,[9,1.", list ? "" : "],[[8,0]");
    for (; n + tail < size; n++) out[n] = (char)('1' + n % 9);
    n += (size_t)sprintf(out + n, "]]]]}");
    return n;
}

static void publish(u64 due) {
    static u8 *frame;
    struct conn *leader = &conns[nslots - 1];
    struct push *x = &pushes[published % RING];
    if (!frame) frame = xalloc((size_t)message_size * 2 + 64);
    if (!x->text) x->text = xalloc((size_t)message_size + 128);
    x->n = make_push(x->text, ++published);
    x->packed_n = 0;
    x->left = members;
    const u8 *body = (const u8 *)x->text;
    size_t n = x->n;
    if (leader->deflate) body = deflated(body, n, &n);
    u32 mask = (u32)(rng() >> 16);
    size_t k = frame_head(frame, leader->deflate ? RSV1 | 1 : 1, n, mask);
    put_masked(frame + k, (const char *)body, n, mask);
    x->due = due ? due : now_ns();
    c_sent++;
    send_bytes(leader, frame, k + n);
}

static void fill(void) {
    while (!stop_sending && rate <= 0 && published - complete < (u32)depth && conns[nslots - 1].st == READY) publish(0);
}

static void delivered(struct conn *c, struct push *x, u64 t) {
    c->received++;
    if (measuring) m_deliveries++, hist_add(t > x->due ? t - x->due : 0);
    if (--x->left) return;
    complete++;
    fill();
}

static int on_packed(struct conn *c, const u8 *p, size_t n, u64 t) {
    struct push *x = &pushes[c->received % RING];
    if (c->publisher || c->received >= published || x->packed_n != n || memcmp(x->packed, p, n)) {
        if (!c->publisher && c->received < published && !x->packed_n) {
            /* The first member to get it: keep this form if it is right. */
            size_t out_n;
            const u8 *out = inflated(p, n, &out_n);
            inflations++;
            if (!out || out_n != x->n || memcmp(out, x->text, x->n)) return 0;
            if (n > x->packed_cap) x->packed = xgrow(x->packed, x->packed_cap = n);
            memcpy(x->packed, p, n);
            x->packed_n = n;
            delivered(c, x, t);
            return 1;
        }
        inflations++;
        return 0;
    }
    delivered(c, x, t);
    return 1;
}

static long number_after(const u8 *p, size_t n, const char *key) {
    const u8 *q = memmem(p, n, key, strlen(key));
    long v = 0;
    if (!q) return -1;
    for (q += strlen(key); q < p + n && *q >= '0' && *q <= '9'; q++) v = v * 10 + (*q - '0');
    return v;
}

static int on_state(struct conn *c, const u8 *p, size_t n) {
    if (!memmem(p, n, "\"sessionstate\"", 14)) return 0;
    long v = number_after(p, n, "\"playersCount\":");
    if (v < 0) return 0;
    c->members = (u32)v;
    return 1;
}

static void on_message(struct conn *c, const u8 *p, size_t n, u64 t) {
    if (on_state(c, p, n)) {
        c_other++;
        return;
    }
    struct push *x = &pushes[c->received % RING];
    if (c->publisher) c_extra++; /* nothing is pushed back to its sender */
    else if (c->received < published && n == x->n && !memcmp(p, x->text, n)) delivered(c, x, t);
    else {
        /* Which one is it?  An old one is extra, a later one means that some are missing, anything else is damaged. */
        long number = number_after(p, n, "\"em001_00\",[[0,") - 1000000000;
        if (!c_extra && !c_missing && !c_bad)
            fprintf(stderr, "wsload: member %d wanted push %u of %u, got %ld: %.*s\n", c->idx, c->received + 1, published, number, (int)(n > 600 ? 600 : n), (const char *)p);
        if (number >= 1 && (u64)number <= c->received) c_extra++;
        else if (number > (long)c->received + 1 && (u64)number <= published) {
            while ((long)c->received + 1 < number) {
                struct push *gone = &pushes[c->received++ % RING];
                c_missing++;
                if (!--gone->left) complete++;
            }
            x = &pushes[c->received % RING];
            if (n == x->n && !memcmp(p, x->text, n)) delivered(c, x, t);
            else c_bad++, delivered(c, x, t);
        } else {
            c_bad++;
            if (c->received < published) delivered(c, x, t);
        }
    }
}

static void prepare(void) {
    char b[256];
    if (message_size < 160 || message_size > 65536) die("--size: 160 to 65536");
    if (depth > RING) die("-p: at most %d", RING);
    if (first.n || pub_first.n) die("sync makes its own setup");
    snprintf(session, sizeof session, "%08x%04x:Leader", (u32)rng(), (u32)getpid() & 0xffff);
    for (int leader = 0; leader < 2; leader++) {
        int n = snprintf(b, sizeof b, "{\"sessionId\":\"%s\",\"type\":\"SetSession\",\"isLeader\":%s}", session, leader ? "true" : "false");
        add(leader ? &pub_first : &first, b, (size_t)n);
    }
    first_replies = pub_first_replies = "1";
}

/* Until everybody has been told that everybody is there. */
static int all_told(void) {
    for (int i = 0; i < nslots; i++)
        if (conns[i].st != READY || conns[i].members != (u32)nslots) return 0;
    return 1;
}

static u32 slowest(void) {
    u32 least = published;
    for (u32 i = 0; i < members; i++)
        if (conns[i].received < least) least = conns[i].received;
    return least;
}

static void open_loop(double seconds) {
    static u64 t0, sent;
    u64 t = now_ns(), end = t + (u64)(seconds * 1e9);
    if (!t0) t0 = t;
    for (; t < end && n_ready == nslots; t = now_ns()) {
        u64 due = t0 + (u64)((double)sent / rate * 1e9);
        if (due <= t && published - complete < RING) {
            if (measuring && (t - due) / 1000 > late_us_max) late_us_max = (t - due) / 1000;
            publish(due);
            sent++;
            turn(0);
        } else {
            turn(due > t + 1000000 ? 1 : 0);
        }
    }
}

static int run_sync(void) {
    double ramp = open_all();
    u64 t0 = now_ns(), limit = t0 + (u64)(setup_timeout * 1e9);
    while (!all_told() && n_ready == nslots && now_ns() < limit) turn(20);
    double told = (double)(now_ns() - t0) / 1e9;
    if (!all_told()) c_timeouts++;
    run_for(settle);
    members = (u32)nconn;
    if (n_ready == nslots && !c_timeouts) {
        if (rate > 0) open_loop(warmup);
        else fill(), run_for(warmup);
        m_deliveries = 0;
        m_first = published;
        window_open();
        if (rate > 0) open_loop(duration);
        else run_for(duration);
    }
    u64 sent = published - m_first;
    window_close();
    stop_sending = 1;
    u64 end = now_ns() + (u64)(drain_s * 1e9);
    while (slowest() < published && n_ready == nslots && now_ns() < end) turn(10);
    run_for(0.05); /* a second copy would arrive now */
    for (int i = 0; i < nconn; i++) c_missing += published - conns[i].received;
    put_begin();
    printf("\"members\":%d,\"ready\":%d,\"deflate\":%d,\"push_bytes\":%d,\"window\":%d,\"rate\":%.1f,\"seconds\":%.3f,\"ramp_seconds\":%.3f,"
           "\"told_seconds\":%.3f,", nconn, n_ready, offer_deflate, message_size, rate > 0 ? 0 : depth, rate, w_secs, ramp, told);
    printf("\"published\":%llu,\"deliveries\":%llu,\"deliveries_per_s\":%.0f,\"pushes_per_s\":%.1f,\"mean_delivery_wire_bytes\":%.1f,\"inflations\":%llu,",
           (unsigned long long)sent, (unsigned long long)m_deliveries, w_secs > 0 ? (double)m_deliveries / w_secs : 0,
           w_secs > 0 ? (double)sent / w_secs : 0, m_deliveries ? (double)m_bytes_in / (double)m_deliveries : 0, (unsigned long long)inflations);
    if (rate > 0) printf("\"late_us_max\":%llu,", (unsigned long long)late_us_max);
    put_latency("latency_us");
    return put_end();
}

const struct mode sync_mode = {.name = "sync", .path = "/connect", .connections = 1000, .depth = 4, .message_size = 500, .publishers = 1,
                               .prepare = prepare, .setup_reply = on_state, .packed = on_packed, .message = on_message, .run = run_sync};
