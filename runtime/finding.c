/* Findings are gathered before they are printed: a table's columns are as wide as their widest
 * cells. */
#include "runtime/finding.h"

#include <stdio.h>
#include <string.h>

#include "nsexec/cleanup.h"
#include "runtime/columns.h"

static const struct {
	const char *word;
	enum shade shade;
} severities[] = {
	[SEVERITY_GOOD] = {"ok", SHADE_GOOD},
	[SEVERITY_WARNING] = {"warning", SHADE_NOTICE},
	[SEVERITY_ERROR] = {"error", SHADE_BAD},
};

static const char *text_keep(struct findings *findings, const char *text)
{
	return text ? arena_copy(&findings->arena, text, strlen(text)) : NULL;
}

void finding_add(struct findings *findings, enum severity severity, const char *place,
	const char *text, const char *hint)
{
	if (findings->count == findings->room) {
		uint32_t room = findings->room ? 2 * findings->room : 16;
		struct finding *items = arena_alloc(&findings->arena, room * sizeof(*items));

		if (!items)
			return;
		if (findings->count)
			memcpy(items, findings->items, findings->count * sizeof(*items));
		findings->items = items;
		findings->room = room;
	}
	findings->items[findings->count++] = (struct finding){
		.severity = severity,
		.place = text_keep(findings, place),
		.text = text_keep(findings, text),
		.hint = hint && *hint ? text_keep(findings, hint) : NULL,
	};
}

uint32_t findings_count(const struct findings *findings, enum severity severity)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < findings->count; i++)
		count += findings->items[i].severity == severity;
	return count;
}

static void table_print(struct findings *findings)
{
	static const char *const headings[] = {"RESULT", "PLACE", "FOUND"};
	struct columns columns;

	columns_begin(&columns, &findings->arena, headings, array_size(headings));
	for (uint32_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];

		columns_add(&columns,
			(const char *const[]){
				severities[finding->severity].word,
				finding->place,
				arena_format(&findings->arena, "%s%s%s", finding->text,
					finding->hint ? "; " : "",
					finding->hint ? finding->hint : ""),
			});
		columns_shade(&columns, 0, severities[finding->severity].shade);
	}
	columns_print(&columns);
}

static int json_print(struct findings *findings, const char *schema, struct error *err)
{
	struct json_writer writer;
	const char *text;

	json_begin(&writer, &findings->arena, 0);
	json_object(&writer);
	json_member_string(&writer, "schema", schema);
	json_key(&writer, "findings");
	json_array(&writer);
	for (uint32_t i = 0; i < findings->count; i++) {
		const struct finding *finding = &findings->items[i];

		json_object(&writer);
		json_member_string(&writer, "severity", severities[finding->severity].word);
		json_member_string(&writer, "place", finding->place);
		json_member_string(&writer, "text", finding->text);
		json_member_string(&writer, "hint", finding->hint);
		json_object_end(&writer);
	}
	json_array_end(&writer);
	json_object_end(&writer);
	text = json_finish(&writer, NULL, err);
	if (text)
		puts(text);
	return text ? 0 : -err->number;
}

int findings_print(struct findings *findings, const char *schema, bool json, struct error *err)
{
	if (json)
		return json_print(findings, schema, err);
	table_print(findings);
	return 0;
}
