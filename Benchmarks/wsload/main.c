/*
 * wsload - a WebSocket (RFC 6455) load generator for servers on the loopback.
 *
 * One thread, epoll; zlib is the only library.  Plaintext only, and only to
 * 127.0.0.0/8.  Every run is bounded in time and prints one line of JSON.
 *
 *   build:  gcc -O2 -Wall -Wextra -o wsload *.c -lz    (in this folder)
 *
 *   wsload echo   [options]  C connections, each keeps P messages in flight;
 *                            the next one goes out when a reply comes in.
 *   wsload fanout [options]  C subscribers and one publisher; measures the
 *                            time from publishing to each receipt.
 *   wsload idle   [options]  opens C connections and holds them T seconds.
 *   wsload churn  [options]  connect + upgrade + close, over and over.
 *   wsload sync   [options]  party relay: one leader pushes monsters to C
 *                            members of its session.
 *   wsload gateway [options] service gateway: C services send each other
 *                            messages through it.
 *
 * Where to connect
 *   --addr A          server address, 127.x.y.z          (127.0.0.1)
 *   --port N          server port                        (required)
 *   --path P          request target                     (/; sync /connect,
 *                     gateway /gateway)
 *   --host H          Host header                        (addr:port)
 *   --header 'K: V'   extra request header, repeatable
 *   --proto P         Sec-WebSocket-Protocol; the server must choose it
 *   --sources N       spread source addresses 127.0.0.1 .. 127.0.0.N  (1)
 *
 * Size and time
 *   -c N              connections: echo, idle; subscribers in fanout;
 *                     concurrent slots in churn; services in gateway;
 *                     members in sync                    (64; sync 1000)
 *   -p N              messages in flight per connection in echo; of each
 *                     sender in gateway; pushes not yet with every member
 *                     in sync                            (1; gateway 16, sync 4)
 *   -d S              seconds measured (echo, churn), held (idle), or the
 *                     upper bound (fanout)               (5)
 *   --warmup S        seconds run before measuring       (1; fanout 0)
 *   --inflight N      connections being opened at once   (64)
 *   --setup-timeout S bound on opening and setting up    (60)
 *   --drain S         how long to wait for the last replies (5)
 *
 * Setup of each connection, before measuring
 *   --greet N         messages the server sends by itself after the upgrade (0)
 *   --first FILE      messages to send, one per line, in order
 *   --first-msg STR   one more such message, repeatable (after FILE's)
 *   --first-replies L replies to wait for after each: one number, or a comma
 *                     list, the last of which repeats                 (1)
 *   --capture KEY     from a setup reply take the string after "KEY":" ; it
 *                     stands for %s in later messages of that connection
 *   In every message %d stands for the connection's number (publisher: -1)
 *   and %s for the captured string (or that of --roll, if later); %% stands
 *   for %.  A payload that has neither %d nor %s is sent exactly as given (%%
 *   too stays %%).
 *
 * Messages (echo)
 *   --payload STR | --payload-file FILE     one message
 *   --payload-lines FILE                    one per line, taken in turn, by
 *                     each connection from the first line on
 *   --binary          send binary frames in place of text frames
 *   --replies L       replies expected per message: one number, or a comma
 *                     list that goes with the messages, the last of
 *                     which repeats                      (1)
 *   --verify          each reply must equal the message it answers
 *   --contains STR    each reply must contain STR, else it counts as bad
 *   --count-contains STR  count the replies that contain STR
 *   --ignore STR      a received message containing STR is no reply
 *
 * Messages that depend on replies before them (echo)
 *   --roll KEY        from every received message that has "KEY":" in it, in
 *                     these very bytes, take the string up to the next quote;
 *                     it stands for %s in what that connection sends from then
 *                     on.  All messages after the upgrade are looked at: those
 *                     of the setup (so later ones there can use it) and those
 *                     --ignore leaves out too.  A message without "KEY":"
 *                     leaves the string as it is; %s is empty until there is
 *                     one.  -p is 1.  KEY may reach over punctuation:
 *                     state":{"id is for ..."state":{"id":"...
 *   --roll-last       the last "KEY":" in a message in place of the first
 *   With --roll each message is made when it is sent, before its clock starts.
 *   It may be 65536 bytes long, and so may the string; a connection that would
 *   go over that is dropped and counted in protocol_errors.  For instance
 *
 *     wsload echo --port 9000 --first-msg '{"do":"login","user":"u%d"}'
 *         --payload-lines lines --replies 2,1 --roll id
 *         --count-contains '"error"'
 *
 *   with two lines in the file lines, the first of which has two replies:
 *
 *     {"do":"open","amount":4,"id":"%s"}
 *     {"do":"close","id":"%s"}
 *
 * Fanout
 *   -m N              messages to publish                (100)
 *   --message STR | --message-file FILE     what is published
 *   --pub-first STR   setup message of the publisher, repeatable (in place of
 *                     the --first ones), with --pub-first-replies
 *   --match STR       only received messages containing STR are deliveries
 *   --rate R          publish R a second; without it the next message goes
 *                     out when every subscriber has the one before
 *   --settle S        pause between setup and the first message (0.5)
 *
 * Sync (no setup options; the session gets a name of its own in every run)
 *   --size N          bytes of a push, from its first brace to its last (500)
 *   --rate R          open loop: R pushes a second.  The clock of a push starts
 *                     when it was due, even if it was sent later
 *   --deflate         offer permessage-deflate; the server must accept it
 *                     without context takeover in both directions.  Pushes are
 *                     sent compressed
 *   --inflate-all     inflate every delivery.  Without it a delivery that
 *                     equals, byte for byte, one that was inflated and found
 *                     right is not inflated again
 *   Each member must get every push once, in order, byte for byte.
 *
 * Gateway (no setup options)
 *   --size N          bytes of a message as sent         (200)
 *   --ring            service i sends to service i + 1, in place of a random
 *                     peer for each message
 *   Each message must arrive once, in the order of its pair of services, with
 *   d untouched.
 *
 * Churn
 *   --close ws|tcp|rst  close handshake, then close; plain close; reset (ws)
 *
 * Reading the server
 *   --server-pid L    comma list of process ids: CPU use over the measured
 *                     window (100 = one core) and resident memory
 *   --show N          print the first N received messages on stderr
 *   --label STR       copied to the result
 *
 * Results: counts are exact.  Latencies are in microseconds, from just before
 * the write() that carried a message to just after the read() that completed
 * its reply, kept in a histogram with buckets under 0.8 % wide.  Replies are
 * matched to messages in order, per connection.  "missing" are replies that
 * never came, "extra" replies to nothing, "bad" replies that failed --verify
 * or --contains; the exit status is 0 only if there were none of these and no
 * errors.  "contains_count", with --count-contains, is part of replies_total
 * and does not change the exit status; "rolls", with --roll, is how often a
 * string was taken.  msgs_per_s counts messages that had all their replies.
 * gen_cpu_pct is this program's own CPU use: near 100 it, not the server, was
 * the limit.  Sec-WebSocket-Accept is checked; one key is used for a whole run.
 * UTF-8 in text frames is not checked.
 */
