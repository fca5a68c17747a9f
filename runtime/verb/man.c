/*
 * man: the manual pages, in roff, from the rows that the parser reads. `make man` writes them all:
 * mydocker(8), and one for each command.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/verb/verbs.h"
#include "spec/error.h"

/* A hyphen that somebody may copy is a minus in roff; a line may not begin with a point. */
static void roff_print(const char *text)
{
	for (; *text; text++)
		if (*text == '-')
			fputs("\\-", stdout);
		else if (*text == '\\')
			fputs("\\e", stdout);
		else if (*text == '\'')
			fputs("\\(aq", stdout);
		else
			putchar(*text);
}

static void heading_print(const char *page, const char *summary)
{
	printf(".TH \"");
	for (const char *at = page; *at; at++)
		putchar(*at >= 'a' && *at <= 'z' ? *at - 'a' + 'A' : *at);
	printf("\" 8 \"\" \"mydocker %s\"\n.SH NAME\n", MYDOCKER_VERSION);
	roff_print(page);
	printf(" \\- ");
	roff_print(summary);
	printf("\n.SH SYNOPSIS\n");
}

static void options_print(uint64_t scope)
{
	printf(".SH OPTIONS\n");
	for (int id = 0; id < OPTIONS; id++) {
		const struct option_row *row = &option_rows[id];

		if (!(row->scope & scope))
			continue;
		printf(".TP\n\\fB");
		if (row->letter)
			printf("\\-%c\\fR, \\fB", row->letter);
		printf("\\-\\-");
		roff_print(row->name);
		printf("\\fR");
		if (row->argument) {
			printf(" \\fI");
			roff_print(row->argument);
			printf("\\fR");
		}
		putchar('\n');
		roff_print(row->help);
		putchar('\n');
	}
}

/* Printed for every command, since any may fail. */
static void status_print(void)
{
	printf(".SH EXIT STATUS\n0 for success, 1 for an error. \\fBrun\\fR, \\fBexec\\fR, and "
	       "\\fBwait\\fR of one\ncontainer pass on the program's own status, or 128 and the "
	       "number of the signal\nthat ended it; \\fBexec\\fR gives 255 when it is itself what "
	       "failed.\n\\fBverify\\fR, \\fBdoctor\\fR and \\fBgc\\fR give 1 when they have "
	       "found an error; \\fBcheck\\fR gives 2 then,\nand 1 for a warning with "
	       "\\fB\\-\\-strict\\fR.\n");
}

static void page_print(void)
{
	heading_print("mydocker", "creates and runs containers from OCI bundles");
	printf(".B mydocker\n[OPTION...] COMMAND [OPTION...] [ARGUMENT...]\n");
	options_print(OPTION_GLOBAL);
	printf(".SH COMMANDS\n");
	for (int verb = 0; verb < VERBS; verb++) {
		printf(".TP\n\\fBmydocker\\-%s\\fR(8)\n", verb_rows[verb].name);
		roff_print(verb_rows[verb].summary);
		putchar('\n');
	}
	status_print();
	printf(".SH ERRORS\nWith \\fB\\-\\-log\\-format json\\fR an error has one of these "
	       "codes; \\fBmydocker explain\\fR tells the same.\n");
	for (int code = ERROR_NONE + 1; code < ERROR_CODES; code++) {
		printf(".TP\n%s\n", error_code_name(code));
		roff_print(error_code_meaning(code));
		printf(". ");
		roff_print(error_code_advice(code));
		putchar('\n');
	}
}

static void verb_page_print(int verb)
{
	const struct verb_row *row = &verb_rows[verb];
	char page[64];

	snprintf(page, sizeof(page), "mydocker-%s", row->name);
	heading_print(page, row->summary);
	printf(".B mydocker %s\n[OPTION...] ", row->name);
	roff_print(row->positional);
	putchar('\n');
	options_print(OPTION_OF(verb));
	status_print();
	printf(".SH SEE ALSO\n.BR mydocker (8)\n");
}

int verb_man(const struct command *command, struct error *err)
{
	if (command->argc == 0) {
		page_print();
		return 0;
	}
	for (int verb = 0; verb < VERBS; verb++)
		if (strcmp(command->argv[0], verb_rows[verb].name) == 0) {
			verb_page_print(verb);
			return 0;
		}
	return error_set(err, ERROR_USAGE, EINVAL, "unknown command \"%s\"", command->argv[0]);
}
