/// The matcher behind string.find, match, gmatch and gsub.
///
/// The pattern is walked in a straight line. Where it could go on in another way, a frame is pushed; a failure goes back to
/// the latest frame. There is no recursion, so that neither the C stack nor the time depends on the subject: every item
/// and every repeated byte is paid for from the budget.
#include "nj_pattern_matcher.h"

#include <lauxlib.h>
#include <string.h>

#include "sandbox/nj_pattern.h"

typedef unsigned char byte;

enum { FRAME_GREEDY, FRAME_LAZY, FRAME_OPTIONAL, FRAME_OPENED, FRAME_CLOSED };

enum { ITEM_ANY, ITEM_BYTE, ITEM_MAP };

/// A single-character item: what it matches, and where the pattern goes on (perhaps with a repetition mark).
typedef struct item {
    int kind;
    byte value;
    const uint64_t *map;
    const char *end;
} item;

/// The classes in the "C" locale and their complements, one bit per byte.
static const uint64_t class_maps[11][2][4] = {
    {{0x0000000000000000ull, 0x07fffffe07fffffeull, 0, 0}, {~0x0000000000000000ull, ~0x07fffffe07fffffeull, ~(uint64_t)0, ~(uint64_t)0}},  // a
    {{0x00000000ffffffffull, 0x8000000000000000ull, 0, 0}, {~0x00000000ffffffffull, ~0x8000000000000000ull, ~(uint64_t)0, ~(uint64_t)0}},  // c
    {{0x03ff000000000000ull, 0x0000000000000000ull, 0, 0}, {~0x03ff000000000000ull, ~0x0000000000000000ull, ~(uint64_t)0, ~(uint64_t)0}},  // d
    {{0xfffffffe00000000ull, 0x7fffffffffffffffull, 0, 0}, {~0xfffffffe00000000ull, ~0x7fffffffffffffffull, ~(uint64_t)0, ~(uint64_t)0}},  // g
    {{0x0000000000000000ull, 0x07fffffe00000000ull, 0, 0}, {~0x0000000000000000ull, ~0x07fffffe00000000ull, ~(uint64_t)0, ~(uint64_t)0}},  // l
    {{0xfc00fffe00000000ull, 0x78000001f8000001ull, 0, 0}, {~0xfc00fffe00000000ull, ~0x78000001f8000001ull, ~(uint64_t)0, ~(uint64_t)0}},  // p
    {{0x0000000100003e00ull, 0x0000000000000000ull, 0, 0}, {~0x0000000100003e00ull, ~0x0000000000000000ull, ~(uint64_t)0, ~(uint64_t)0}},  // s
    {{0x0000000000000000ull, 0x0000000007fffffeull, 0, 0}, {~0x0000000000000000ull, ~0x0000000007fffffeull, ~(uint64_t)0, ~(uint64_t)0}},  // u
    {{0x03ff000000000000ull, 0x07fffffe07fffffeull, 0, 0}, {~0x03ff000000000000ull, ~0x07fffffe07fffffeull, ~(uint64_t)0, ~(uint64_t)0}},  // w
    {{0x03ff000000000000ull, 0x0000007e0000007eull, 0, 0}, {~0x03ff000000000000ull, ~0x0000007e0000007eull, ~(uint64_t)0, ~(uint64_t)0}},  // x
    {{1, 0, 0, 0}, {~1ull, ~(uint64_t)0, ~(uint64_t)0, ~(uint64_t)0}},  // z: NUL, kept by Lua for old patterns
};

static const uint64_t *class_map(int letter) {
    static const char letters[] = "acdglpsuwxz";
    const char *at = letter == 0 ? NULL : strchr(letters, letter | 32);
    if (at == NULL) return NULL;
    return class_maps[at - letters][!(letter & 32)];
}

static inline int has(const uint64_t *map, byte c) { return (int)(map[c >> 6] >> (c & 63) & 1); }

static inline void spend(nj_matcher *m, ptrdiff_t bytes) {
    m->budget -= bytes;
    if (m->budget < 0) luaL_error(m->L, "pattern too complex");
}

/// End of the set whose bracket is at `p`.
static const char *set_end(nj_matcher *m, const char *p) {
    p++;
    if (*p == '^') p++;
    // A bracket right at the beginning is a member.
    for (int first = 1; first || *p != ']'; first = 0) {
        if (p == m->pattern_end) luaL_error(m->L, "malformed pattern (missing ']')");
        if (*p++ == '%' && p < m->pattern_end) p++;
    }
    return p + 1;
}

