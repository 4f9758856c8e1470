/// Where errors are raised, and the calls that led there. Nothing here raises or allocates in Lua: it must work when a
/// limit has struck.
#include <stdio.h>
#include <string.h>

#include "nj_box.h"

const char *nj_chunk_name(const char *source) { return source[0] == '@' || source[0] == '=' ? source + 1 : source; }

int nj_position(lua_State *L, int level, lua_Debug *ar) {
    for (int end = level + NJ_TRACE_LEVELS; level < end && lua_getstack(L, level, ar); level++) {
        if (lua_getinfo(L, "Sl", ar) && ar->currentline > 0) return ar->currentline;
    }
    return 0;
}

static void append(nj_buf *buf, const char *text) { nj_buf_append(buf, text, strlen(text)); }

static void set(nj_buf *buf, const char *text, size_t len) {
    nj_buf_clear(buf);
    nj_buf_append(buf, text, len);
}

const char *nj_source_label(const lua_Debug *ar) {
    return ar->source[0] == '@' || ar->source[0] == '=' ? ar->source + 1 : ar->short_src;
}

static void trace_level(nj_buf *out, const lua_Debug *ar) {
    char line[400];
    if (ar->currentline > 0) snprintf(line, sizeof line, "%.200s:%d: in ", nj_source_label(ar), ar->currentline);
    else snprintf(line, sizeof line, "%.200s: in ", ar->short_src);
    append(out, line);
    if (ar->what[0] == 'm') snprintf(line, sizeof line, "main chunk");
    else if (ar->namewhat[0] != 0) snprintf(line, sizeof line, "%.20s '%.100s'", ar->namewhat, ar->name);
    else if (ar->what[0] == 'C') snprintf(line, sizeof line, "?");
    else snprintf(line, sizeof line, "function <%.200s:%d>", nj_source_label(ar), ar->linedefined);
    append(out, line);
}

static void append_trace(nj_buf *out, lua_State *L) {
    lua_Debug ar;
    int level = 0;
    for (; level < NJ_TRACE_LEVELS && out->len < NJ_TRACE_BYTES_MAX && lua_getstack(L, level, &ar); level++) {
        if (!lua_getinfo(L, "Sln", &ar)) break;
        if (ar.what[0] == 'C' && ar.namewhat[0] == 0) continue;  // the shim's own frames
        if (out->len > 0) append(out, "\n");
        trace_level(out, &ar);
    }
    if (level == NJ_TRACE_LEVELS && lua_getstack(L, level, &ar)) append(out, "\n...");
}

static int starts_with(const char *text, size_t len, const char *prefix) {
    size_t n = strlen(prefix);
    return len >= n && memcmp(text, prefix, n) == 0;
}

/// The position an error names: that of the call whose "chunk:line:" its message starts with, else the innermost line.
static void find_position(nj_box *B, lua_State *L, int index) {
    size_t len = 0;
    const char *text = index != 0 && lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, &len) : NULL;
    lua_Debug ar;
    char prefix[LUA_IDSIZE + 16];
    nj_trace *trace = &B->trace;
    trace->line = 0;
    nj_buf_clear(&trace->chunk);
    for (int level = 0; level < NJ_TRACE_LEVELS && lua_getstack(L, level, &ar); level++) {
        if (!lua_getinfo(L, "Sl", &ar) || ar.currentline <= 0) continue;
        snprintf(prefix, sizeof prefix, "%s:%d:", ar.short_src, ar.currentline);
        int named = text != NULL && starts_with(text, len, prefix);
        if (trace->line == 0 || named) {
            trace->line = ar.currentline;
            const char *label = nj_source_label(&ar);
            size_t length = strlen(label);
            set(&trace->chunk, label, length < NJ_CHUNK_NAME_MAX ? length : NJ_CHUNK_NAME_MAX);
        }
        if (named) return;
    }
}

void nj_note_trace(nj_box *B, lua_State *L, int index) {
    const void *value = index != 0 ? lua_topointer(L, index) : NULL;
    // The same error on its way out: through `require` in the same thread, or out of a coroutine into its creator.
    if (B->trace.noted && value != NULL && value == B->trace.value) {
        if (L != B->trace.thread) append_trace(&B->trace.text, L);
        B->trace.thread = L;
        return;
    }
    B->trace.noted = 1;
    B->trace.value = value;
    B->trace.thread = L;
    nj_buf_clear(&B->trace.text);
    find_position(B, L, index);
    append_trace(&B->trace.text, L);
}

int nj_on_error(lua_State *L) {
    nj_box *B = nj_box_of(L);
    if (B->raised == NJ_LIMIT_NONE) nj_note_trace(B, L, 1);
    return 1;
}

