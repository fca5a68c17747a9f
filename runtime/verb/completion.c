/*
 * completion: what a shell needs to complete our command line, written from the same rows as the
 * parser and the help. The scripts know nothing of their own: an option that is added is completed.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/verb/verbs.h"

static bool option_is_of(int id, uint64_t scope)
{
	return (option_rows[id].scope & scope) != 0;
}

/* Single quotes of a text in which there may be some. */
static void quoted_print(const char *text)
{
	putchar('\'');
	for (; *text; text++)
		if (*text == '\'')
			fputs("'\\''", stdout);
		else
			putchar(*text);
	putchar('\'');
}

static void words_print(uint64_t scope)
{
	for (int id = 0; id < OPTIONS; id++)
		if (option_is_of(id, scope))
			printf(" --%s", option_rows[id].name);
}

/* The patterns of the options of a scope whose value is a path. */
static void paths_print(uint64_t scope)
{
	for (int id = 0; id < OPTIONS; id++)
		if (option_is_of(id, scope) && option_rows[id].argument &&
			(strstr(option_rows[id].argument, "FILE") ||
				strstr(option_rows[id].argument, "DIR") ||
				strstr(option_rows[id].argument, "SOCKET")))
			printf("|--%s", option_rows[id].name);
}

static void values_print(uint64_t scope)
{
	for (int id = 0; id < OPTIONS; id++)
		if (option_is_of(id, scope) && option_rows[id].argument)
			printf("|--%s", option_rows[id].name);
}

enum { SHELLS = 3 };

static const struct shell {
	const char *name;
	void (*print)(void);
} shells[SHELLS];

/*
 * What a verb's arguments may be, as words; where they are containers, `asking`, which is the shell
 * asking for them. Nothing for an id that is still to be given, and for a file.
 */
static void candidates_print(int verb, const char *asking)
{
	const char *positional = verb_rows[verb].positional;
	const char *space = "";

	if (strcmp(positional, "[SHELL]") == 0)
		for (int i = 0; i < SHELLS; i++, space = " ")
			printf("%s%s", space, shells[i].name);
	else if (strcmp(positional, "[COMMAND]") == 0)
		for (int i = 0; i < VERBS; i++, space = " ")
			printf("%s%s", space, verb_rows[i].name);
	else if (strcmp(positional, "[CODE]") == 0)
		for (int i = ERROR_NONE + 1; i < ERROR_CODES; i++, space = " ")
			printf("%s%s", space, error_code_name(i));
	else if (strstr(positional, "ID") && verb != VERB_create && verb != VERB_run &&
		verb != VERB_restore)
		fputs(asking, stdout);
}

static bool takes_file(int verb)
{
	return strcmp(verb_rows[verb].positional, "FILE") == 0;
}

static void bash_options(uint64_t scope)
{
	fputs("\t\toptions='", stdout);
	words_print(scope);
	printf("'\n\t\tcase $previous in\n\t\tno-such-option");
	paths_print(scope);
	printf(") COMPREPLY=($(compgen -f -- \"$word\")); return ;;\n\t\tno-such-option");
	values_print(scope);
	printf(") return ;;\n\t\tesac\n");
}

static void bash_print(void)
{
	printf("# bash completion of mydocker\n_mydocker() {\n"
	       "\tlocal word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
	       "\tlocal options words= verb= globals=() i\n"
	       "\tCOMPREPLY=()\n"
	       "\tfor ((i = 1; i < COMP_CWORD; i++)); do\n"
	       "\t\tcase ${COMP_WORDS[i]} in\n\t\tno-such-option");
	values_print(OPTION_GLOBAL);
	printf(") globals+=(\"${COMP_WORDS[i]}\" \"${COMP_WORDS[i + 1]}\"); i=$((i + 1)) ;;\n"
	       "\t\t-*) ;;\n\t\t*) verb=${COMP_WORDS[i]}; break ;;\n\t\tesac\n\tdone\n"
	       "\tcase $verb in\n");
	printf("\t'')\n");
	bash_options(OPTION_GLOBAL);
	printf("\t\twords='");
	candidates_print(VERB_man, NULL);
	printf("'\n\t\t;;\n");
	for (int verb = 0; verb < VERBS; verb++) {
		printf("\t%s)\n", verb_rows[verb].name);
		bash_options(OPTION_OF(verb));
		printf("\t\twords=\"");
		candidates_print(
			verb, "$(\"${COMP_WORDS[0]}\" \"${globals[@]}\" list -q 2>/dev/null)");
		printf("\"\n\t\t;;\n");
	}
	printf("\tesac\n\tcase $word in\n"
	       "\t-*) COMPREPLY=($(compgen -W \"$options\" -- \"$word\")) ;;\n"
	       "\t*) COMPREPLY=($(compgen -W \"$words\" -- \"$word\")) ;;\n\tesac\n}\n"
	       "complete -o default -F _mydocker mydocker\n");
}

