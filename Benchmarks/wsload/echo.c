#include "wsload.h"

static struct frame *pool;          /* payloads made once: [payload][variant] */
static int per_conn_payload, stop_sending;
static u32 *need;                   /* replies to each payload */
static char *rendered;
static u8 *outbuf;
static size_t outcap;
static u64 c_contains, c_replies, m_replies;

static u64 owed(const struct conn *c) {
    u64 n = 0;
    for (u32 i = 0; i < c->inflight; i++) n += need[c->sent_which[(c->head + i) % (u32)depth]];
    return n - c->got;
}

static void note_sent(struct conn *c, u32 which, u64 t) {
    u32 at = (c->head + c->inflight) % (u32)depth;
    c->sent_at[at] = t;
    c->sent_which[at] = which;
    c->inflight++;
    c_sent++;
}

static void roll_send(struct conn *c) {
    u32 which = c->next++ % (u32)payloads.n, mask = (u32)(rng() >> 16);
    size_t n = expand(&payloads.v[which], c->idx, c->captured, c->captured_n, rendered, ROLL_MAX);
    if (n > ROLL_MAX) {
        failed(c, &c_protocol);
        return;
    }
    size_t k = frame_head(outbuf, opcode, n, mask);
    put_masked(outbuf + k, rendered, n, mask);
    if (verify) {
        c->last.s = xgrow(c->last.s, n + 1);
        memcpy(c->last.s, rendered, n);
        c->last.n = n;
    }
    note_sent(c, which, now_ns());
    send_bytes(c, outbuf, k + n);
}

static void echo_send(struct conn *c, int k) {
    size_t n = 0;
    if (k <= 0 || c->st != READY) return;
    if (roll) {
        roll_send(c);
        return;
    }
    u64 t = now_ns();
    while (k-- > 0) {
        u32 which = c->next++ % (u32)payloads.n;
        struct frame *f = per_conn_payload ? &c->own[which] : &pool[which * VARIANTS + (c_sent & (VARIANTS - 1))];
        if (n + f->n > outcap) outbuf = xgrow(outbuf, outcap = (n + f->n) * 2);
        memcpy(outbuf + n, f->b, f->n);
        n += f->n;
        note_sent(c, which, t);
    }
    send_bytes(c, outbuf, n);
}

static void on_reply(struct conn *c, const u8 *p, size_t n, u64 t) {
    if (!c->inflight) {
        c_extra++;
        return;
    }
    u32 which = c->sent_which[c->head];
    const char *plain = roll ? c->last.s : per_conn_payload ? c->own[which].plain : payloads.v[which].s;
    size_t plain_n = roll ? c->last.n : per_conn_payload ? c->own[which].plain_n : payloads.v[which].n;
    if (verify && (n != plain_n || memcmp(p, plain, n))) c_bad++;
    else if (contains && !memmem(p, n, contains, strlen(contains))) c_bad++;
    if (count_contains && memmem(p, n, count_contains, strlen(count_contains))) c_contains++;
    c_replies++;
    if (measuring) m_replies++;
    if (++c->got < need[which]) return;
    if (measuring) hist_add(t - c->sent_at[c->head]);
    c->got = 0;
    c->inflight--;
    if (++c->head == (u32)depth) c->head = 0;
    c->completed++;
}

static void after_read(struct conn *c) {
    int k = c->completed;
    c->completed = 0;
    if (k && !stop_sending) echo_send(c, k);
}

static void opened(struct conn *c) {
    if (!per_conn_payload) return;
    c->own = xalloc(sizeof *c->own * (size_t)payloads.n);
    for (int i = 0; i < payloads.n; i++) {
        struct text t = subst(&payloads.v[i], c);
        c->own[i] = make_frame(opcode, t.s, t.n);
    }
}

static void dropped(struct conn *c) {
    c_missing += owed(c);
    c->inflight = c->got = 0;
}

static void prepare(void) {
    if (!payloads.n) die("echo wants --payload, --payload-file or --payload-lines");
    int listed = 1;
    for (const char *q = replies; (q = strchr(q, ',')) != NULL; q++) listed++;
    if (listed > 1 && listed > payloads.n) die("--replies has more numbers than there are messages");
    need = xalloc(sizeof *need * (size_t)payloads.n);
    for (int i = 0; i < payloads.n; i++) {
        int v = nth(replies, i);
        if (v < 1 || v > 1000000) die("--replies wants numbers from 1 on");
        need[i] = (u32)v;
        per_conn_payload |= !roll && has_subst(&payloads.v[i]);
        if (roll && payloads.v[i].n > ROLL_MAX) die("with --roll a message has at most %u bytes", ROLL_MAX);
    }
    if (roll) {
        depth = 1;
        roll_key.s = xalloc(strlen(roll) + 5);
        roll_key.n = (size_t)sprintf(roll_key.s, "\"%s\":\"", roll);
        rendered = xalloc(ROLL_MAX);
        outbuf = xalloc(outcap = ROLL_MAX + 14);
    } else if (!per_conn_payload) {
        pool = xalloc(sizeof *pool * (size_t)payloads.n * VARIANTS);
        for (int i = 0; i < payloads.n; i++)
            for (int k = 0; k < VARIANTS; k++) pool[i * VARIANTS + k] = make_frame(opcode, payloads.v[i].s, payloads.v[i].n);
    }
    for (int i = 0; i < nslots; i++) {
        conns[i].sent_at = xalloc(sizeof(u64) * (size_t)depth);
        conns[i].sent_which = xalloc(sizeof(u32) * (size_t)depth);
    }
}

static int run_echo(void) {
    double ramp = open_all();
    for (int i = 0; i < nslots; i++) echo_send(&conns[i], depth);
    run_for(warmup);
    m_replies = 0;
    window_open();
    run_for(duration);
    window_close();
    stop_sending = 1;
    u64 end = now_ns() + (u64)(drain_s * 1e9);
    for (;;) {
        u64 wait = 0;
        for (int i = 0; i < nslots; i++) wait += conns[i].inflight;
        if (!wait || now_ns() > end) break;
        turn(10);
    }
    run_for(0.05); /* replies to nothing would arrive now */
    for (int i = 0; i < nslots; i++) c_missing += owed(&conns[i]);
    put_begin();
    printf("\"conns\":%d,\"ready\":%d,\"depth\":%d,\"payload_bytes\":%zu,\"seconds\":%.3f,\"ramp_seconds\":%.3f,", nconn, n_ready, depth,
           payloads.v[0].n, w_secs, ramp);
    printf("\"msgs_per_s\":%.0f,\"measured\":%llu,\"sent_total\":%llu,\"replies_total\":%llu,\"mean_reply_wire_bytes\":%.1f,",
           (double)hist_n / w_secs, (unsigned long long)m_replies, (unsigned long long)c_sent,
           (unsigned long long)c_replies, m_replies ? (double)m_bytes_in / (double)m_replies : 0);
    if (count_contains) printf("\"contains_count\":%llu,", (unsigned long long)c_contains);
    if (roll) printf("\"rolls\":%llu,", (unsigned long long)c_rolls);
    put_latency("latency_us");
    return put_end();
}

const struct mode echo_mode = {.name = "echo", .prepare = prepare, .opened = opened, .message = on_reply, .after_read = after_read,
                               .dropped = dropped, .run = run_echo};
