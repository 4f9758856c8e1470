/// string.find, match, gmatch, gsub and rep as scripts see them.
#define _GNU_SOURCE  // memmem
#include "sandbox/nj_pattern.h"

#include <lauxlib.h>
#include <string.h>

#include "nj_box.h"
#include "nj_pattern_matcher.h"

/// Looks at the slice, if there is one: these functions also work in a state without limits.
static void check(lua_State *L) {
    nj_box *B = nj_box_of(L);
    if (B != NULL) nj_check(L, B);
}

/// Zero-based start for an `init` argument, which may count from the end.
static size_t start_offset(lua_Integer init, size_t len) {
    if (init > 0) return (size_t)init - 1;
    if (init == 0 || init < -(lua_Integer)len) return 0;
    return len + (size_t)init;
}

static void push_capture(nj_matcher *m, int index, const char *s, const char *e) {
    const char *start;
    ptrdiff_t len = nj_matcher_capture(m, index, s, e, &start);
    if (len == NJ_CAPTURE_POSITION) lua_pushinteger(m->L, start - m->subject + 1);
    else lua_pushlstring(m->L, start, (size_t)len);
}

/// Pushes all captures; without any the whole match, if `whole`.
static int push_captures(nj_matcher *m, const char *s, const char *e, int whole) {
    int count = m->level == 0 && whole ? 1 : m->level;
    luaL_checkstack(m->L, count, "too many captures");
    for (int i = 0; i < count; i++) push_capture(m, i, s, e);
    return count;
}

static int is_literal(const char *pattern, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (pattern[i] != 0 && strchr("^$*+?.([%-", pattern[i]) != NULL) return 0;
    }
    return 1;
}

/// Bytes searched before the slice is looked at.
enum { SEARCH_STEP = 1 << 20 };

static const char *find_literal(lua_State *L, const char *s, size_t len, const char *what, size_t what_len) {
    if (what_len == 0) return s;
    for (const char *end = s + len; (size_t)(end - s) >= what_len; s += SEARCH_STEP) {
        // What begins within the step is found in it.
        size_t window = SEARCH_STEP + what_len - 1;
        const char *at = memmem(s, (size_t)(end - s) < window ? (size_t)(end - s) : window, what, what_len);
        if (at != NULL || (size_t)(end - s) <= SEARCH_STEP) return at;
        check(L);
    }
    return NULL;
}

static int find_or_match(lua_State *L, int find) {
    size_t len, pattern_len;
    const char *s = luaL_checklstring(L, 1, &len);
    const char *p = luaL_checklstring(L, 2, &pattern_len);
    size_t init = start_offset(luaL_optinteger(L, 3, 1), len);
    if (init > len) {
        lua_pushnil(L);
        return 1;
    }
    if (find && (lua_toboolean(L, 4) || is_literal(p, pattern_len))) {
        const char *at = find_literal(L, s + init, len - init, p, pattern_len);
        if (at != NULL) {
            lua_pushinteger(L, at - s + 1);
            lua_pushinteger(L, at - s + (lua_Integer)pattern_len);
            return 2;
        }
    } else {
        nj_matcher m;
        const char *end;
        int anchored = *p == '^';
        nj_matcher_init(&m, L, s, len, p + pattern_len);
        const char *at = nj_matcher_search(&m, s + init, p + anchored, anchored, NULL, &end);
        if (at != NULL && find) {
            lua_pushinteger(L, at - s + 1);
            lua_pushinteger(L, end - s);
            return push_captures(&m, NULL, NULL, 0) + 2;
        }
        if (at != NULL) return push_captures(&m, at, end, 1);
    }
    lua_pushnil(L);
    return 1;
}

static int string_find(lua_State *L) { return find_or_match(L, 1); }

static int string_match(lua_State *L) { return find_or_match(L, 0); }

/// Where an iteration stands. Offsets in the subject, which is upvalue 1.
typedef struct iteration {
    size_t from;
    size_t last_end;  ///< end of the last match: an empty match must not follow it directly
} iteration;

static const size_t no_match_yet = (size_t)-1;

static int gmatch_next(lua_State *L) {
    size_t len, pattern_len;
    iteration *it = lua_touserdata(L, lua_upvalueindex(3));
    const char *s = lua_tolstring(L, lua_upvalueindex(1), &len);
    const char *p = lua_tolstring(L, lua_upvalueindex(2), &pattern_len);
    if (it->from > len) return 0;
    nj_matcher m;
    const char *end;
    nj_matcher_init(&m, L, s, len, p + pattern_len);
    const char *not_end = it->last_end == no_match_yet ? NULL : s + it->last_end;
    const char *at = nj_matcher_search(&m, s + it->from, p, 0, not_end, &end);
    if (at == NULL) {
        it->from = len + 1;
        return 0;
    }
    it->from = it->last_end = (size_t)(end - s);
    return push_captures(&m, at, end, 1);
}

static int string_gmatch(lua_State *L) {
    size_t len;
    luaL_checklstring(L, 1, &len);
    luaL_checkstring(L, 2);
    size_t init = start_offset(luaL_optinteger(L, 3, 1), len);
    lua_settop(L, 2);
    iteration *it = lua_newuserdatauv(L, sizeof *it, 0);
    it->from = init > len ? len + 1 : init;
    it->last_end = no_match_yet;
    lua_pushcclosure(L, gmatch_next, 3);
    return 1;
}

/// Appends to the result of gsub, which may not exceed its limit.
static void add(lua_State *L, luaL_Buffer *b, const char *bytes, size_t len) {
    if (len > NJ_STRING_RESULT_MAX - luaL_bufflen(b)) luaL_error(L, "resulting string too large");
    luaL_addlstring(b, bytes, len);
}

