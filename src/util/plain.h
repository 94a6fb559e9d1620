/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef THPIN_UTIL_PLAIN_H
#define THPIN_UTIL_PLAIN_H

/*
 * @c, or '?' for a control character: no name of a file or process can break a line or
 * play with a terminal.
 */
static inline char plain(char c)
{
	return (unsigned char)c < ' ' || c == 0x7f ? '?' : c;
}

#endif
