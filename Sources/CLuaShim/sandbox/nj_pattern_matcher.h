/// Private to the shim: one attempt after another to match a Lua pattern, with a budget.
#ifndef NJ_PATTERN_MATCH_H
#define NJ_PATTERN_MATCH_H

#include <lua.h>
#include <stddef.h>
#include <stdint.h>

/// As in Lua.
enum { NJ_CAPTURES_MAX = 32 };

/// Alternatives that may be open at once, as many as Lua's own matcher allows before it says "pattern too complex".
enum { NJ_PATTERN_FRAMES_MAX = 199 };

/// Sets kept as bit maps while a call lasts; a pattern rarely has more.
enum { NJ_PATTERN_SETS_MAX = 8 };

/// A capture is a length, or one of these.
enum { NJ_CAPTURE_OPEN = -1, NJ_CAPTURE_POSITION = -2 };

typedef struct nj_capture {
    const char *start;
    ptrdiff_t len;
} nj_capture;

/// Where to go on after a failure. Small, because calls of gsub nest through its callbacks.
typedef struct nj_frame {
    const char *p;        ///< pattern: the repeated item (lazy), or what follows it
    const char *s;        ///< subject
    uint64_t kind : 4;
    uint64_t count : 60;  ///< greedy: repetitions that may still be given back; captures: which one to undo
} nj_frame;

typedef struct nj_set {
    const char *p;    ///< the opening bracket
    const char *end;  ///< behind the closing one
    uint64_t map[4];
} nj_set;

typedef struct nj_matcher {
    lua_State *L;
    const char *subject, *subject_end;
    const char *pattern_end;
    int64_t budget;  ///< in bytes: an item costs NJ_PATTERN_BYTES_PER_STEP of them
    int level;       ///< captures begun
    int frame_count;
    int set_count;
    nj_capture captures[NJ_CAPTURES_MAX];
    nj_set sets[NJ_PATTERN_SETS_MAX];
    nj_frame frames[NJ_PATTERN_FRAMES_MAX];
} nj_matcher;

/// Prepares a matcher. Subject and pattern end with a NUL that is not part of them (Lua strings do).
void nj_matcher_init(nj_matcher *m, lua_State *L, const char *subject, size_t len, const char *pattern_end);

/// Finds the first match that starts at `s` or later (with `anchored`: at `s`) and does not end at `not_end`. Gives its
/// start and sets `*end`; NULL if there is none. Raises Lua errors: malformed pattern, budget used up.
const char *nj_matcher_search(nj_matcher *m, const char *s, const char *pattern, int anchored, const char *not_end,
                              const char **end);

/// Content of a capture (0 without captures: the whole match). Its length, or NJ_CAPTURE_POSITION. Raises when the
/// pattern has no such capture or left it open.
ptrdiff_t nj_matcher_capture(nj_matcher *m, int index, const char *s, const char *e, const char **start);

#endif
