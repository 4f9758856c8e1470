#include "wsload.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif
#define SCRATCH (MAX_MESSAGE + 65536)

struct conn *conns;
int nslots, ep, n_opening, n_ready;
static int n_started;
static u8 scratch[SCRATCH];
static char accept_want[32];
static struct text request;
static struct sockaddr_in server;

size_t frame_head(u8 *h, int first_byte, size_t n, u32 mask) {
    size_t k = 2;
    h[0] = (u8)(0x80 | first_byte);
    if (n < 126) h[1] = (u8)(0x80 | n);
    else if (n < 65536) h[1] = 0x80 | 126, h[2] = (u8)(n >> 8), h[3] = (u8)n, k = 4;
    else {
        h[1] = 0x80 | 127;
        for (int i = 0; i < 8; i++) h[2 + i] = (u8)((u64)n >> (56 - 8 * i));
        k = 10;
    }
    memcpy(h + k, &mask, 4);
    return k + 4;
}

/* Masks n bytes of s into d, which may not overlap. */
void put_masked(u8 *d, const char *s, size_t n, u32 mask) {
    u64 m8 = (u64)mask << 32 | mask, v;
    u8 m[4];
    size_t i = 0;
    memcpy(m, &mask, 4);
    for (; i + 8 <= n; i += 8) {
        memcpy(&v, s + i, 8);
        v ^= m8;
        memcpy(d + i, &v, 8);
    }
    for (; i < n; i++) d[i] = (u8)s[i] ^ m[i & 3];
}

struct frame make_frame(int op, const char *s, size_t n) {
    struct frame f;
    u32 mask = (u32)(rng() >> 16);
    f.b = xalloc(n + 14);
    size_t k = frame_head(f.b, op, n, mask);
    put_masked(f.b + k, s, n, mask);
    f.n = k + n;
    f.plain = s;
    f.plain_n = n;
    return f;
}
static void watch(struct conn *c, int out) {
    struct epoll_event e = {.events = EPOLLIN | (out ? EPOLLOUT : 0u), .data.ptr = c};
    if (c->want_out == out) return;
    c->want_out = (u8)out;
    if (epoll_ctl(ep, EPOLL_CTL_MOD, c->fd, &e)) die("epoll_ctl: %s", strerror(errno));
}

void hang_up(struct conn *c, int reset) {
    if (c->fd < 0) return;
    if (reset) {
        struct linger l = {1, 0};
        setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
    }
    close(c->fd);
    c->fd = -1;
    if (c->st == CONNECTING || c->st == UPGRADING || c->st == SETUP) n_opening--;
    if (c->st == READY) n_ready--;
    c->st = CLOSED;
    free(c->rb), c->rb = NULL, c->rn = c->rcap = 0;
    free(c->wb), c->wb = NULL, c->wo = c->wn = c->wcap = 0;
    free(c->ab), c->ab = NULL, c->an = c->acap = 0;
    c->want_out = c->frag_op = c->frag_packed = c->deflate = 0;
}

void failed(struct conn *c, u64 *counter) {
    if (c->st == CLOSED) return;
    (*counter)++;
    if (mode->dropped) mode->dropped(c);
    hang_up(c, 1);
}

void send_bytes(struct conn *c, const u8 *b, size_t n) {
    if (c->fd < 0) return;
    if (c->wn == c->wo) {
        ssize_t k = send(c->fd, b, n, MSG_NOSIGNAL);
        if (k < 0) {
            if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
                failed(c, c->st == CONNECTING || c->st == UPGRADING ? &c_connect_fail : &c_closed);
                return;
            }
            k = 0;
        }
        b += k, n -= (size_t)k;
        c->wo = c->wn = 0;
        if (!n) return;
    }
    if (c->wn + n > c->wcap) c->wb = xgrow(c->wb, c->wcap = (c->wn + n) * 2);
    memcpy(c->wb + c->wn, b, n);
    c->wn += n;
    watch(c, 1);
}

static void flush_out(struct conn *c) {
    while (c->wo < c->wn) {
        ssize_t k = send(c->fd, c->wb + c->wo, c->wn - c->wo, MSG_NOSIGNAL);
        if (k < 0) {
            if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return;
            failed(c, &c_closed);
            return;
        }
        c->wo += (size_t)k;
    }
    c->wo = c->wn = 0;
    watch(c, 0);
}

