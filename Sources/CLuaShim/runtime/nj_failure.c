/// What the host is told about an error: kind, code, message, position, calls. Nothing here raises or allocates in Lua: it must work when a
/// limit has struck.
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../codec/nj_tidy.h"
#include "nj_internal.h"

static void append(nj_buf *buf, const char *text) { nj_buf_append(buf, text, strlen(text)); }

/// Bytes kept of what a script raised: it may be megabytes of anything, and goes to logs and pages.
enum { MESSAGE_MAX = 4 << 10, CODE_MAX = 64 };

static void set(nj_buf *buf, const char *text, size_t len, size_t max) {
    nj_buf_clear(buf);
    nj_append_tidy(buf, text, len, max);
}

static void copy(nj_buf *to, const nj_buf *from) { set(to, from->data, from->len, NJ_TRACE_BYTES_MAX); }

void nj_failure_clear(nj_state *S) {
    nj_failure *f = &S->failure;
    f->line = 0;
    f->kind = NJ_FAILURE_RUNTIME;
    nj_buf_clear(&f->code);
    nj_buf_clear(&f->message);
    nj_buf_clear(&f->chunk);
    nj_buf_clear(&f->trace);
}

void nj_failure_set(nj_state *S, int kind, const char *code, const char *message) {
    nj_failure_clear(S);
    S->failure.kind = kind;
    append(&S->failure.code, code);
    append(&S->failure.message, message);
}

void nj_failure_limit(nj_state *S, int limit) {
    nj_failure *f = &S->failure;
    nj_failure_clear(S);
    // Trace and position were noted when the limit struck.
    if (S->box.trace.noted) copy(&f->trace, &S->box.trace.text);
    f->line = S->box.fault_line;
    append(&f->chunk, S->box.fault_chunk);
    char text[120];
    if (limit == NJ_LIMIT_TIME) {
        f->kind = NJ_FAILURE_TIMEOUT;
        double ms = (double)atomic_load_explicit(&S->box.deadline, memory_order_relaxed) / 1e6;
        snprintf(text, sizeof text, "the script took longer than %g ms", ms);
    } else {
        f->kind = NJ_FAILURE_MEMORY;
        snprintf(text, sizeof text, "the script is over its memory limit of %zu bytes", S->box.memory_bytes);
    }
    append(&f->message, text);
}

void nj_failure_codec(nj_state *S, const nj_error *error, int json) {
    nj_failure_set(S, NJ_FAILURE_ARGUMENT, json ? "invalid_json" : "invalid_plain", error->detail);
}

void nj_hint(nj_state *S, lua_State *L, int kind, const char *code) {
    S->hint_value = lua_topointer(L, -1);
    S->hint_kind = kind;
    S->hint_code = code;
}

/// Length of the "chunk:line: " at the start of a message if it repeats the known position. A syntax error has its position
/// only there.
static size_t position_prefix(nj_failure *f, const char *text, size_t len) {
    for (const char *p = text; p + 2 < text + len && p < text + LUA_IDSIZE + 2; p++) {
        if (*p != ':' || p[1] < '0' || p[1] > '9') continue;
        const char *q = p + 1;
        int line = 0;
        for (; q < text + len && *q >= '0' && *q <= '9' && line < 100000000; q++) line = line * 10 + (*q - '0');
        if (q + 1 >= text + len || q[0] != ':' || q[1] != ' ') continue;
        if (f->line == 0 && f->kind == NJ_FAILURE_SYNTAX) {
            f->line = line;
            set(&f->chunk, text, (size_t)(p - text), NJ_CHUNK_NAME_MAX);
        }
        return line == f->line ? (size_t)(q + 2 - text) : 0;
    }
    return 0;
}

static void take_field(lua_State *L, int table, int key_ref, nj_buf *out, size_t max) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, key_ref);
    lua_rawget(L, table);
    size_t len;
    if (lua_type(L, -1) == LUA_TSTRING) {
        const char *text = lua_tolstring(L, -1, &len);
        set(out, text, len, max);
    }
    lua_pop(L, 1);
}

