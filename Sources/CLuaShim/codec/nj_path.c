#include "nj_path.h"

#include <stdio.h>
#include <string.h>

#include "nj_text.h"

/// Longest part of a key shown, and of a path: what is wrong must still fit behind it.
enum { KEY_SHOWN_MAX = 32, PATH_SHOWN_MAX = 130 };

nj_path_step nj_path_key(lua_State *L, int idx) {
    nj_path_step step = {.key = NULL};
    switch (lua_type(L, idx)) {
    case LUA_TSTRING:
        step.key = lua_tolstring(L, idx, &step.len);
        break;
    case LUA_TNUMBER:
        step.is_integer = lua_isinteger(L, idx);
        step.integer = lua_tointegerx(L, idx, NULL);
        step.number = lua_tonumberx(L, idx, NULL);
        break;
    default:  // booleans are told apart by nothing else
        step.number = lua_toboolean(L, idx);
        break;
    }
    return step;
}

static int is_identifier(const char *key, size_t len) {
    if (len == 0 || len > KEY_SHOWN_MAX || (key[0] >= '0' && key[0] <= '9')) return 0;
    for (size_t i = 0; i < len; i++) {
        char c = key[i];
        if (!((c | 32) >= 'a' && (c | 32) <= 'z') && !(c >= '0' && c <= '9') && c != '_') return 0;
    }
    return 1;
}

/// Writes one step at most `room` bytes long; returns how many, or -1 when it does not fit.
static int put_step(char *to, size_t room, const nj_path_step *step, int first) {
    int n;
    if (step->key == NULL && step->is_integer) {
        n = snprintf(to, room, "[%lld]", (long long)step->integer);
    } else if (step->key == NULL) {
        n = snprintf(to, room, "[%.17g]", step->number);
    } else if (is_identifier(step->key, step->len)) {
        n = snprintf(to, room, "%s%.*s", first ? "" : ".", (int)step->len, step->key);
    } else {
        // The path ends in logs and in answers to clients: only printable ASCII.
        char shown[KEY_SHOWN_MAX + 1];
        size_t len = step->len < KEY_SHOWN_MAX ? step->len : KEY_SHOWN_MAX;
        for (size_t i = 0; i < len; i++) {
            nj_byte b = (nj_byte)step->key[i];
            shown[i] = (nj_text_class[b] & NJ_C_PLAIN) && b != 0x7F ? (char)b : '?';
        }
        shown[len] = 0;
        n = snprintf(to, room, "[\"%s%s\"]", shown, len < step->len ? "..." : "");
    }
    return n < 0 || (size_t)n >= room ? -1 : n;
}

void nj_path_text(char *to, size_t room, const char *root, const nj_path_step *steps, int count) {
    // A path that begins with an index needs a name before it.
    int named = root != NULL || (count > 0 && steps[0].key != NULL && is_identifier(steps[0].key, steps[0].len));
    int n = snprintf(to, room, "%s", root != NULL ? root : named ? "" : "value");
    size_t used = n < 0 || (size_t)n >= room ? room - 1 : (size_t)n;
    for (int i = 0; i < count; i++) {
        // Room for the dots that tell of a cut.
        n = used + 5 < room ? put_step(to + used, room - used - 4, &steps[i], used == 0) : -1;
        if (n < 0) {
            if (used + 4 <= room) strcpy(to + used, "...");
            return;
        }
        used += (size_t)n;
    }
}

int nj_path_report(
    nj_error *error, int code, size_t offset, const char *root, const nj_path_step *steps, int count, const char *what) {
    char path[PATH_SHOWN_MAX];
    nj_path_text(path, sizeof path, root, steps, count);
    error->code = code;
    error->offset = offset;
    snprintf(error->detail, sizeof error->detail, "%s%s", path, what);
    return code;
}
