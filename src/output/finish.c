// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <unistd.h>

#include "output/output.h"

int output_finish(FILE *stream)
{
	int copy;

	/* What failed earlier has been told by ferror() only: its errno is gone. */
	if (ferror(stream))
		return fflush(stream) && errno ? -errno : -EIO;
	if (fflush(stream))
		return -errno;

	/*
	 * Some file systems report a full disk only at close(). Closing a copy
	 * asks the same question and leaves the stream usable.
	 */
	copy = dup(fileno(stream));
	if (copy < 0 || close(copy))
		return -errno;
	return 0;
}
