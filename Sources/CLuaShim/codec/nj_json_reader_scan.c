/// Readers: one pass over the text of a message, without Lua. What is found are places in the text.
#include "nj_json_reader.h"

static inline uint64_t word_at(const char *p) {
    uint64_t word;
    memcpy(&word, p, 8);
    return word;
}

/// Names are short, and most comparisons are of equal ones: word by word, the last one overlapping.
static inline int same_bytes(const char *a, const char *b, size_t len) {
    if (len < 8) return memcmp(a, b, len) == 0;
    for (size_t i = 0; i + 8 < len; i += 8) {
        if (word_at(a + i) != word_at(b + i)) return 0;
    }
    return word_at(a + len - 8) == word_at(b + len - 8);
}

/// FNV-1a. Only for names that did not come where they were expected.
static uint32_t hash(const char *text, size_t len) {
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < len; i++) h = (h ^ (nj_byte)text[i]) * 16777619u;
    return h;
}

/// The slot of a name, or the empty one where it would be.
static int16_t *slot_of(const nj_reader *r, const char *text, size_t len) {
    const uint32_t mask = 2 * NJ_READER_NAMES - 1;
    uint32_t i = hash(text, len) & mask;
    for (;; i = (i + 1) & mask) {
        const int16_t *slot = &r->slots[i];
        if (*slot < 0 || (r->names[*slot].len == len && memcmp(r->names[*slot].text, text, len) == 0)) return (int16_t *)slot;
    }
}

int nj_reader_find_name(const nj_reader *r, const char *text, size_t len) { return *slot_of(r, text, len); }

int nj_reader_add_name(nj_reader *r, const char *text, size_t len) {
    int16_t *slot = slot_of(r, text, len);
    if (*slot < 0) {
        nj_reader_name *name = &r->names[r->name_count];
        name->len = (uint8_t)len;
        memcpy(name->text, text, len);
        name->next[0] = name->next[1] = NJ_READER_NONE;
        *slot = (int16_t)r->name_count++;
    }
    return *slot;
}

/// If the key at the cursor is this name: steps behind its colon.
static inline int take_name(nj_cursor *c, const nj_reader_name *name) {
    if (c->end - c->p <= name->len + 3 || c->p[0] != '"' || c->p[1 + name->len] != '"' || c->p[2 + name->len] != ':') return 0;
    if (!same_bytes((const char *)c->p + 1, name->text, name->len)) return 0;
    c->p += name->len + 3;
    return 1;
}

/// A key that is not one of the expected ones. The name's number, none if nobody knows it, -2 on a fault.
static int look_up_name(nj_reader_pass *p, int16_t expected[2]) {
    nj_cursor *c = &p->c;
    nj_slice slice;
    char local[6 * NJ_READER_NAME_MAX];
    if (nj_text_key(c, &slice) != 0) return -2;
    const nj_byte *text = c->start + slice.key;
    size_t len = slice.key_len;
    if (len > sizeof local) return NJ_READER_NONE;
    if (slice.key_escaped) {
        len = (size_t)(nj_text_unescape(text, text + len, local) - local);
        text = (const nj_byte *)local;
    }
    int found = nj_reader_find_name(p->reader, (const char *)text, len);
    if (found >= 0) {
        expected[1] = expected[0];
        expected[0] = (int16_t)found;
    }
    return found;
}

/// Reads a key up to its value. Most messages have their members in the order of the message before, or of another one of
/// their kind: then the expected name is compared, and nothing else is looked at.
static int read_name(nj_reader_pass *p, int16_t expected[2]) {
    nj_cursor *c = &p->c;
    const nj_reader_name *names = p->reader->names;
    int name = expected[0];
    if (name < 0 || !take_name(c, &names[name])) {
        name = expected[1];
        if (name < 0 || !take_name(c, &names[name])) return look_up_name(p, expected);
        expected[1] = expected[0];
        expected[0] = (int16_t)name;
    }
    nj_text_space(c);
    return c->p == c->end ? (nj_text_fault(c, NJ_ESYNTAX, "value expected"), -2) : name;
}

const char *nj_reader_content(const nj_reader_pass *p, const nj_reader_value *m, char *local, size_t room, size_t *len) {
    if (m->type != NJ_JSON_STRING) return NULL;
    const nj_byte *begin = p->c.start + m->value + 1;
    *len = m->len - 2;
    if (!m->escaped) return (const char *)begin;
    if (*len > room) return NULL;
    *len = (size_t)(nj_text_unescape(begin, begin + *len, local) - local);
    return local;
}