/// The place that an error names itself (`place`, "chunk:line"): a slip in some file. That is where to look, and the calls that have
/// found it are of no use.
static void take_place(nj_state *S, lua_State *L, int table) {
    nj_failure *f = &S->failure;
    lua_rawgeti(L, LUA_REGISTRYINDEX, S->key_place_ref);
    lua_rawget(L, table);
    const char *text = lua_type(L, -1) == LUA_TSTRING ? lua_tostring(L, -1) : NULL;
    const char *colon = text != NULL ? strrchr(text, ':') : NULL;
    if (colon != NULL && colon > text) {
        char *end;
        long line = strtol(colon + 1, &end, 10);
        if (line > 0 && line < 100000000 && *end == 0) {
            f->line = (int)line;
            set(&f->chunk, text, (size_t)(colon - text), NJ_CHUNK_NAME_MAX);
            nj_buf_clear(&f->trace);
        }
    }
    lua_pop(L, 1);
}

static void take_table(nj_state *S, lua_State *L, int index) {
    nj_failure *f = &S->failure;
    nj_buf_clear(&f->message);
    if (lua_checkstack(L, 4)) {
        take_field(L, index, S->key_code_ref, &f->code, CODE_MAX);
        take_field(L, index, S->key_message_ref, &f->message, MESSAGE_MAX);
        take_place(S, L, index);
    }
    size_t prefix = position_prefix(f, f->message.data, f->message.len);
    if (prefix > 0) {
        f->message.len -= prefix;
        memmove(f->message.data, f->message.data + prefix, f->message.len);
    }
    if (f->message.len == 0) append(&f->message, f->code.len > 0 ? "(no message)" : "the error is a table");
    if (f->code.len == 7 && memcmp(f->code.data, "timeout", 7) == 0) f->kind = NJ_FAILURE_TIMEOUT;
}

void nj_failure_take(nj_state *S, lua_State *L, int status) {
    // The limit that struck is the news, and its place has been noted.
    if (S->box.raised != NJ_LIMIT_NONE) return;
    nj_failure *f = &S->failure;
    int index = lua_gettop(L);
    const void *value = lua_topointer(L, index);
    const nj_trace *trace = &S->box.trace;
    if (trace->noted && trace->value == value) {
        f->line = trace->line;
        copy(&f->chunk, &trace->chunk);
        copy(&f->trace, &trace->text);
    } else {
        // No message handler saw it: Lua ran out of memory, or C raised outside of the script.
        nj_buf_clear(&f->trace);
        f->line = S->box.fault_line;
        set(&f->chunk, S->box.fault_chunk, S->box.fault_line > 0 ? strlen(S->box.fault_chunk) : 0, NJ_CHUNK_NAME_MAX);
    }
    f->kind = status == LUA_ERRMEM ? NJ_FAILURE_MEMORY : status == LUA_ERRSYNTAX ? NJ_FAILURE_SYNTAX : NJ_FAILURE_RUNTIME;
    nj_buf_clear(&f->code);
    if (value != NULL && value == S->hint_value) {
        f->kind = S->hint_kind;
        append(&f->code, S->hint_code);
    }
    if (f->kind == NJ_FAILURE_SYNTAX) {
        f->line = 0;
        nj_buf_clear(&f->chunk);
        // Who required the file is of no use.
        nj_buf_clear(&f->trace);
    }
    char text[80];
    size_t len;
    if (status == LUA_ERRMEM && S->box.refused != NULL) {
        set(&f->message, S->box.refused, strlen(S->box.refused), MESSAGE_MAX);
        return;
    }
    switch (lua_type(L, index)) {
        case LUA_TSTRING: {
            const char *message = lua_tolstring(L, index, &len);
            size_t prefix = position_prefix(f, message, len);
            set(&f->message, message + prefix, len - prefix, MESSAGE_MAX);
            break;
        }
        case LUA_TTABLE: take_table(S, L, index); break;
        case LUA_TNUMBER:
            snprintf(text, sizeof text, "%.14g", (double)lua_tonumber(L, index));
            set(&f->message, text, strlen(text), MESSAGE_MAX);
            break;
        default:
            snprintf(text, sizeof text, "the error is a %s value", luaL_typename(L, index));
            set(&f->message, text, strlen(text), MESSAGE_MAX);
    }
}