/* "--name[help]:ARGUMENT:_files" */
static void zsh_option(const struct option_row *row)
{
	printf(" \\\n\t\t'--%s[", row->name);
	for (const char *at = row->help; *at; at++)
		if (*at == '\'')
			fputs("'\\''", stdout);
		else if (*at == '[' || *at == ']' || *at == ':' || *at == '\\')
			printf("\\%c", *at);
		else
			putchar(*at);
	printf("]%s'", row->argument ? ":value:_files" : "");
}

static void zsh_print(void)
{
	printf("#compdef mydocker\n# zsh completion of mydocker\n"
	       "local -a verbs\nverbs=(\n");
	for (int verb = 0; verb < VERBS; verb++) {
		putchar('\t');
		printf("%s:", verb_rows[verb].name);
		quoted_print(verb_rows[verb].summary);
		putchar('\n');
	}
	printf(")\nlocal state line\n_arguments -C");
	for (int id = 0; id < OPTIONS; id++)
		if (option_is_of(id, OPTION_GLOBAL))
			zsh_option(&option_rows[id]);
	printf(" \\\n\t\t'1:command:->verb' '*::argument:->argument'\n"
	       "case $state in\nverb) _describe command verbs ;;\nargument)\n\tcase $line[1] in\n");
	for (int verb = 0; verb < VERBS; verb++) {
		printf("\t%s) _arguments", verb_rows[verb].name);
		for (int id = 0; id < OPTIONS; id++)
			if (option_is_of(id, OPTION_OF(verb)))
				zsh_option(&option_rows[id]);
		printf(" \\\n\t\t'*:argument:%s", takes_file(verb) ? "_files' ;;\n" : "(");
		if (takes_file(verb))
			continue;
		candidates_print(verb, "$(mydocker list -q 2>/dev/null)");
		printf(")' ;;\n");
	}
	printf("\tesac ;;\nesac\n");
}

static void fish_print(void)
{
	printf("# fish completion of mydocker\ncomplete -c mydocker -f\n");
	for (int verb = 0; verb < VERBS; verb++) {
		printf("complete -c mydocker -n __fish_use_subcommand -a %s -d ",
			verb_rows[verb].name);
		quoted_print(verb_rows[verb].summary);
		putchar('\n');
		printf("complete -c mydocker -n '__fish_seen_subcommand_from %s' %s",
			verb_rows[verb].name, takes_file(verb) ? "-F\n" : "-a '");
		if (takes_file(verb))
			continue;
		candidates_print(verb, "(mydocker list -q 2>/dev/null)");
		printf("'\n");
	}
	for (int verb = 0; verb <= VERBS; verb++)
		for (int id = 0; id < OPTIONS; id++) {
			if (!option_is_of(id, verb < VERBS ? OPTION_OF(verb) : OPTION_GLOBAL))
				continue;
			printf("complete -c mydocker -n '%s%s' -l %s%s -d ",
				verb < VERBS ? "__fish_seen_subcommand_from "
					     : "__fish_use_subcommand",
				verb < VERBS ? verb_rows[verb].name : "", option_rows[id].name,
				option_rows[id].argument ? " -r -F" : "");
			quoted_print(option_rows[id].help);
			putchar('\n');
		}
}

static const struct shell shells[SHELLS] = {
	{"bash", bash_print},
	{"zsh", zsh_print},
	{"fish", fish_print},
};

int verb_completion(const struct command *command, struct error *err)
{
	const char *shell = command->value[OPTION_shell];

	if ((shell != NULL) == (command->argc > 0))
		return error_set(
			err, ERROR_USAGE, EINVAL, "completion takes one shell: bash, zsh or fish");
	if (!shell)
		shell = command->argv[0];
	for (size_t i = 0; i < array_size(shells); i++)
		if (strcmp(shell, shells[i].name) == 0) {
			shells[i].print();
			return 0;
		}
	return error_set(
		err, ERROR_USAGE, EINVAL, "unknown shell \"%s\": it is bash, zsh or fish", shell);
}
