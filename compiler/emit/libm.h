// The functions of libm and libc that generated code calls.
#ifndef NC_EMIT_LIBM_H
#define NC_EMIT_LIBM_H

// A function's address by name; NULL if generated code may not call it.
void *nc_libm(const char *name);

#endif
