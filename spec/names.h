/*
 * The words that the specification enumerates, each named once (names.def) with the kernel's value
 * for it. `features`, the decoder, the suggestions for misspelt words and the completion all read
 * these sets.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct name {
	const char *word;
	int64_t value;
};

struct name_set {
	const char *title; /* "namespace type": for "invalid namespace type ..." */
	size_t count;
	const struct name *names;
};

/* names_<set>, one per SET of names.def. */
#define SET(set, title) extern const struct name_set names_##set;
#define NAME(set, word, value)
#define END_SET(set)
#include "spec/names.def"
#undef SET
#undef NAME
#undef END_SET

/* The entry for a word (exact case), or NULL. */
const struct name *names_find(const struct name_set *set, const char *word);

/* The first word with this value, or NULL. */
const char *names_word(const struct name_set *set, int64_t value);

/* The word of the set nearest to a misspelt one (edit distance, case ignored), or NULL when none is
 * near. */
const char *names_nearest(const struct name_set *set, const char *word);

/*
 * The number of a signal as a person writes it: TERM, SIGTERM, 15, RTMIN+3, SIGRTMAX-1, in any
 * case. 0 to 64; 0 only asks whether the process is there. Returns 0, or -EINVAL for anything else.
 */
int signal_parse(const char *word, int *number);

/* The mount options: more columns than a name has (mount_options.def). */
enum mount_option_kind {
	MOUNT_OPTION_NOTHING,     /* "defaults" */
	MOUNT_OPTION_SUPERBLOCK,  /* MS_* of the filesystem */
	MOUNT_OPTION_ATTRIBUTE,   /* MOUNT_ATTR_* of this mount */
	MOUNT_OPTION_RECURSIVE,   /* MOUNT_ATTR_* of the whole subtree */
	MOUNT_OPTION_PROPAGATION, /* MS_SHARED ... with or without MS_REC */
	MOUNT_OPTION_EXTRA,       /* PLAN_MOUNT_*: bind, rbind, remount, tmpcopyup, ... */
	MOUNT_OPTION_IDMAP,       /* set: PLAN_MOUNT_IDMAP_RECURSIVE or nothing */
};

struct mount_option {
	const char *word;
	enum mount_option_kind kind;
	uint64_t set;   /* bits that the word sets */
	uint64_t clear; /* bits that the word clears (before set) */
	uint64_t ms;    /* the MS_* bit that it is about, for mount(2) */
	bool listed;    /* part of `features` mountOptions */
	uint8_t length; /* of the word */
};

extern const struct mount_option mount_options[];
extern const size_t mount_option_count;

/* The row for a word, or NULL: then it is data for the filesystem. */
const struct mount_option *mount_option_find(const char *word);