static void fill_set(uint64_t map[4], const char *p, const char *close) {
    int negative = p[1] == '^';
    memset(map, 0, 4 * sizeof *map);
    for (p += 1 + negative; p < close; p++) {
        if (*p == '%') {
            const uint64_t *class = class_map(*++p);
            for (int i = 0; class != NULL && i < 4; i++) map[i] |= class[i];
            if (class == NULL) map[(byte)*p >> 6] |= (uint64_t)1 << ((byte)*p & 63);
        } else if (p[1] == '-' && p + 2 < close) {
            for (unsigned c = (byte)p[0]; c <= (byte)p[2]; c++) map[c >> 6] |= (uint64_t)1 << (c & 63);
            p += 2;
        } else {
            map[(byte)*p >> 6] |= (uint64_t)1 << ((byte)*p & 63);
        }
    }
    for (int i = 0; negative && i < 4; i++) map[i] = ~map[i];
}

static const nj_set *get_set(nj_matcher *m, const char *p) {
    int known = m->set_count < NJ_PATTERN_SETS_MAX ? m->set_count : NJ_PATTERN_SETS_MAX;
    for (int i = 0; i < known; i++) {
        if (m->sets[i].p == p) return &m->sets[i];
    }
    const char *end = set_end(m, p);
    spend(m, end - p);
    nj_set *set = &m->sets[m->set_count++ % NJ_PATTERN_SETS_MAX];
    set->p = p;
    set->end = end;
    fill_set(set->map, p, end - 1);
    return set;
}

/// Reads the single-character item at `p`.
static item get_item(nj_matcher *m, const char *p) {
    switch (*p) {
    case '.': return (item){.kind = ITEM_ANY, .end = p + 1};
    case '[': {
        const nj_set *set = get_set(m, p);
        return (item){.kind = ITEM_MAP, .map = set->map, .end = set->end};
    }
    case '%': {
        if (p + 1 == m->pattern_end) luaL_error(m->L, "malformed pattern (ends with '%%')");
        const uint64_t *map = class_map((byte)p[1]);
        if (map != NULL) return (item){.kind = ITEM_MAP, .map = map, .end = p + 2};
        return (item){.kind = ITEM_BYTE, .value = (byte)p[1], .end = p + 2};
    }
    default: return (item){.kind = ITEM_BYTE, .value = (byte)*p, .end = p + 1};
    }
}

static inline int matches(const nj_matcher *m, const item *it, const char *s) {
    if (s >= m->subject_end) return 0;
    if (it->kind == ITEM_BYTE) return (byte)*s == it->value;
    return it->kind == ITEM_ANY || has(it->map, (byte)*s);
}

/// How many bytes from `s` on match. Never looks further than the budget reaches.
static ptrdiff_t count_run(nj_matcher *m, const item *it, const char *s) {
    const char *end = m->subject_end;
    if (end - s > m->budget) end = s + m->budget + 1;
    const char *p = s;
    if (it->kind == ITEM_ANY) p = end;
    else if (it->kind == ITEM_BYTE) while (p < end && (byte)*p == it->value) p++;
    else while (p < end && has(it->map, (byte)*p)) p++;
    spend(m, p - s);
    return p - s;
}

static void push(nj_matcher *m, int kind, const char *p, const char *s, ptrdiff_t count) {
    if (m->frame_count == NJ_PATTERN_FRAMES_MAX) luaL_error(m->L, "pattern too complex");
    m->frames[m->frame_count++] = (nj_frame){.p = p, .s = s, .kind = (uint64_t)kind & 15, .count = (uint64_t)count};
}

static void open_capture(nj_matcher *m, const char *s, int len) {
    if (m->level >= NJ_CAPTURES_MAX) luaL_error(m->L, "too many captures");
    m->captures[m->level] = (nj_capture){s, len};
    push(m, FRAME_OPENED, NULL, NULL, m->level++);
}

static void close_capture(nj_matcher *m, const char *s) {
    int i = m->level - 1;
    while (i >= 0 && m->captures[i].len != NJ_CAPTURE_OPEN) i--;
    if (i < 0) luaL_error(m->L, "invalid pattern capture");
    m->captures[i].len = s - m->captures[i].start;
    push(m, FRAME_CLOSED, NULL, NULL, i);
}

