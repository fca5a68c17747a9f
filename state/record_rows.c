/* The tables of record.def, by which record.c and the tests read and write the record. */
#include "spec/names.h"
#include "state/record.h"

#include "spec/table_rows.h"

#include "state/record.def"

#include "spec/table_undef.h"
