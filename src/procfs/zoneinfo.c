// SPDX-License-Identifier: GPL-2.0-or-later
#include "procfs/zoneinfo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/io.h"

static int add(struct node_map *map, const struct node_range *range)
{
	if (!(map->count & (map->count - 1))) {
		struct node_range *more = reallocarray(map->ranges, map->count ? 2 * map->count : 1,
						       sizeof(*more));

		if (!more)
			return -ENOMEM;
		map->ranges = more;
	}
	map->single = !map->count || map->single == range->node ? range->node : -1;
	map->ranges[map->count++] = *range;
	return 0;
}

/* "  <key> <number>": the number, or -1 when the line is of something else. */
static int64_t number_of(const char *line, const char *key)
{
	size_t length = strlen(key);
	uint64_t value;
	char *end;

	line += strspn(line, " ");
	if (strncmp(line, key, length) || line[length] != ' ')
		return -1;
	line += length + strspn(line + length, " ");
	if (*line < '0' || *line > '9')
		return -1;
	errno = 0;
	value = strtoull(line, &end, 10);
	return errno || value > INT64_MAX || (*end && *end != '\n') ? -1 : (int64_t)value;
}

int zoneinfo_parse(const char *text, struct node_map *map)
{
	int node = -1, err = 0;
	int64_t spanned = 0;

	*map = (struct node_map){ .single = -1 };
	while (!err && *text) {
		const char *end = strchrnul(text, '\n');
		int64_t value;
		int number;

		if (sscanf(text, "Node %d, zone", &number) == 1) {
			node = number;
			spanned = 0;
		} else if ((value = number_of(text, "spanned")) >= 0) {
			spanned = value;
		} else if ((value = number_of(text, "start_pfn:")) >= 0 && spanned) {
			/* A zone without pages spans none. */
			struct node_range range = { (uint64_t)value,
						    (uint64_t)value + (uint64_t)spanned, node };

			err = node < 0 ? -EINVAL : add(map, &range);
			spanned = 0;
		}
		text = *end ? end + 1 : end;
	}
	if (!err && !map->count)
		err = -EINVAL;
	if (err)
		zoneinfo_free(map);
	return err;
}

int zoneinfo_read(struct node_map *map)
{
	char *text;
	int err = read_text("/proc/zoneinfo", &text, NULL);

	if (err)
		return err;
	err = zoneinfo_parse(text, map);
	free(text);
	return err;
}

void zoneinfo_free(struct node_map *map)
{
	free(map->ranges);
	*map = (struct node_map){ .single = -1 };
}

int zoneinfo_node(const struct node_map *map, uint64_t pfn)
{
	int node = -1;

	if (map->single >= 0)
		return map->single < NODES_MAX ? map->single : -1;
	for (size_t i = 0; pfn && i < map->count; i++) {
		const struct node_range *range = &map->ranges[i];

		if (pfn < range->start || pfn >= range->end)
			continue;
		if (range->node >= NODES_MAX || (node >= 0 && node != range->node))
			return -1;
		node = range->node;
	}
	return node;
}