/// Appends the string on top of the stack and pops it.
static void add_top(lua_State *L, luaL_Buffer *b) {
    size_t len;
    lua_tolstring(L, -1, &len);
    if (len > NJ_STRING_RESULT_MAX - luaL_bufflen(b)) luaL_error(L, "resulting string too large");
    luaL_addvalue(b);
}

/// Appends the replacement string with its captures filled in.
static void add_template(nj_matcher *m, luaL_Buffer *b, const char *s, const char *e) {
    lua_State *L = m->L;
    size_t len;
    const char *p = lua_tolstring(L, 3, &len), *end = p + len;
    for (;;) {
        const char *escape = p == end ? NULL : memchr(p, '%', (size_t)(end - p));
        add(L, b, p, (size_t)((escape ? escape : end) - p));
        if (escape == NULL) return;
        check(L);
        p = escape + 2;
        if (escape[1] == '%') {
            add(L, b, "%", 1);
        } else if (escape[1] == '0') {
            add(L, b, s, (size_t)(e - s));
        } else if (escape[1] >= '1' && escape[1] <= '9') {
            const char *start;
            ptrdiff_t n = nj_matcher_capture(m, escape[1] - '1', s, e, &start);
            if (n != NJ_CAPTURE_POSITION) {
                add(L, b, start, (size_t)n);
            } else {
                lua_pushinteger(L, start - m->subject + 1);
                add_top(L, b);
            }
        } else {
            luaL_error(L, "invalid use of '%c' in replacement string", '%');
        }
    }
}

/// Appends what replaces the match. 1 if that may differ from the match.
static int add_replacement(nj_matcher *m, luaL_Buffer *b, const char *s, const char *e, int type) {
    lua_State *L = m->L;
    if (type == LUA_TFUNCTION) {
        lua_pushvalue(L, 3);
        int count = push_captures(m, s, e, 1);
        lua_call(L, count, 1);
    } else if (type == LUA_TTABLE) {
        push_capture(m, 0, s, e);
        lua_gettable(L, 3);
    } else {
        add_template(m, b, s, e);
        return 1;
    }
    if (!lua_toboolean(L, -1)) {
        lua_pop(L, 1);
        add(L, b, s, (size_t)(e - s));
        return 0;
    }
    if (!lua_isstring(L, -1)) luaL_error(L, "invalid replacement value (a %s)", luaL_typename(L, -1));
    add_top(L, b);
    return 1;
}

static int string_gsub(lua_State *L) {
    size_t len, pattern_len;
    const char *s = luaL_checklstring(L, 1, &len);
    const char *p = luaL_checklstring(L, 2, &pattern_len);
    int type = lua_type(L, 3);
    lua_Integer max = luaL_optinteger(L, 4, (lua_Integer)len + 1);
    luaL_argexpected(L, type == LUA_TNUMBER || type == LUA_TSTRING || type == LUA_TFUNCTION || type == LUA_TTABLE, 3,
                     "string/function/table");
    int anchored = *p == '^', changed = 0;
    lua_Integer count = 0;
    const char *subject_end = s + len, *done = s, *last_end = NULL;
    nj_matcher m;
    luaL_Buffer b;
    nj_matcher_init(&m, L, s, len, p + pattern_len);
    luaL_buffinit(L, &b);
    while (count < max && done <= subject_end) {
        const char *end;
        const char *at = nj_matcher_search(&m, done, p + anchored, anchored, last_end, &end);
        if (at == NULL) break;
        check(L);
        add(L, &b, done, (size_t)(at - done));
        count++;
        changed |= add_replacement(&m, &b, at, end, type);
        done = last_end = end;
        if (anchored) break;
    }
    if (!changed) {
        lua_pushvalue(L, 1);
    } else {
        add(L, &b, done, (size_t)(subject_end - done));
        luaL_pushresult(&b);
    }
    lua_pushinteger(L, count);
    return 2;
}

static int string_rep(lua_State *L) {
    size_t len, sep_len;
    const char *s = luaL_checklstring(L, 1, &len);
    lua_Integer n = luaL_checkinteger(L, 2);
    const char *sep = luaL_optlstring(L, 3, "", &sep_len);
    if (n <= 0 || len + sep_len == 0) {
        lua_pushliteral(L, "");
        return 1;
    }
    if (len > NJ_STRING_RESULT_MAX || sep_len > NJ_STRING_RESULT_MAX || n > NJ_STRING_RESULT_MAX ||
        (uint64_t)n * (len + sep_len) - sep_len > NJ_STRING_RESULT_MAX) {
        return luaL_error(L, "resulting string too large");
    }
    size_t total = (size_t)n * (len + sep_len) - sep_len, unit = len + sep_len;
    luaL_Buffer b;
    char *to = luaL_buffinitsize(L, &b, total);
    // One unit, then what is there doubles; the last copy is cut.
    size_t have = unit < total ? unit : total;
    memcpy(to, s, len);
    if (have > len) memcpy(to + len, sep, have - len);
    while (have < total) {
        size_t more = have < total - have ? have : total - have;
        memcpy(to + have, to, more);
        have += more;
    }
    luaL_pushresultsize(&b, total);
    return 1;
}

int nj_pattern_open(lua_State *L) {
    static const luaL_Reg functions[] = {
        {"find", string_find}, {"match", string_match}, {"gmatch", string_gmatch},
        {"gsub", string_gsub}, {"rep", string_rep},     {NULL, NULL},
    };
    luaL_setfuncs(L, functions, 0);
    return 0;
}
