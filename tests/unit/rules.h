/* What the tests of the rules share: pieces of documents, and rows that say what becomes of one. */
#pragma once

#include "spec/spec.h"
#include "tests/unit/document.h"
#include "tests/unit/tap.h"

#define NS(type) "{\"type\":\"" type "\"}"
#define SPACES(...) "\"namespaces\":[" __VA_ARGS__ "]"
#define LINUX(...) "\"linux\":{" __VA_ARGS__ "}"
#define PROCESS(...) "\"process\":{\"cwd\":\"/\",\"args\":[\"sh\"]," __VA_ARGS__ "}"
#define MOUNT(...) "\"mounts\":[{\"destination\":\"/m\"," __VA_ARGS__ "}]"
#define RESOURCES(...) LINUX("\"resources\":{" __VA_ARGS__ "}")
#define SECCOMP(...) LINUX("\"seccomp\":{" __VA_ARGS__ "}")
#define MAP(a, b, n) "{\"containerID\":" a ",\"hostID\":" b ",\"size\":" n "}"
#define NODES(list) LINUX("\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"" list "\"}")
#define ARG "{\"index\":0,\"value\":1,\"op\":\"SCMP_CMP_EQ\"}"
#define ONE_MAP "[" MAP("0", "1000", "1") "]"

struct rule_row {
	const char *text;    /* the rest of a document */
	const char *pointer; /* NULL: kept */
	const char *message; /* part of it */
};

__attribute__((unused)) static int check(const char *text, struct spec *spec, struct error *err)
{
	*spec = (struct spec){0};
	error_clear(err);
	return spec_decode(spec, text, strlen(text), err);
}

static void rules_check_rows(const struct rule_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct spec spec;
		struct error err;
		char text[4096];
		int status;

		snprintf(text, sizeof(text),
			"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},%s}", rows[i].text);
		status = check(text, &spec, &err);
		if (rows[i].pointer == NULL)
			ok(status == 0, "kept: %s", rows[i].text);
		else
			ok(status < 0 && strcmp(err.pointer, rows[i].pointer) == 0 &&
					strstr(err.message, rows[i].message) != NULL,
				"broken: %s", rows[i].text);
		if ((status == 0) != (rows[i].pointer == NULL) ||
			(status < 0 && strcmp(err.pointer, rows[i].pointer) != 0))
			printf("# %s: %s\n", err.pointer, err.message);
		spec_free(&spec);
	}
}