/// `%1` ... `%9`: the same text again. Where it ends, or NULL.
static const char *match_again(nj_matcher *m, const char *s, int digit) {
    int i = digit - '1';
    if (i < 0 || i >= m->level || m->captures[i].len == NJ_CAPTURE_OPEN) {
        luaL_error(m->L, "invalid capture index %%%d", i + 1);
    }
    ptrdiff_t len = m->captures[i].len;
    if (len < 0 || m->subject_end - s < len) return NULL;
    spend(m, len);
    return memcmp(m->captures[i].start, s, (size_t)len) == 0 ? s + len : NULL;
}

/// `%bxy`: from an x to the y that balances it. Where it ends, or NULL.
static const char *match_balanced(nj_matcher *m, const char *s, const char *p) {
    if (m->pattern_end - p < 4) luaL_error(m->L, "malformed pattern (missing arguments to '%%b')");
    if (s >= m->subject_end || *s != p[2]) return NULL;
    const char *start = s;
    ptrdiff_t open = 1;
    while (++s < m->subject_end) {
        if (s - start > m->budget) break;
        if (*s == p[3]) open--;
        else if (*s == p[2]) open++;
        if (open == 0) break;
    }
    spend(m, s - start);
    return open == 0 ? s + 1 : NULL;
}

/// `%f[set]`: between a byte outside and a byte inside the set; both ends of the subject count as NUL.
static const char *match_frontier(nj_matcher *m, const char *s, const char *p) {
    if (p + 2 >= m->pattern_end || p[2] != '[') luaL_error(m->L, "missing '[' after '%%f' in pattern");
    const nj_set *set = get_set(m, p + 2);
    byte before = s == m->subject ? 0 : (byte)s[-1];
    byte after = s == m->subject_end ? 0 : (byte)*s;
    return !has(set->map, before) && has(set->map, after) ? set->end : NULL;
}

/// Goes back to the latest frame that offers another way. 1 and the place to go on from, or 0.
static int retreat(nj_matcher *m, const char **s, const char **p) {
    while (m->frame_count > 0) {
        nj_frame *f = &m->frames[m->frame_count - 1];
        switch (f->kind) {
        case FRAME_GREEDY:
            if (f->count == 0) break;
            f->count--;
            *s = f->s + f->count;
            *p = f->p;
            return 1;
        case FRAME_LAZY: {
            item it = get_item(m, f->p);
            if (!matches(m, &it, f->s)) break;
            *s = ++f->s;
            *p = it.end + 1;
            return 1;
        }
        case FRAME_OPTIONAL:
            *s = f->s;
            *p = f->p;
            m->frame_count--;
            return 1;
        case FRAME_OPENED: m->level--; break;
        default: m->captures[f->count].len = NJ_CAPTURE_OPEN; break;
        }
        m->frame_count--;
    }
    return 0;
}

/// A single-character item with its repetition. 1 if matched so far, 0 if not.
static int step_item(nj_matcher *m, const char **sp, const char **pp) {
    const char *s = *sp;
    item it = get_item(m, *pp);
    switch (*it.end) {
    case '*':
    case '+': {
        int least = *it.end == '+';
        ptrdiff_t count = count_run(m, &it, s);
        if (count < least) return 0;
        if (count > 0) push(m, FRAME_GREEDY, it.end + 1, s + least, count - least);
        *sp = s + count;
        break;
    }
    case '-':
        if (matches(m, &it, s)) push(m, FRAME_LAZY, *pp, s, 0);
        break;
    case '?':
        if (!matches(m, &it, s)) break;
        push(m, FRAME_OPTIONAL, it.end + 1, s, 0);
        *sp = s + 1;
        break;
    default:
        if (!matches(m, &it, s)) return 0;
        *sp = s + 1;
        *pp = it.end;
        return 1;
    }
    *pp = it.end + 1;
    return 1;
}

