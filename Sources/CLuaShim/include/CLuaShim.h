/// Umbrella header: everything the shim offers to Swift.
#ifndef CLUASHIM_H
#define CLUASHIM_H

#include "nj_error.h"
#include "nj_buf.h"
#include "nj_json.h"
#include "nj_plain.h"
#include "nj_pattern.h"
#include "nj_random.h"
#include "nj_runtime.h"

#endif
