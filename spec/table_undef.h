/* Ends one reading of a table of properties; read more than once, on purpose. */
#undef OBJECT
#undef BOOLEAN
#undef INTEGER
#undef UNSIGNED
#undef STRING
#undef WORD
#undef CHILD
#undef STRINGS
#undef UNSIGNEDS
#undef WORDS
#undef CHILDREN
#undef STRINGMAP
#undef CHILDMAP
#undef END