void begin_close(struct conn *c) {
    if (c->fd < 0) return;
    if (closing_how == BY_WS) {
        u8 b[8];
        u32 mask = (u32)rng();
        u8 m[4];
        memcpy(m, &mask, 4);
        size_t k = frame_head(b, 8, 2, mask);
        b[k] = 0x03 ^ m[0], b[k + 1] = 0xe8 ^ m[1];
        send_bytes(c, b, k + 2);
    } else {
        hang_up(c, closing_how == BY_RST);
    }
}
static void on_upgrade(struct conn *c, char *h) {
    char *acc = NULL, *pr = NULL, *ext = NULL;
    int ok = strncmp(h, "HTTP/1.1 101", 12) == 0;
    for (char *l = strstr(h, "\r\n"); l; l = strstr(l, "\r\n")) {
        l += 2;
        if (!strncasecmp(l, "Sec-WebSocket-Accept:", 21)) acc = l + 21;
        if (!strncasecmp(l, "Sec-WebSocket-Protocol:", 23)) pr = l + 23;
        if (!strncasecmp(l, "Sec-WebSocket-Extensions:", 25)) {
            if (ext) ok = 0;
            ext = l + 25;
        }
    }
    while (acc && *acc == ' ') acc++;
    while (pr && *pr == ' ') pr++;
    if (!acc || strncmp(acc, accept_want, strlen(accept_want))) ok = 0;
    if (proto && (!pr || strncmp(pr, proto, strlen(proto)) || pr[strlen(proto)] != '\r')) ok = 0;
    if (!proto && pr) ok = 0;
    if (ext && (!offer_deflate || !deflate_agreed(ext))) ok = 0;
    if (offer_deflate && !ext) ok = 0;
    if (!ok) {
        if (!c_upgrade_fail) fprintf(stderr, "wsload: upgrade refused:\n%s\n", h);
        failed(c, &c_upgrade_fail);
        return;
    }
    c->st = SETUP;
    c->deflate = (u8)offer_deflate;
    c->step = 0;
    c->await = greet;
    setup_step(c);
}

static void on_message(struct conn *c, const u8 *p, size_t n, int packed, u64 t) {
    if (packed && c->st == READY && mode->packed && !inflate_all && show <= 0 && mode->packed(c, p, n, t)) return;
    if (packed && !(p = inflated(p, n, &n))) {
        failed(c, &c_protocol);
        return;
    }
    if (show > 0) {
        show--;
        fprintf(stderr, "conn %d <- [%zu] %.*s\n", c->publisher ? -1 : c->idx, n, (int)(n > 2000 ? 2000 : n), (const char *)p);
    }
    if (roll) {
        try_roll(c, p, n);
        if (c->fd < 0) return;
    }
    if (ignore_s && memmem(p, n, ignore_s, strlen(ignore_s))) {
        c_other++;
    } else if (c->st == SETUP) {
        if (c->await == 0) {
            c_other++;
            return;
        }
        if (mode->setup_reply && !mode->setup_reply(c, p, n)) {
            failed(c, &c_upgrade_fail);
            return;
        }
        c->await--;
        try_capture(c, p, n);
        setup_step(c);
    } else if (c->st == READY && mode->message) {
        mode->message(c, p, n, t);
    } else {
        c_other++;
    }
}

/* Takes whole frames from b; returns how many bytes were used.  The
 * connection may be closed inside: the caller looks at c->fd. */
