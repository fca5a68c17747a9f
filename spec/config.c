/* The rows of config.def as tables. Everything that is done with a configuration reads these. */
#include "spec/config.h"

#include "spec/names.h"

#include "spec/table_rows.h"

#include "spec/config.def"

#include "spec/table_undef.h"
