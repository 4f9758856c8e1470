/// Plain data with whatever is not plain left out. Nothing here raises.
///
/// Counts are not known before the entries are written: they get a fixed width (varints with leading zeros, which the
/// decoder takes as any other) and are filled in afterwards.
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "nj_plain_encoder.h"
#include "nj_plain_format.h"

/// Bytes of a count: five times seven bits, more entries than any table has.
enum { COUNT_BYTES = 5 };

/// How the writing of a value ended.
enum outcome {
    WRITTEN = 0,
    LEFT_OUT,    ///< noted; what was written of it must be taken back
    TOO_LARGE,   ///< the top-level entry must be taken back as a whole
    ABANDONED    ///< out of memory or time: nothing more can be written
};

typedef struct carrier {
    nj_plain_encoder e;
    const nj_plain_carry_options *options;
    nj_offences *offences;
    int root;  ///< stack index of the value that is carried
} carrier;

static enum outcome carry_value(carrier *c, int idx);

/// Notes the encoder's fault, of the value `steps` steps down.
static void note(carrier *c, int steps) {
    nj_offences *all = c->offences;
    nj_plain_encoder *e = &c->e;
    all->total++;
    if (all->count == NJ_OFFENCES_MAX) return;
    nj_offence *offence = &all->item[all->count++];
    offence->code = e->code;
    offence->type = e->type;
    offence->place[0] = 0;
    nj_path_text(offence->path, sizeof offence->path, c->options->root, e->path, steps);
    snprintf(offence->reason, sizeof offence->reason, "%s", e->what[0] == ' ' ? e->what + 1 : e->what);
    if (c->options->locate != NULL)
        c->options->locate(c->options->context, e->L, steps > 0 ? c->root + 1 : 0, offence->place, sizeof offence->place);
}

/// What the encoder's fault means for the value; notes it if that is all.
static enum outcome fault(carrier *c, int steps) {
    switch (c->e.code) {
    case NJ_ESIZE: return TOO_LARGE;
    case NJ_EMEMORY:
    case NJ_ESTOPPED: return ABANDONED;
    default: note(c, steps); return LEFT_OUT;
    }
}

static void fill_count(char *at, uint64_t value) {
    for (int i = 0; i < COUNT_BYTES; i++) {
        at[i] = (char)((value & 0x7F) | (i < COUNT_BYTES - 1 ? 0x80 : 0));
        value >>= 7;
    }
}

/// Writes a key; a fault is told of the table.
static enum outcome carry_key(carrier *c, int idx) {
    nj_plain_encoder *e = &c->e;
    int level = e->depth - 1;
    if (lua_type(e->L, idx) == LUA_TTABLE) {
        nj_plain_fail(e, NJ_EKEY, " has a table as a key");
        return fault(c, level);
    }
    if (nj_plain_put_scalar(e, idx) == 0) return WRITTEN;
    if (e->code == NJ_ETYPE) {
        e->code = NJ_EKEY;
        e->what = " has a key that is not plain data";
    }
    return fault(c, level);
}

/// A top-level entry that does not fit is left out as a whole; the smaller ones behind it are not to suffer.
static enum outcome leave_out_large(carrier *c, size_t start) {
    nj_plain_encoder *e = &c->e;
    e->out->len = start;
    e->depth = 1;
    nj_seen_take_back(&e->seen, e->entry);
    nj_plain_fail(e, NJ_ESIZE, " does not fit: too much data");
    note(c, 1);
    return LEFT_OUT;
}

/// Writes the entry whose key and value are on top of the stack.
static enum outcome carry_entry(carrier *c, int idx, int is_element) {
    nj_plain_encoder *e = &c->e;
    size_t start = e->out->len;
    int depth = e->depth;
    e->path[depth - 1] = nj_path_key(e->L, idx + 1);
    if (depth == 1) e->entry++;
    enum outcome outcome = is_element ? WRITTEN : carry_key(c, idx + 1);
    if (outcome == WRITTEN) outcome = carry_value(c, idx + 2);
    if (outcome == TOO_LARGE && depth == 1) outcome = leave_out_large(c, start);
    if (outcome == LEFT_OUT) e->out->len = start;
    e->depth = depth;
    return outcome;
}

static enum outcome carry_table(carrier *c, int idx) {
    nj_plain_encoder *e = &c->e;
    lua_State *L = e->L;
    int tag;
    if (nj_plain_enter(e, idx, &tag) != 0 || nj_plain_room(e, 1 + 2 * COUNT_BYTES) != 0) return fault(c, e->depth);
    e->out->data[e->out->len] = (char)tag;
    size_t counts = e->out->len + 1;
    e->out->len = counts + 2 * COUNT_BYTES;
    lua_Integer elements = 0, members = 0;
    e->depth++;
    lua_pushnil(L);
    while (lua_next(L, idx)) {
        int is_element = members == 0 && lua_isinteger(L, -2) && lua_tointegerx(L, -2, NULL) == elements + 1;
        enum outcome outcome = carry_entry(c, idx, is_element);
        if (outcome >= TOO_LARGE) return outcome;
        if (outcome == WRITTEN) is_element ? elements++ : members++;
        lua_settop(L, idx + 1);
    }
    e->depth--;
    fill_count(e->out->data + counts, (uint64_t)elements);
    fill_count(e->out->data + counts + COUNT_BYTES, (uint64_t)members);
    return WRITTEN;
}

/// Writes the value at the absolute index; tables only when they are on top of the stack.
static enum outcome carry_value(carrier *c, int idx) {
    if (lua_type(c->e.L, idx) == LUA_TTABLE) return carry_table(c, idx);
    return nj_plain_put_scalar(&c->e, idx) == 0 ? WRITTEN : fault(c, c->e.depth);
}

int nj_plain_carry(lua_State *L, int idx, nj_buf *out, const nj_plain_carry_options *options, nj_offences *offences) {
    size_t start = out->len;
    carrier c;
    idx = lua_absindex(L, idx);
    int top = lua_gettop(L);
    offences->count = offences->total = 0;
    if (!lua_checkstack(L, NJ_PLAIN_SLOTS_PER_LEVEL)) return NJ_EMEMORY;
    c.options = options;
    c.offences = offences;
    c.root = top + 1;
    nj_plain_begin(&c.e, L, out, options->limits);
    lua_pushvalue(L, idx);
    enum outcome outcome = nj_plain_put_tag(&c.e, NJ_PLAIN_VERSION) == 0 ? carry_value(&c, c.root) : ABANDONED;
    nj_seen_free(&c.e.seen);
    lua_settop(L, top);
    if (outcome == WRITTEN) return NJ_OK;
    out->len = start;
    if (outcome == TOO_LARGE) note(&c, 0);
    return outcome == ABANDONED ? c.e.code : NJ_OK;
}