/// The items that begin with `%` and are no single character. 1 matched, 0 not, -1 a single character after all.
static int step_escape(nj_matcher *m, const char **s, const char **p) {
    const char *end;
    switch ((*p)[1]) {
    case 'b':
        end = match_balanced(m, *s, *p);
        if (end == NULL) return 0;
        *s = end;
        *p += 4;
        return 1;
    case 'f':
        end = match_frontier(m, *s, *p);
        if (end == NULL) return 0;
        *p = end;
        return 1;
    case '0': case '1': case '2': case '3': case '4':
    case '5': case '6': case '7': case '8': case '9':
        end = match_again(m, *s, (*p)[1]);
        if (end == NULL) return 0;
        *s = end;
        *p += 2;
        return 1;
    default: return -1;
    }
}

/// One attempt at `s`. Where the match ends, or NULL.
static const char *attempt(nj_matcher *m, const char *s, const char *p) {
    m->level = 0;
    m->frame_count = 0;
    while (p != m->pattern_end) {
        spend(m, NJ_PATTERN_BYTES_PER_STEP);
        int matched = -1;
        if (*p == '(') {
            int position = p[1] == ')';
            open_capture(m, s, position ? NJ_CAPTURE_POSITION : NJ_CAPTURE_OPEN);
            p += 1 + position;
            continue;
        }
        if (*p == ')') {
            close_capture(m, s);
            p++;
            continue;
        }
        if (*p == '$' && p + 1 == m->pattern_end) matched = s == m->subject_end ? (p++, 1) : 0;
        else if (*p == '%') matched = step_escape(m, &s, &p);
        if (matched < 0) matched = step_item(m, &s, &p);
        if (!matched && !retreat(m, &s, &p)) return NULL;
    }
    return s;
}

/// Does every match begin with a byte of one item? Then that item is set, and most starts can be skipped at little cost.
static int leading_item(nj_matcher *m, const char *p, item *it) {
    // A few captures may begin before it; more than these are not worth the look.
    for (int i = 0; i < 4 && *p == '(' && p[1] != ')'; i++) p++;
    if (p == m->pattern_end || *p == '(' || *p == ')' || (*p == '$' && p + 1 == m->pattern_end)) return 0;
    if (*p == '%' && (p[1] == 'b' || p[1] == 'f' || (p[1] >= '0' && p[1] <= '9'))) return 0;
    *it = get_item(m, p);
    return it->kind != ITEM_ANY && *it->end != '*' && *it->end != '?' && *it->end != '-';
}

static const char *skip_to(nj_matcher *m, const item *it, const char *s) {
    const char *end = m->subject_end, *p = s;
    if (it->kind == ITEM_BYTE) {
        p = s == end ? NULL : memchr(s, it->value, (size_t)(end - s));
        return p;
    }
    if (end - s > m->budget) end = s + m->budget + 1;
    while (p < end && !has(it->map, (byte)*p)) p++;
    spend(m, p - s);
    return p == m->subject_end ? NULL : p;
}

void nj_matcher_init(nj_matcher *m, lua_State *L, const char *subject, size_t len, const char *pattern_end) {
    m->L = L;
    m->subject = subject;
    m->subject_end = subject + len;
    m->pattern_end = pattern_end;
    m->budget = (int64_t)NJ_PATTERN_STEPS * NJ_PATTERN_BYTES_PER_STEP;
    m->level = 0;
    m->frame_count = 0;
    m->set_count = 0;
}

const char *nj_matcher_search(nj_matcher *m, const char *s, const char *pattern, int anchored, const char *not_end,
                              const char **end) {
    item lead;
    uint64_t map[4];
    int filtered = !anchored && leading_item(m, pattern, &lead);
    if (filtered && lead.kind == ITEM_MAP) {
        // The attempts may evict the set that it came from.
        memcpy(map, lead.map, sizeof map);
        lead.map = map;
    }
    do {
        if (filtered && (s = skip_to(m, &lead, s)) == NULL) return NULL;
        *end = attempt(m, s, pattern);
        if (*end != NULL && *end != not_end) return s;
    } while (s++ < m->subject_end && !anchored);
    return NULL;
}

ptrdiff_t nj_matcher_capture(nj_matcher *m, int index, const char *s, const char *e, const char **start) {
    if (index >= m->level) {
        if (index != 0) luaL_error(m->L, "invalid capture index %%%d", index + 1);
        *start = s;
        return e - s;
    }
    *start = m->captures[index].start;
    if (m->captures[index].len == NJ_CAPTURE_OPEN) luaL_error(m->L, "unfinished capture");
    return m->captures[index].len;
}
