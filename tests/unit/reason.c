// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>

#include "tap.h"
#include "util/reason.h"

int main(void)
{
	struct reason why;
	char longer[sizeof(why.text) + 100];

	is_int(fail(&why, ENODEV, "no %s here: %d", "device", 7), -ENODEV, "fail() returns -errno");
	is_str(why.text, "no device here: 7", "text");
	is_int(fail_errno(&why, ENOENT, "open %s", "/x"), -ENOENT, "fail_errno() returns -errno");
	is_str(why.text, "open /x: No such file or directory", "text with that of the error");

	memset(longer, 'a', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	fail(&why, EIO, "%s", longer);
	is_int((int64_t)strlen(why.text), sizeof(why.text) - 1, "a long text is cut");
	fail_errno(&why, EIO, "%s", longer);
	is_int((int64_t)strlen(why.text), sizeof(why.text) - 1, "with no room for the error, too");
	longer[sizeof(why.text) - 4] = '\0';
	fail_errno(&why, EIO, "%s", longer);
	is_int((int64_t)strlen(why.text), sizeof(why.text) - 1, "cut within the error");
	return done_testing();
}