#include "wsload.h"

#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>

const struct mode *mode;
const char *addr = "127.0.0.1", *path, *host, *proto, *label = "";
int port, sources = 1, nconn, depth, inflight_max = 64, greet, message_size, offer_deflate, inflate_all, ring_peers;
int n_publish = 100, show, verify, roll_last, opcode = 1, pids[64], npids;
double duration = 5, warmup = -1, drain_s = 5, setup_timeout = 60, rate, settle = 0.5;
const char *contains, *count_contains, *ignore_s, *match, *capture, *roll, *replies = "1";
const char *first_replies = "1", *pub_first_replies = "1";
struct list headers, first, pub_first, payloads, messages;
enum closing closing_how = BY_WS;

static const struct mode *const modes[] = {&echo_mode, &fanout_mode, &idle_mode, &churn_mode, &sync_mode, &gateway_mode};

int main(int argc, char **argv) {
    if (argc < 2) die("usage: wsload echo|fanout|idle|churn|sync|gateway --port N [options]; see the top of wsload/main.c");
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (!strcmp(argv[1], modes[i]->name)) mode = modes[i];
    if (!mode) die("no mode %s", argv[1]);
    for (int i = 2; i < argc; i++) {
        const char *o = argv[i];
        if (!strcmp(o, "--verify")) { verify = 1; continue; }
        if (!strcmp(o, "--binary")) { opcode = 2; continue; }
        if (!strcmp(o, "--roll-last")) { roll_last = 1; continue; }
        if (!strcmp(o, "--deflate")) { offer_deflate = 1; continue; }
        if (!strcmp(o, "--inflate-all")) { inflate_all = 1; continue; }
        if (!strcmp(o, "--ring")) { ring_peers = 1; continue; }
        if (i + 1 >= argc) die("%s: unknown, or wants a value", o);
        const char *v = argv[++i];
        struct text t;
        if (!strcmp(o, "--addr")) addr = v;
        else if (!strcmp(o, "--port")) port = atoi(v);
        else if (!strcmp(o, "--path")) path = v;
        else if (!strcmp(o, "--host")) host = v;
        else if (!strcmp(o, "--header")) add(&headers, v, strlen(v));
        else if (!strcmp(o, "--proto")) proto = v;
        else if (!strcmp(o, "--sources")) sources = atoi(v);
        else if (!strcmp(o, "-c")) nconn = atoi(v);
        else if (!strcmp(o, "-p")) depth = atoi(v);
        else if (!strcmp(o, "-d")) duration = atof(v);
        else if (!strcmp(o, "-m")) n_publish = atoi(v);
        else if (!strcmp(o, "--warmup")) warmup = atof(v);
        else if (!strcmp(o, "--inflight")) inflight_max = atoi(v);
        else if (!strcmp(o, "--setup-timeout")) setup_timeout = atof(v);
        else if (!strcmp(o, "--drain")) drain_s = atof(v);
        else if (!strcmp(o, "--greet")) greet = atoi(v);
        else if (!strcmp(o, "--first")) add_lines(&first, v);
        else if (!strcmp(o, "--first-msg")) add(&first, v, strlen(v));
        else if (!strcmp(o, "--first-replies")) first_replies = v;
        else if (!strcmp(o, "--pub-first")) add(&pub_first, v, strlen(v));
        else if (!strcmp(o, "--pub-first-replies")) pub_first_replies = v;
        else if (!strcmp(o, "--capture")) capture = v;
        else if (!strcmp(o, "--payload")) add(&payloads, v, strlen(v));
        else if (!strcmp(o, "--payload-file")) t = slurp(v), add(&payloads, t.s, t.n), free(t.s);
        else if (!strcmp(o, "--payload-lines")) add_lines(&payloads, v);
        else if (!strcmp(o, "--replies")) replies = v;
        else if (!strcmp(o, "--contains")) contains = v;
        else if (!strcmp(o, "--count-contains")) count_contains = v;
        else if (!strcmp(o, "--roll")) roll = v;
        else if (!strcmp(o, "--ignore")) ignore_s = v;
        else if (!strcmp(o, "--message")) add(&messages, v, strlen(v));
        else if (!strcmp(o, "--message-file")) t = slurp(v), add(&messages, t.s, t.n), free(t.s);
        else if (!strcmp(o, "--match")) match = v;
        else if (!strcmp(o, "--size")) message_size = atoi(v);
        else if (!strcmp(o, "--rate")) rate = atof(v);
        else if (!strcmp(o, "--settle")) settle = atof(v);
        else if (!strcmp(o, "--show")) show = atoi(v);
        else if (!strcmp(o, "--label")) label = v;
        else if (!strcmp(o, "--close")) {
            if (!strcmp(v, "ws")) closing_how = BY_WS;
            else if (!strcmp(v, "tcp")) closing_how = BY_TCP;
            else if (!strcmp(v, "rst")) closing_how = BY_RST;
            else die("--close ws|tcp|rst");
        } else if (!strcmp(o, "--server-pid")) {
            for (const char *q = v; q && npids < 64; q = strchr(q, ','), q = q ? q + 1 : NULL)
                if (atoi(q) > 0) pids[npids++] = atoi(q);
        } else die("no option %s", o);
    }
    if (port < 1 || port > 65535) die("--port is required");
    if (!path) path = mode->path ? mode->path : "/";
    if (!nconn) nconn = mode->connections ? mode->connections : 64;
    if (!depth) depth = mode->depth ? mode->depth : 1;
    if (!message_size) message_size = mode->message_size;
    if (nconn < 1 || nconn > 1000000 || depth < 1 || depth > 65536 || inflight_max < 1 || sources < 1 || sources > 250)
        die("a number is out of range");
    if (duration > 3600 || warmup > 600 || drain_s > 600 || setup_timeout > 3600) die("a time is too long");
    if (warmup < 0) warmup = mode == &fanout_mode ? 0 : 1;
    if (offer_deflate && mode != &sync_mode) die("--deflate is for sync");
    if (roll && mode != &echo_mode) die("--roll is for echo");
    if (roll_last && !roll) die("--roll-last wants --roll");
    signal(SIGPIPE, SIG_IGN);

    struct rlimit rl = {(rlim_t)nconn + 1000, (rlim_t)nconn + 1000}, cur;
    getrlimit(RLIMIT_NOFILE, &cur);
    if (cur.rlim_cur < rl.rlim_cur) {
        if (cur.rlim_max > rl.rlim_max) rl.rlim_max = cur.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &rl)) die("cannot have %d open files (ulimit -n)", nconn + 1000);
    }

    rng_seed();
    make_request();
    ep = epoll_create1(EPOLL_CLOEXEC);
    if (ep < 0) die("epoll_create1: %s", strerror(errno));
    nslots = nconn + mode->publishers;
    conns = xalloc(sizeof *conns * (size_t)nslots);
    for (int i = 0; i < nslots; i++) {
        conns[i].fd = -1;
        conns[i].idx = i;
        conns[i].publisher = i >= nconn;
    }
    if (mode->prepare) mode->prepare();
    return mode->run();
}
