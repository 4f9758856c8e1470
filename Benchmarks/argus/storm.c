/*
 * A storm of runs: every channel sends a run RATE times a second over a connection of its own, and has VIEWERS overlays open.
 *
 *     storm PORT FILE RATE VIEWERS SECONDS PAYLOAD
 *
 * FILE has a line for each channel: its id, its token, the view key of its overlays. PAYLOAD is a file with the body of /run_info,
 * in which @TOKEN and @MADE stand for the token and for the time in microseconds, 16 digits, as the count of an element.
 *
 * The runs are an open loop: each has a time at which it is due, and is made then even if the answer to the one before has not come
 * (it waits in the socket). An overlay's state is taken when its last part has come, and its age is the time since it was due.
 * Besides, every 20 ms each overlay is looked at: how old is what it shows? A name that begins with Mark- is followed by the time, in
 * microseconds, of an edit of the mapping: the first state of each is how long the edit took to be seen.
 *
 * Prints a line of JSON. Exit status 0: every run was answered with ok.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef uint64_t u64;
#define BUFFER (1 << 18)

struct peer {
    int fd, channel, is_viewer, is_open;
    char *in;
    size_t n;
    char *out;                      /* what the socket did not take */
    size_t out_n, out_cap;
    u64 made;                       /* viewer: of the state that it shows, microseconds; 0: none */
    u64 pending;                    /* of the state whose parts are coming */
    u64 due;                        /* channel: when the next run is due, nanoseconds */
};

static int port, epoll;
static struct peer *peers;
static int n_peers;
static char **ids, **tokens, **keys;
static int channels, viewers;
static char *payload;
static size_t payload_n;
static u64 sent, good, bad, lost, states, parts;
static u64 marks_seen[4096], mark_last;
static int n_marks;

static void die(const char *f, ...) {
    va_list a;
    va_start(a, f);
    fprintf(stderr, "storm: ");
    vfprintf(stderr, f, a);
    fputc('\n', stderr);
    exit(2);
}
static u64 clock_ns(clockid_t c) {
    struct timespec t;
    clock_gettime(c, &t);
    return (u64)t.tv_sec * 1000000000u + (u64)t.tv_nsec;
}
static u64 mono(void) { return clock_ns(CLOCK_MONOTONIC); }
static u64 wall_us(void) { return clock_ns(CLOCK_REALTIME) / 1000; }

/* Histograms in steps of 0.1 ms up to a minute. */
#define STEPS 600000
struct hist { uint32_t v[STEPS]; u64 n, max; };
static struct hist age, shown;
static void note(struct hist *h, u64 us) {
    u64 i = us / 100;
    h->v[i < STEPS ? i : STEPS - 1]++;
    h->n++;
    if (us > h->max) h->max = us;
}
static double at(const struct hist *h, double share) {
    u64 want = (u64)((double)h->n * share + 0.5), seen = 0;
    for (int i = 0; i < STEPS; i++)
        if ((seen += h->v[i]) >= want && seen) return i / 10.0 + 0.1;
    return 0;
}

static void put(struct peer *p, const char *b, size_t n) {
    if (!p->out_n) {
        ssize_t k = send(p->fd, b, n, MSG_NOSIGNAL);
        if (k < 0 && errno != EAGAIN) die("the connection of channel %s was lost", ids[p->channel]);
        if (k > 0) b += k, n -= (size_t)k;
    }
    if (!n) return;
    if (p->out_n + n > p->out_cap && !(p->out = realloc(p->out, p->out_cap = (p->out_n + n) * 2))) die("no memory");
    memcpy(p->out + p->out_n, b, n);
    p->out_n += n;
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.ptr = p};
    epoll_ctl(epoll, EPOLL_CTL_MOD, p->fd, &e);
}
static void flush(struct peer *p) {
    ssize_t k = send(p->fd, p->out, p->out_n, MSG_NOSIGNAL);
    if (k <= 0) return;
    memmove(p->out, p->out + k, p->out_n -= (size_t)k);
    if (p->out_n) return;
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = p};
    epoll_ctl(epoll, EPOLL_CTL_MOD, p->fd, &e);
}

/* A run is made at its due time, which stands in it. */
static void send_run(struct peer *p, u64 due_us) {
    static char text[1 << 17], made[32];
    char head[256];
    size_t n = 0;
    snprintf(made, sizeof made, "%016llu", (unsigned long long)due_us);
    for (size_t i = 0; i < payload_n;) {
        if (!strncmp(payload + i, "@TOKEN", 6)) n += (size_t)sprintf(text + n, "%s", tokens[p->channel]), i += 6;
        else if (!strncmp(payload + i, "@MADE", 5)) n += (size_t)sprintf(text + n, "%s", made), i += 5;
        else text[n++] = payload[i++];
    }
    int k = snprintf(head, sizeof head, "POST /run_info HTTP/1.1\r\nhost: 127.0.0.1:%d\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n\r\n", port, n);
    put(p, head, (size_t)k);
    put(p, text, n);
    sent++;
}

