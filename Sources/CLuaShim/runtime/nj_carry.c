/// Values on their way over a reload: what can be carried, and a list of what cannot.
#include <stdlib.h>

#include "codec/nj_plain.h"
#include "nj_internal.h"

const nj_buf *nj_carry(nj_state *S, lua_State *L, const nj_plain_carry_options *options) {
    nj_buf_clear(&S->codec);
    if (S->offences == NULL) S->offences = malloc(sizeof *S->offences);
    if (S->offences == NULL) {
        lua_pop(L, 1);
        nj_failure_set(S, NJ_FAILURE_MEMORY, "memory", "out of memory");
        return NULL;
    }
    int code = nj_plain_carry(L, -1, &S->codec, options, S->offences);
    lua_pop(L, 1);
    if (code == NJ_OK) return &S->codec;
    nj_failure_set(S, NJ_FAILURE_MEMORY, "memory", "out of memory");
    return NULL;
}

int nj_carried_total(const nj_state *S) { return S->offences != NULL ? S->offences->total : 0; }

const nj_offence *nj_carried_offence(const nj_state *S, int index) {
    return S->offences != NULL && index < S->offences->count ? &S->offences->item[index] : NULL;
}
