#include "wsload.h"

static u64 churn_done, m_churn;

static int run_idle(void) {
    long before = server_rss_kb();
    double srv0 = server_cpu();
    double ramp = open_all();
    double srv1 = server_cpu();
    int up = n_ready;
    window_open();
    run_for(duration);
    window_close();
    long after = server_rss_kb();
    put_begin();
    printf("\"conns\":%d,\"ready\":%d,\"held_to_end\":%d,\"held_s\":%.1f,\"ramp_seconds\":%.3f,\"ramp_per_s\":%.0f,", nconn, up, n_ready, w_secs,
           ramp, up / ramp);
    if (npids)
        printf("\"ramp_server_cpu_pct\":%.1f,\"rss_kb_before\":%ld,\"rss_kb_after\":%ld,\"rss_bytes_per_conn\":%.0f,",
               100 * (srv1 - srv0) / ramp, before, after, n_ready ? (double)(after - before) * 1024.0 / n_ready : 0);
    return put_end();
}

static void opened(struct conn *c) {
    n_ready--;
    c->st = CLOSING;
    churn_done++;
    if (measuring) m_churn++, hist_add(now_ns() - c->t_open);
    begin_close(c);
}

static int run_churn(void) {
    u64 t0 = now_ns(), t1 = t0 + (u64)(warmup * 1e9), t2 = t1 + (u64)(duration * 1e9);
    u64 fail0;
    for (;;) {
        u64 t = now_ns();
        if (!measuring && t >= t1) m_churn = 0, window_open(), t2 = t + (u64)(duration * 1e9);
        if (measuring && t >= t2) break;
        fail0 = c_connect_fail + c_upgrade_fail;
        if (fail0 > 1000) break;
        for (int i = 0; i < nslots; i++)
            if (conns[i].fd < 0) begin_opening(&conns[i]);
        turn(5);
        /* a slot that hangs is given up after the setup timeout */
        static u64 swept;
        if (t - swept > 1000000000u) {
            swept = t;
            for (int i = 0; i < nslots; i++)
                if (conns[i].fd >= 0 && t > conns[i].t_open && t - conns[i].t_open > (u64)(setup_timeout * 1e9)) failed(&conns[i], &c_timeouts);
        }
    }
    window_close();
    put_begin();
    printf("\"slots\":%d,\"seconds\":%.3f,\"connects_per_s\":%.0f,\"measured\":%llu,\"total\":%llu,", nconn, w_secs, w_secs > 0 ? (double)m_churn / w_secs : 0,
           (unsigned long long)m_churn, (unsigned long long)churn_done);
    put_latency("open_us");
    return put_end();
}

const struct mode idle_mode = {.name = "idle", .run = run_idle};
const struct mode churn_mode = {.name = "churn", .opened = opened, .run = run_churn};
