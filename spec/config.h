/*
 * struct spec_config: a config.json, decoded. The structures come from config.def, which is where
 * to read what they hold. Everything lives in the arena of the decoder (spec/arena.h): nothing is
 * freed by itself.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "spec/table.h"

#include "spec/table_types.h"

#include "spec/config.def"

#include "spec/table_undef.h"

/* spec_<type>_table for each object: its rows. */
#include "spec/table_externs.h"

#include "spec/config.def"

#include "spec/table_undef.h"
