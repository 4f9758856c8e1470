/*
 * What the parts of wsload share; main.c says what the program does.
 *
 *   main.c        options, start
 *   tools.c       memory, random numbers, SHA-1, base64, texts
 *   measure.c     histogram, CPU use, the line of JSON
 *   connection.c  sockets, upgrade, frames, the event loop
 *   deflate.c     permessage-deflate without context takeover
 *   setup.c       messages before measuring, %d and %s
 *   echo.c fanout.c hold.c (idle, churn) sync.c gateway.c   one mode each
 */
#ifndef WSLOAD_H
#define WSLOAD_H
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAX_MESSAGE (1u << 20)
#define VARIANTS 32                 /* frames made once per payload, each with its own mask */
#define ROLL_MAX 65536u             /* with --roll: longest message, longest string */

typedef uint8_t u8;
typedef uint32_t u32;
typedef uint64_t u64;

struct text { char *s; size_t n; };
struct list { struct text *v; int n; };
struct frame { u8 *b; size_t n; const char *plain; size_t plain_n; };

enum state { CLOSED, CONNECTING, UPGRADING, SETUP, READY, CLOSING };
enum closing { BY_WS, BY_TCP, BY_RST };

struct conn {
    int fd, idx;
    u8 st, want_out, frag_op, frag_packed, publisher, deflate;
    u8 *rb, *wb, *ab;               /* unread, unwritten, fragments so far */
    size_t rn, rcap, wo, wn, wcap, an, acap;
    int step, await;                /* setup */
    char *captured;
    size_t captured_n, captured_cap;
    u64 t_open;
    u64 *sent_at;                   /* ring of messages in flight */
    u32 *sent_which, head, inflight, got, next;
    int completed;                  /* echo: messages with all replies since the last look */
    struct frame *own;              /* payloads made for this connection */
    struct text last;               /* --roll --verify: the message in flight */
    u32 received;                   /* fanout, sync: deliveries so far */
    u32 members;                    /* sync: playersCount of the last state */
};

/* What a mode does differently.  Only name and run must be there. */
struct mode {
    const char *name, *path;        /* path, connections, depth, message_size: 0 takes the general default */
    int connections, depth, message_size;
    int publishers;                 /* connections besides those of -c, at the end of conns */
    void (*prepare)(void);          /* options are read, no connection is made yet */
    void (*opened)(struct conn *);  /* setup is done: in READY, or on the way to be closed */
    int (*setup_reply)(struct conn *, const u8 *, size_t); /* 0: refused */
    int (*packed)(struct conn *, const u8 *, size_t, u64); /* a compressed message; 1: taken as it is */
    void (*message)(struct conn *, const u8 *, size_t, u64); /* a message in READY and when its last byte was read */
    void (*after_read)(struct conn *);
    void (*after_turn)(void);
    void (*dropped)(struct conn *); /* an error ended a connection */
    int (*run)(void);               /* returns the exit status */
};

extern const struct mode *mode, echo_mode, fanout_mode, idle_mode, churn_mode, sync_mode, gateway_mode;

/* options: main.c */
extern const char *addr, *path, *host, *proto, *label, *contains, *count_contains, *ignore_s, *match, *capture, *roll, *replies;
extern const char *first_replies, *pub_first_replies;
extern int port, sources, nconn, depth, inflight_max, greet, n_publish, show, verify, roll_last, opcode, message_size, offer_deflate, inflate_all;
extern int ring_peers, pids[64], npids;
extern double duration, warmup, drain_s, setup_timeout, rate, settle;
extern struct list headers, first, pub_first, payloads, messages;
extern enum closing closing_how;

/* tools.c */
void die(const char *f, ...) __attribute__((format(printf, 1, 2), noreturn));
void *xalloc(size_t n);             /* zeroed */
void *xgrow(void *p, size_t n);
u64 now_ns(void);
void rng_seed(void);
u64 rng(void);
void sha1(const u8 *m, size_t n, u8 out[20]);
void base64(const u8 *in, size_t n, char *out);
void add(struct list *l, const char *s, size_t n);
void add_lines(struct list *l, const char *name);
struct text slurp(const char *name);

/* measure.c */
extern u64 c_connect_fail, c_upgrade_fail, c_closed, c_protocol, c_timeouts;
extern u64 c_sent, c_extra, c_bad, c_other, c_pings, c_missing;
extern u64 m_bytes_in, hist_n, w_t0;
extern double w_secs;
extern int measuring;
void hist_add(u64 ns);
double server_cpu(void);            /* seconds */
long server_rss_kb(void);
void window_open(void);
void window_close(void);
void put_begin(void);
void put_latency(const char *name);
int put_end(void);

/* connection.c */
extern struct conn *conns;
extern int nslots, ep, n_opening, n_ready;
size_t frame_head(u8 *h, int first_byte, size_t n, u32 mask);
void put_masked(u8 *d, const char *s, size_t n, u32 mask);
struct frame make_frame(int op, const char *s, size_t n);
void hang_up(struct conn *c, int reset);
void failed(struct conn *c, u64 *counter);
void send_bytes(struct conn *c, const u8 *b, size_t n);
void begin_close(struct conn *c);
void begin_opening(struct conn *c);
void make_request(void);
double open_all(void);              /* seconds it took */
void turn(int timeout_ms);
void run_for(double s);

/* deflate.c */
#define RSV1 0x40
int deflate_agreed(const char *answer); /* the value of Sec-WebSocket-Extensions */
const u8 *inflated(const u8 *p, size_t n, size_t *out_n); /* NULL: damaged or too long; valid until the next call */
const u8 *deflated(const u8 *p, size_t n, size_t *out_n);

/* setup.c */
int has_subst(const struct text *t);
size_t expand(const struct text *t, int idx, const char *cap, size_t cap_n, char *out, size_t room);
struct text subst(const struct text *t, const struct conn *c);
void send_text(struct conn *c, const struct text *t);
int nth(const char *l, int i);      /* of a comma list; the last repeats */
void setup_step(struct conn *c);
void keep(struct conn *c, const u8 *s, size_t n);
void try_capture(struct conn *c, const u8 *p, size_t n);
void try_roll(struct conn *c, const u8 *p, size_t n);
extern struct text roll_key;
extern u64 c_rolls;
#endif