static void take_answers(struct peer *p) {
    for (;;) {
        char *end = memmem(p->in, p->n, "\r\n\r\n", 4);
        if (!end) return;
        char *length = memmem(p->in, (size_t)(end - p->in), "content-length: ", 16);
        size_t body = length ? strtoul(length + 16, NULL, 10) : 0, whole = (size_t)(end - p->in) + 4 + body;
        if (p->n < whole) return;
        int is_good = !strncmp(p->in, "HTTP/1.1 200", 12) && body == 2 && !strncmp(end + 4, "ok", 2);
        if (!is_good && !bad++) fprintf(stderr, "storm: %.*s\n", (int)(whole > 600 ? 600 : whole), p->in);
        good += (u64)is_good;
        memmove(p->in, p->in + whole, p->n -= whole);
    }
}

static void take_part(struct peer *p, const char *s, size_t n) {
    unsigned long nonce, index, count;
    char head[64];
    size_t k = n < 63 ? n : 63;
    memcpy(head, s, k), head[k] = 0;
    if (sscanf(head, "*%lu*%lu*%lu*", &nonce, &index, &count) != 3) die("no part: %s", head);
    parts++;
    const char *fire = memmem(s, n, "\"name\":\"Fire\",\"value\":\"", 23), *mark = memmem(s, n, "Mark-", 5);
    if (fire) p->pending = strtoull(fire + 23, NULL, 10);
    u64 now = wall_us();
    if (mark) {
        u64 when = strtoull(mark + 5, NULL, 10);
        if (when > mark_last && n_marks < 4096) mark_last = when, marks_seen[n_marks++] = now - when;
    }
    if (index + 1 != count || !p->pending) return;
    states++;
    /* The same state once more (the mapping has changed) is no news. */
    if (p->made != p->pending) note(&age, now > p->pending ? now - p->pending : 0);
    p->made = p->pending;
    p->pending = 0;
}

static void take_frames(struct peer *p) {
    size_t o = 0;
    if (!p->is_open) {
        char *end = memmem(p->in, p->n, "\r\n\r\n", 4);
        if (!end) return;
        if (strncmp(p->in, "HTTP/1.1 101", 12)) die("an overlay was refused: %.200s", p->in);
        p->is_open = 1;
        o = (size_t)(end - p->in) + 4;
    }
    while (p->n - o >= 2) {
        unsigned char *h = (unsigned char *)p->in + o;
        size_t k = 2, len = h[1] & 127;
        if (len == 126) {
            if (p->n - o < 4) break;
            len = (size_t)h[2] << 8 | h[3], k = 4;
        } else if (len == 127) die("a frame is too long");
        if (p->n - o < k + len) break;
        if ((h[0] & 15) == 1) take_part(p, (char *)h + k, len);
        else if ((h[0] & 15) == 9) {
            unsigned char pong[132] = {0x8A, (unsigned char)(0x80 | len)};
            memcpy(pong + 6, h + k, len);
            put(p, (char *)pong, len + 6);
        } else if ((h[0] & 15) == 8) lost++;
        o += k + len;
    }
    memmove(p->in, p->in + o, p->n -= o);
}

static struct peer *connect_peer(int channel, int is_viewer) {
    struct peer *p = &peers[n_peers++];
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    int one = 1;
    a.sin_addr.s_addr = htonl(0x7f000001);
    p->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (p->fd < 0 || connect(p->fd, (struct sockaddr *)&a, sizeof a)) die("connect: %s", strerror(errno));
    setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    fcntl(p->fd, F_SETFL, O_NONBLOCK);
    p->channel = channel, p->is_viewer = is_viewer;
    if (!(p->in = malloc(BUFFER))) die("no memory");
    struct epoll_event e = {.events = EPOLLIN, .data.ptr = p};
    epoll_ctl(epoll, EPOLL_CTL_ADD, p->fd, &e);
    if (is_viewer) {
        char text[512];
        int n = snprintf(text, sizeof text,
                         "GET /argus/overlay/ws?channel=%s&key=%s HTTP/1.1\r\nhost: 127.0.0.1:%d\r\nupgrade: websocket\r\nconnection: Upgrade\r\n"
                         "sec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n", ids[channel], keys[channel], port);
        put(p, text, (size_t)n);
    }
    return p;
}

static void turn(int ms) {
    static struct epoll_event events[1024];
    int n = epoll_wait(epoll, events, 1024, ms);
    for (int i = 0; i < n; i++) {
        struct peer *p = events[i].data.ptr;
        if (p->fd < 0) continue;
        if (events[i].events & EPOLLOUT) flush(p);
        if (!(events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))) continue;
        ssize_t k = recv(p->fd, p->in + p->n, BUFFER - p->n, 0);
        if (k < 0 && errno == EAGAIN) continue;
        if (k <= 0) {
            lost++;
            close(p->fd), p->fd = -1;
            continue;
        }
        p->n += (size_t)k;
        if (p->is_viewer) take_frames(p); else take_answers(p);
    }
}

