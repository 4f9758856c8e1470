#include "nj_place.h"

#include <stdio.h>
#include <string.h>

#include "nj_internal.h"

/// The number of a file, from 1; 0 when there is no room for it. Mostly it is the same as the last time.
static uint32_t number_of(nj_place_files *files, const char *name, size_t len) {
    if (files->last != 0 && strcmp(files->names.data + files->last_offset, name) == 0) return files->last;
    size_t offset = 0;
    uint32_t number = 1;
    for (; number <= files->count; number++) {
        if (strcmp(files->names.data + offset, name) == 0) break;
        offset += strlen(files->names.data + offset) + 1;
    }
    if (number > files->count) {
        if (files->count == NJ_PLACE_FILES_MAX || nj_buf_append(&files->names, name, len + 1) != 0) return 0;
        files->count++;
    }
    files->last = number;
    files->last_offset = offset;
    return number;
}

lua_Integer nj_place_here(nj_place_files *files, lua_State *L) {
    lua_Debug ar;
    char name[NJ_PLACE_NAME_MAX];
    int line = nj_position(L, 1, &ar);
    if (line <= 0) return 0;
    // A chunk given as text has no name but itself.
    int named = ar.source[0] == '@' || ar.source[0] == '=';
    int len = snprintf(name, sizeof name, "%s", named ? ar.source + 1 : ar.short_src);
    if (len >= NJ_PLACE_NAME_MAX) len = NJ_PLACE_NAME_MAX - 1;
    uint32_t number = number_of(files, name, (size_t)len);
    return number == 0 ? 0 : (lua_Integer)number << 32 | line;
}

void nj_place_text(const nj_place_files *files, lua_Integer place, char *to, size_t room) {
    to[0] = 0;
    uint32_t number = (uint32_t)(place >> 32);
    if (place <= 0 || number > files->count) return;
    const char *name = files->names.data;
    while (--number > 0) name += strlen(name) + 1;
    snprintf(to, room, "%s:%d", name, (int)(place & INT32_MAX));
}
