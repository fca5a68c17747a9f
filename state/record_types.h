/* Generated from record.def, as spec/config.h is from config.def. */
#pragma once

#include "spec/table_types.h"

#include "state/record.def"

#include "spec/table_undef.h"

#include "spec/table_externs.h"

#include "state/record.def"

#include "spec/table_undef.h"
