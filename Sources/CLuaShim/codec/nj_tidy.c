#include "nj_tidy.h"

#include "nj_text.h"

static const char replacement[] = "\xEF\xBF\xBD";

int nj_append_tidy(nj_buf *out, const char *text, size_t len, size_t max) {
    const nj_byte *p = (const nj_byte *)text, *end = p + len;
    size_t limit = out->len + max;
    while (p < end) {
        const nj_byte *run = p;
        size_t n = 1;
        // Whole characters, as far as they fit.
        while (run < end && (n = *run < 0x80 ? 1 : nj_utf8_sequence(run, end)) > 0 && out->len + (size_t)(run - p) + n <= limit) run += n;
        if (run > p && nj_buf_append(out, p, (size_t)(run - p)) != 0) return -1;
        p = run;
        if (p == end) return 0;
        if (n > 0 || out->len + sizeof replacement - 1 > limit) return nj_buf_append(out, "...", 3);
        if (nj_buf_append(out, replacement, sizeof replacement - 1) != 0) return -1;
        p++;
    }
    return 0;
}
