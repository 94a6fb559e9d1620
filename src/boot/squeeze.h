/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_BOOT_SQUEEZE_H
#define THPIN_BOOT_SQUEEZE_H

#include <stddef.h>

/*
 * The outputs of the subcommand as pieces of one deflate stream, each of which
 * can be undone as soon as it is there. An emulated serial line takes some
 * microseconds a byte, and the JSON of a whole run shrinks to a twentieth.
 * Without zlib the pieces are the bytes themselves; guest and host are the same
 * program.
 */
struct squeeze;

/* The most bytes of a piece, and of what comes of it. */
#define SQUEEZE_IN 16384
#define SQUEEZE_OUT (SQUEEZE_IN + 1024)

/* To squeeze (in the guest), or to undo that. NULL: no memory. */
struct squeeze *squeeze_new(void);
struct squeeze *unsqueeze_new(void);
void squeeze_free(struct squeeze *squeeze);
void unsqueeze_free(struct squeeze *squeeze);

/* Returns the size of what is written to @out, of SQUEEZE_OUT bytes. */
size_t squeeze(struct squeeze *squeeze, const void *data, size_t size, void *out);

/* The same, with @out of SQUEEZE_IN bytes. Returns 0, or -EBADMSG. */
int unsqueeze(struct squeeze *squeeze, const void *data, size_t size, void *out, size_t *out_size);

#endif
