/* Reads a table of properties as declarations of its struct tables; include the table next, then
 * table_undef.h. */
#define OBJECT(type) extern const struct table spec_##type##_table;
#define BOOLEAN(type, member, key, need)
#define INTEGER(type, member, key, need, low, high)
#define UNSIGNED(type, member, key, need, low, high)
#define STRING(type, member, key, need)
#define WORD(type, member, key, need, set)
#define CHILD(type, member, key, need, child)
#define STRINGS(type, member, key, need)
#define UNSIGNEDS(type, member, key, need, low, high)
#define WORDS(type, member, key, need, set)
#define CHILDREN(type, member, key, need, child)
#define STRINGMAP(type, member, key, need)
#define CHILDMAP(type, member, key, need, child)
#define END(type)
