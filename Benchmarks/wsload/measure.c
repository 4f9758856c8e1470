#include "wsload.h"

#include <sys/resource.h>
#include <unistd.h>

u64 c_connect_fail, c_upgrade_fail, c_closed, c_protocol, c_timeouts;
u64 c_sent, c_extra, c_bad, c_other, c_pings, c_missing;
u64 m_bytes_in, hist_n, w_t0;
double w_secs;
int measuring;

#define SUB 128
static u64 hist[64 * SUB], hist_max;
static double hist_sum;

static void hist_reset(void) {
    memset(hist, 0, sizeof hist);
    hist_n = hist_max = 0;
    hist_sum = 0;
}

void hist_add(u64 v) {
    size_t i;
    if (v < SUB) i = v;
    else {
        int e = 63 - __builtin_clzll(v) - 7;
        i = (size_t)(e + 1) * SUB + ((v >> e) - SUB);
    }
    hist[i]++;
    hist_n++;
    hist_sum += (double)v;
    if (v > hist_max) hist_max = v;
}

static double hist_pct(double p) {
    u64 want = (u64)((double)hist_n * p / 100.0 + 0.5), seen = 0;
    if (want < 1) want = 1;
    if (!hist_n) return 0;
    for (size_t i = 0; i < sizeof hist / sizeof *hist; i++) {
        seen += hist[i];
        if (seen >= want) {
            if (i < SUB) return (double)i / 1000.0;
            size_t e = i / SUB - 1;
            u64 lo = (u64)(SUB + i % SUB) << e;
            double mid = (double)lo + (double)((u64)1 << e) / 2.0;
            return (mid > (double)hist_max ? (double)hist_max : mid) / 1000.0;
        }
    }
    return (double)hist_max / 1000.0;
}

double server_cpu(void) {
    double s = 0;
    for (int i = 0; i < npids; i++) {
        char f[64], b[2048];
        snprintf(f, sizeof f, "/proc/%d/stat", pids[i]);
        FILE *h = fopen(f, "r");
        if (!h) continue;
        size_t k = fread(b, 1, sizeof b - 1, h);
        fclose(h);
        b[k] = 0;
        char *p = strrchr(b, ')');
        unsigned long u = 0, v = 0;
        if (p && sscanf(p + 1, " %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &u, &v) == 2)
            s += (double)(u + v) / (double)sysconf(_SC_CLK_TCK);
    }
    return s;
}

long server_rss_kb(void) {
    long s = 0;
    for (int i = 0; i < npids; i++) {
        char f[64], l[256];
        snprintf(f, sizeof f, "/proc/%d/status", pids[i]);
        FILE *h = fopen(f, "r");
        if (!h) continue;
        while (fgets(l, sizeof l, h))
            if (!strncmp(l, "VmRSS:", 6)) s += atol(l + 6);
        fclose(h);
    }
    return s;
}

static double own_cpu(void) {
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return (double)r.ru_utime.tv_sec + (double)r.ru_stime.tv_sec + (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) / 1e6;
}

static double w_srv, w_own;

void window_open(void) {
    hist_reset();
    m_bytes_in = 0;
    measuring = 1;
    w_srv = server_cpu();
    w_own = own_cpu();
    w_t0 = now_ns();
}

void window_close(void) {
    if (!measuring) return;
    w_secs = (double)(now_ns() - w_t0) / 1e9;
    w_srv = server_cpu() - w_srv;
    w_own = own_cpu() - w_own;
    measuring = 0;
}
static void put_str(const char *k, const char *v) {
    printf("\"%s\":\"", k);
    for (; *v; v++) {
        if (*v == '"' || *v == '\\') putchar('\\');
        putchar((u8)*v < 32 ? ' ' : *v);
    }
    printf("\",");
}

void put_latency(const char *name) {
    printf("\"%s\":{\"n\":%llu,\"mean\":%.1f,\"p50\":%.1f,\"p90\":%.1f,\"p99\":%.1f,\"p99_9\":%.1f,\"max\":%.1f},", name,
           (unsigned long long)hist_n, hist_n ? hist_sum / (double)hist_n / 1000.0 : 0, hist_pct(50), hist_pct(90),
           hist_pct(99), hist_pct(99.9), (double)hist_max / 1000.0);
}

int put_end(void) {
    u64 errors = c_connect_fail + c_upgrade_fail + c_closed + c_protocol + c_timeouts;
    if (npids) printf("\"server_cpu_pct\":%.1f,\"server_rss_kb\":%ld,", w_secs > 0 ? 100 * w_srv / w_secs : 0, server_rss_kb());
    printf("\"gen_cpu_pct\":%.1f,\"errors\":%llu,\"connect_fail\":%llu,\"upgrade_fail\":%llu,\"closed_by_server\":%llu,"
           "\"protocol_errors\":%llu,\"timeouts\":%llu,\"missing\":%llu,\"extra\":%llu,\"bad\":%llu,\"other_msgs\":%llu,\"pings\":%llu}\n",
           w_secs > 0 ? 100 * w_own / w_secs : 0, (unsigned long long)errors, (unsigned long long)c_connect_fail,
           (unsigned long long)c_upgrade_fail, (unsigned long long)c_closed, (unsigned long long)c_protocol,
           (unsigned long long)c_timeouts, (unsigned long long)c_missing, (unsigned long long)c_extra,
           (unsigned long long)c_bad, (unsigned long long)c_other, (unsigned long long)c_pings);
    fflush(stdout);
    return errors || c_missing || c_extra || c_bad;
}

void put_begin(void) {
    printf("{\"mode\":\"%s\",", mode->name);
    put_str("label", label);
}