static size_t take_frames(struct conn *c, u8 *b, size_t n, u64 t) {
    size_t o = 0;
    while (n - o >= 2 && c->fd >= 0) {
        u8 *h = b + o;
        size_t left = n - o, k = 2, len = h[1] & 127;
        int fin = h[0] & 0x80, op = h[0] & 15;
        int packed = h[0] & RSV1;
        if ((h[0] & 0x30) || (h[1] & 0x80) || (packed && (!c->deflate || op == 0 || op >= 8))) {
            failed(c, &c_protocol);
            return n;
        }
        if (len == 126) {
            if (left < 4) break;
            len = (size_t)h[2] << 8 | h[3], k = 4;
        } else if (len == 127) {
            if (left < 10) break;
            u64 v = 0;
            for (int i = 0; i < 8; i++) v = v << 8 | h[2 + i];
            len = v > MAX_MESSAGE ? MAX_MESSAGE + 1 : (size_t)v, k = 10;
        }
        if (len > MAX_MESSAGE || (op >= 8 && (len > 125 || !fin))) {
            failed(c, &c_protocol);
            return n;
        }
        if (left < k + len) break;
        u8 *p = h + k;
        o += k + len;
        if (op == 9) {
            c_pings++;
            struct frame f = make_frame(10, (char *)p, len);
            send_bytes(c, f.b, f.n);
            free(f.b);
        } else if (op == 8) {
            if (c->st == CLOSING) hang_up(c, 0);
            else failed(c, &c_closed);
        } else if (op == 10) {
            continue;
        } else if (op == 1 || op == 2) {
            if (c->frag_op) {
                failed(c, &c_protocol);
                return n;
            }
            if (fin) on_message(c, p, len, packed, t);
            else c->frag_op = (u8)op, c->frag_packed = packed != 0;
        } else if (op != 0 || !c->frag_op) {
            failed(c, &c_protocol);
            return n;
        }
        if (c->fd >= 0 && op < 3 && c->frag_op) {
            if (c->an + len > MAX_MESSAGE) {
                failed(c, &c_protocol);
                return n;
            }
            if (!c->ab || c->an + len > c->acap) c->ab = xgrow(c->ab, c->acap = (c->an + len) * 2 + 64);
            memcpy(c->ab + c->an, p, len);
            c->an += len;
            if (fin) {
                size_t an = c->an;
                c->frag_op = 0;
                c->an = 0;
                on_message(c, c->ab, an, c->frag_packed, t);
            }
        }
    }
    return o;
}

static void take(struct conn *c, u8 *b, size_t *n, u64 t) {
    size_t o = 0;
    if (c->st == UPGRADING) {
        u8 *e = memmem(b, *n, "\r\n\r\n", 4);
        if (!e) {
            if (*n > 16384) failed(c, &c_upgrade_fail);
            return;
        }
        e[2] = 0; /* the header lines end in one \r\n */
        o = (size_t)(e - b) + 4;
        on_upgrade(c, (char *)b);
    }
    if (c->fd >= 0) o += take_frames(c, b + o, *n - o, t);
    if (c->fd < 0) {
        *n = 0;
        return;
    }
    if (o) memmove(b, b + o, *n - o);
    *n -= o;
}

static void on_readable(struct conn *c) {
    u8 *b = scratch;
    size_t have = 0, cap = SCRATCH;
    if (c->rn) {
        if (c->rcap - c->rn < 65536) c->rb = xgrow(c->rb, c->rcap = c->rn * 2 + 65536);
        b = c->rb, have = c->rn, cap = c->rcap;
    }
    ssize_t k = recv(c->fd, b + have, cap - have, 0);
    u64 t = now_ns();
    if (k < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) return;
    if (k <= 0) {
        if (c->st == CLOSING) hang_up(c, 0);
        else failed(c, c->st == UPGRADING ? &c_upgrade_fail : &c_closed);
        return;
    }
    if (measuring) m_bytes_in += (u64)k;
    have += (size_t)k;
    take(c, b, &have, t);
    if (c->fd < 0) return;
    if (b == scratch) {
        if (have) {
            c->rb = xgrow(c->rb, c->rcap = have + 4096);
            memcpy(c->rb, scratch, have);
        }
        c->rn = have;
    } else {
        c->rn = have;
        if (!have) free(c->rb), c->rb = NULL, c->rcap = 0;
    }
    if (mode->after_read) mode->after_read(c);
}

static void on_writable(struct conn *c) {
    if (c->st == CONNECTING) {
        int e = 0;
        socklen_t l = sizeof e;
        getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &e, &l);
        if (e) {
            if (!c_connect_fail) fprintf(stderr, "wsload: connect: %s\n", strerror(e));
            failed(c, &c_connect_fail);
            return;
        }
        c->st = UPGRADING;
        watch(c, 0);
        send_bytes(c, (const u8 *)request.s, request.n);
        return;
    }
    flush_out(c);
}