int main(int argc, char **argv) {
    if (argc != 7) die("usage: storm PORT FILE RATE VIEWERS SECONDS PAYLOAD");
    port = atoi(argv[1]);
    double rate = atof(argv[3]), seconds = atof(argv[5]);
    viewers = atoi(argv[4]);
    FILE *f = fopen(argv[2], "r");
    char a[64], b[128], c[128];
    if (!f) die("cannot open %s", argv[2]);
    while (fscanf(f, "%63s %127s %127s", a, b, c) == 3) {
        channels++;
        ids = realloc(ids, sizeof *ids * (size_t)channels), tokens = realloc(tokens, sizeof *tokens * (size_t)channels), keys = realloc(keys, sizeof *keys * (size_t)channels);
        ids[channels - 1] = strdup(a), tokens[channels - 1] = strdup(b), keys[channels - 1] = strdup(c);
    }
    fclose(f);
    if (!(f = fopen(argv[6], "r"))) die("cannot open %s", argv[6]);
    payload = calloc(1, 1 << 16);
    payload_n = fread(payload, 1, (1 << 16) - 1, f);
    fclose(f);
    struct rlimit files = {65536, 65536};
    setrlimit(RLIMIT_NOFILE, &files);
    epoll = epoll_create1(0);
    peers = calloc((size_t)(channels * (viewers + 1)), sizeof *peers);
    struct peer **senders = calloc((size_t)channels, sizeof *senders);
    for (int i = 0; i < channels; i++) {
        for (int v = 0; v < viewers; v++) {
            connect_peer(i, 1);
            turn(0);
        }
        senders[i] = connect_peer(i, 0);
    }
    u64 until = mono() + 10000000000u;
    for (int open = 0; open < channels * viewers && mono() < until;) {
        turn(10);
        open = 0;
        for (int i = 0; i < n_peers; i++) open += peers[i].is_open;
    }
    /* Due times of the channels are spread over the pause between two runs. */
    u64 pause = (u64)(1e9 / rate), start = mono(), end = start + (u64)(seconds * 1e9), look = start;
    u64 shift = clock_ns(CLOCK_REALTIME) - start;
    for (int i = 0; i < channels; i++) senders[i]->due = start + pause * (u64)i / (u64)channels;
    struct rusage r0, r1;
    getrusage(RUSAGE_SELF, &r0);
    for (u64 now = start; now < end; now = mono()) {
        u64 next = now + 5000000;
        for (int i = 0; i < channels; i++) {
            struct peer *p = senders[i];
            if (p->due <= now && p->fd >= 0) send_run(p, (p->due + shift) / 1000), p->due += pause;
            if (p->due < next) next = p->due;
        }
        if (now >= look) {
            u64 us = wall_us();
            for (int i = 0; i < n_peers; i++)
                if (peers[i].is_viewer && peers[i].made) note(&shown, us - peers[i].made);
            look += 20000000;
        }
        turn(next > now + 1000000 ? 1 : 0);
    }
    u64 in_time = good, wait = mono() + 5000000000u;
    double took = (double)(mono() - start) / 1e9;
    while (good + bad < sent && mono() < wait) turn(10);
    for (u64 rest = mono() + 500000000u; mono() < rest;) turn(10);
    getrusage(RUSAGE_SELF, &r1);
    double cpu = (double)(r1.ru_utime.tv_sec - r0.ru_utime.tv_sec + r1.ru_stime.tv_sec - r0.ru_stime.tv_sec) * 100 / took;
    u64 newest_missing = 0;
    for (int i = 0; i < n_peers; i++)
        if (peers[i].is_viewer && peers[i].made < (senders[peers[i].channel]->due - pause + shift) / 1000) newest_missing++;
    printf("{\"channels\":%d,\"viewers\":%d,\"seconds\":%.1f,\"sent\":%llu,\"ok_per_s\":%.0f,\"ok\":%llu,\"bad\":%llu,\"unanswered\":%llu,\"lost\":%llu,"
           "\"states_per_s\":%.0f,\"parts\":%llu,\"age_ms\":{\"p50\":%.1f,\"p99\":%.1f,\"max\":%.1f},\"shown_ms\":{\"p50\":%.1f,\"p99\":%.1f,\"max\":%.1f},"
           "\"not_the_newest_at_the_end\":%llu,\"gen_cpu_pct\":%.0f,\"edits_ms\":[",
           channels, channels * viewers, took, (unsigned long long)sent, (double)in_time / took, (unsigned long long)good, (unsigned long long)bad,
           (unsigned long long)(sent - good - bad), (unsigned long long)lost, (double)states / took, (unsigned long long)parts, at(&age, .5), at(&age, .99),
           (double)age.max / 1000, at(&shown, .5), at(&shown, .99), (double)shown.max / 1000, (unsigned long long)newest_missing, cpu);
    for (int i = 0; i < n_marks; i++) printf("%s%.1f", i ? "," : "", (double)marks_seen[i] / 1000);
    printf("]}\n");
    return bad || sent != good || lost;
}
