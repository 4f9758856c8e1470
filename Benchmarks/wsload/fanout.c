#include "wsload.h"

static u64 *pub_at;
static u32 published, pub_cap, sub_complete;
static u64 deliveries, m_deliveries, last_delivery;

static void publish(struct conn *c) {
    if (c->st != READY) return;
    if (published == pub_cap) pub_at = xgrow(pub_at, sizeof *pub_at * (pub_cap = pub_cap ? pub_cap * 2 : 1024));
    struct text *t = &messages.v[published % (u32)messages.n];
    struct text r = subst(t, c);
    struct frame f = make_frame(opcode, r.s, r.n);
    sub_complete = 0;
    pub_at[published++] = now_ns();
    c_sent++;
    send_bytes(c, f.b, f.n);
    free(f.b);
    free(r.s);
}

static void on_delivery(struct conn *c, const u8 *p, size_t n, u64 t) {
    if (c->publisher || (match && !memmem(p, n, match, strlen(match)))) {
        c_other++;
        return;
    }
    if (c->received >= published) {
        c_extra++;
        return;
    }
    deliveries++;
    last_delivery = t;
    if (measuring) hist_add(t - pub_at[c->received]), m_deliveries++;
    if (++c->received == published) sub_complete++;
}

static int run_fanout(void) {
    double ramp = open_all();
    struct conn *pub = &conns[nslots - 1];
    u32 subs = (u32)(nslots - 1);
    run_for(settle);
    int live = 0;
    for (u32 i = 0; i < subs; i++) live += conns[i].st == READY;
    u64 t_first = now_ns(), end = t_first + (u64)((warmup + duration) * 1e9), stall = t_first;
    u64 warm_end = t_first + (u64)(warmup * 1e9);
    u32 pub_before = 0;
    int opened = 0, stalled = 0;
    if (warmup <= 0) m_deliveries = 0, window_open(), opened = 1;
    while (pub->st == READY && live) {
        u64 t = now_ns();
        if (t > end) break;
        if (!opened && t >= warm_end && (rate > 0 || published == 0 || sub_complete >= (u32)live)) {
            pub_before = published;
            m_deliveries = 0, window_open(), opened = 1;
        }
        if (rate > 0) {
            while ((!opened || published - pub_before < (u32)n_publish) && (double)(t - t_first) / 1e9 * rate >= published) publish(pub);
            u64 due = t_first + (u64)((double)published / rate * 1e9);
            if (published - pub_before >= (u32)n_publish && opened) break;
            turn(due > t + 1000000u ? (int)((due - t) / 1000000u > 20 ? 20 : (due - t) / 1000000u) : 0);
            continue;
        }
        if (published == 0 || sub_complete >= (u32)live) {
            if (opened && published - pub_before >= (u32)n_publish) break;
            publish(pub);
            stall = t;
        } else if (t - stall > (u64)(drain_s * 1e9)) {
            stalled = 1;
            break;
        }
        turn(10);
    }
    u64 drain_end = now_ns() + (u64)(drain_s * 1e9);
    while (deliveries < (u64)published * (u64)live && !stalled && now_ns() < drain_end) turn(10);
    double last = last_delivery > w_t0 ? (double)(last_delivery - w_t0) / 1e9 : 0;
    window_close();
    run_for(0.05);
    for (u32 i = 0; i < subs; i++) c_missing += published - conns[i].received;
    if (live < (int)subs) c_timeouts += subs - (u32)live;
    put_begin();
    printf("\"subscribers\":%u,\"live\":%d,\"message_bytes\":%zu,\"published\":%u,\"rate\":%.1f,\"seconds\":%.3f,\"ramp_seconds\":%.3f,", subs,
           live, messages.v[0].n, published - pub_before, rate, last, ramp);
    printf("\"deliveries\":%llu,\"deliveries_per_s\":%.0f,\"publishes_per_s\":%.1f,", (unsigned long long)m_deliveries,
           last > 0 ? (double)m_deliveries / last : 0, last > 0 ? (double)(published - pub_before) / last : 0);
    put_latency("latency_us");
    return put_end();
}

static void prepare(void) {
    if (!messages.n) die("fanout wants --message or --message-file");
}

const struct mode fanout_mode = {.name = "fanout", .publishers = 1, .prepare = prepare, .message = on_delivery, .run = run_fanout};