void begin_opening(struct conn *c) {
    int one = 1;
    c->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    n_started++;
    if (c->fd < 0) die("socket: %s (open files limit?)", strerror(errno));
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (sources > 1) {
        struct sockaddr_in a = {.sin_family = AF_INET};
        a.sin_addr.s_addr = htonl(0x7f000001u + (u32)n_started % (u32)sources);
        setsockopt(c->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
        if (bind(c->fd, (struct sockaddr *)&a, sizeof a)) die("bind: %s", strerror(errno));
    }
    c->t_open = now_ns();
    c->st = CONNECTING;
    c->want_out = 1;
    free(c->captured), c->captured = NULL, c->captured_n = c->captured_cap = 0;
    n_opening++;
    struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.ptr = c};
    int r = connect(c->fd, (struct sockaddr *)&server, sizeof server);
    if (r && errno != EINPROGRESS) {
        if (!c_connect_fail) fprintf(stderr, "wsload: connect: %s\n", strerror(errno));
        failed(c, &c_connect_fail);
        return;
    }
    if (epoll_ctl(ep, EPOLL_CTL_ADD, c->fd, &e)) die("epoll_ctl: %s", strerror(errno));
}

void turn(int timeout_ms) {
    static struct epoll_event ev[1024];
    int n = epoll_wait(ep, ev, 1024, timeout_ms);
    for (int i = 0; i < n; i++) {
        struct conn *c = ev[i].data.ptr;
        if (c->fd < 0) continue;
        if (c->st == CONNECTING) {
            on_writable(c);
            continue;
        }
        if (ev[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) on_readable(c);
        if (c->fd >= 0 && (ev[i].events & EPOLLOUT)) on_writable(c);
    }
    if (mode->after_turn) mode->after_turn();
}

double open_all(void) {
    u64 t0 = now_ns(), limit = t0 + (u64)(setup_timeout * 1e9);
    int next = 0;
    while (next < nslots || n_opening) {
        while (next < nslots && n_opening < inflight_max) begin_opening(&conns[next++]);
        turn(20);
        if (now_ns() > limit) {
            c_timeouts += (u64)n_opening;
            break;
        }
        if (c_connect_fail + c_upgrade_fail > 100 && !n_ready) break;
    }
    return (double)(now_ns() - t0) / 1e9;
}

void run_for(double s) {
    u64 end = now_ns() + (u64)(s * 1e9);
    for (u64 t = now_ns(); t < end; t = now_ns()) {
        u64 ms = (end - t) / 1000000u;
        turn(ms > 20 ? 20 : (int)ms);
    }
}

/* The address and the request that every connection sends; one key for all. */
void make_request(void) {
    server.sin_family = AF_INET;
    server.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, addr, &server.sin_addr) != 1 || ntohl(server.sin_addr.s_addr) >> 24 != 127)
        die("--addr must be in 127.0.0.0/8");
    u8 key[16], digest[20];
    char key64[32], cat[80];
    for (int i = 0; i < 16; i++) key[i] = (u8)(rng() >> 24);
    base64(key, 16, key64);
    snprintf(cat, sizeof cat, "%s258EAFA5-E914-47DA-95CA-C5AB0DC85B11", key64);
    sha1((u8 *)cat, strlen(cat), digest);
    base64(digest, 20, accept_want);

    size_t room = 1024 + strlen(path) + (host ? strlen(host) : 0) + (proto ? strlen(proto) : 0);
    for (int i = 0; i < headers.n; i++) room += headers.v[i].n + 2;
    request.s = xalloc(room);
    char hp[64];
    snprintf(hp, sizeof hp, "%s:%d", addr, port);
    request.n = (size_t)snprintf(request.s, room,
                                 "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                 "Sec-WebSocket-Key: %s\r\nSec-WebSocket-Version: 13\r\n%s",
                                 path, host ? host : hp, key64,
                                 offer_deflate ? "Sec-WebSocket-Extensions: permessage-deflate\r\n" : "");
    if (proto) request.n += (size_t)snprintf(request.s + request.n, room - request.n, "Sec-WebSocket-Protocol: %s\r\n", proto);
    for (int i = 0; i < headers.n; i++) request.n += (size_t)snprintf(request.s + request.n, room - request.n, "%s\r\n", headers.v[i].s);
    request.n += (size_t)snprintf(request.s + request.n, room - request.n, "\r\n");
}