static void look_at_envelope(nj_reader_pass *p, const nj_reader_value *m) {
    char local[6 * NJ_READER_NAME_MAX];
    for (int i = 0; i < p->reader->envelope_count; i++) {
        const nj_reader_member *wanted = &p->reader->envelope[i];
        if (wanted->name != m->name) continue;
        size_t len;
        const char *text = nj_reader_content(p, m, local, sizeof local, &len);
        p->met &= ~((uint32_t)1 << i);
        if (text != NULL && len == wanted->len && memcmp(text, wanted->text, len) == 0) p->met |= (uint32_t)1 << i;
    }
}

static int read_value(nj_reader_pass *p, nj_reader_value *m) {
    nj_slice slice;
    if (nj_text_value(&p->c, &slice) != 0) return -1;
    m->value = slice.value;
    m->len = slice.value_len;
    m->type = slice.type;
    m->escaped = slice.value_escaped;
    return 0;
}

static int read_object(nj_reader_pass *p, int top);

/// Reads one member of the object; `m` is where to. 0 or -1.
static int read_member(nj_reader_pass *p, int top, int keep, nj_reader_value *m, int16_t **expected) {
    nj_reader *r = p->reader;
    int name = read_name(p, *expected);
    if (name < NJ_READER_NONE) return -1;
    m->name = (int16_t)name;
    if (name >= 0) *expected = r->names[name].next;
    if (top && name >= 0 && name == r->within) {
        // The last of equal members counts.
        p->count = -1;
        if (*p->c.p == '{') return read_object(p, 0);
    }
    if (read_value(p, m) != 0) return -1;
    if (top && name >= 0) look_at_envelope(p, m);
    if (keep && name == r->kind_name) p->kind = (int)(m - p->members);
    return 0;
}

/// Takes the members of the object at the cursor: the message (`top`), or the record within it. 0 or -1.
static int read_object(nj_reader_pass *p, int top) {
    nj_cursor *c = &p->c;
    nj_reader *r = p->reader;
    int keep = !top || r->within < 0, count = 0;
    uint32_t begin = (uint32_t)(c->p - c->start);
    int16_t *expected = r->first[top];
    nj_reader_value spare;
    if (c->depth-- == 0) return nj_text_fault(c, NJ_EDEPTH, "nested too deep");
    if (keep) p->kind = NJ_READER_NONE;
    c->p++;
    nj_text_space(c);
    if (c->p == c->end || *c->p != '}') {
        for (;;) {
            int stored = keep && count < NJ_READER_MEMBERS;
            if (read_member(p, top, stored, stored ? &p->members[count] : &spare, &expected) != 0) return -1;
            count++;
            nj_text_space(c);
            if (c->p == c->end) return nj_text_fault(c, NJ_ESYNTAX, "unfinished array or object");
            if (*c->p == '}') break;
            if (*c->p != ',') return nj_text_fault(c, NJ_ESYNTAX, "',' or closing bracket expected");
            c->p++;
            nj_text_space(c);
        }
    }
    c->p++;
    c->depth++;
    if (keep) {
        p->count = count;
        p->object = begin;
        p->object_len = (uint32_t)(c->p - c->start) - begin;
    }
    return 0;
}

int nj_reader_scan(nj_reader_pass *p, const char *text, size_t len, const nj_json_limits *limits) {
    nj_cursor *c = &p->c;
    const nj_byte *start = (const nj_byte *)text;
    *c = (nj_cursor){.start = start, .p = start, .end = start + len, .depth = limits ? limits->depth : NJ_JSON_DEPTH};
    if (c->depth > NJ_DEPTH_MAX) c->depth = NJ_DEPTH_MAX;
    p->met = 0;
    p->count = -1;
    if (len > (limits ? limits->bytes : NJ_JSON_BYTES)) return nj_text_fault(c, NJ_ESIZE, "text too large");
    nj_text_space(c);
    int other = c->p == c->end || *c->p != '{';
    if ((other ? nj_text_skip(c) : read_object(p, 1)) != 0) return -1;
    nj_text_space(c);
    if (c->p != c->end) return nj_text_fault(c, NJ_ESYNTAX, "text after the value");
    return other;
}
