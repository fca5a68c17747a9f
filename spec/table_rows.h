/*
 * Reads a table of properties as the rows of its struct tables. In the one .c file that defines them:
 *
 *	#include "spec/table_rows.h"
 *	#include "spec/config.def"
 *	#include "spec/table_undef.h"
 */
