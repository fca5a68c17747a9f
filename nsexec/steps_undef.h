/* Ends one reading of steps.def; read more than once, on purpose. */
#undef STEP
#undef TEXT
#undef LIST
#undef NUMBER
#undef BITS
#undef SLOT
#undef BYTES
#undef END
