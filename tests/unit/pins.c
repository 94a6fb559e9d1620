// SPDX-License-Identifier: GPL-2.0-or-later
/* What is said of pins. */
#include "pins/pins.h"
#include "tap.h"

int main(void)
{
	static const struct pin_ops ops = { .held_by = "vmsplice into a pipe" };
	unsigned char sample[512] = { [3] = 1, [511] = 1 };
	struct pin pin = { .ops = &ops };
	char text[96], cut[8];

	is_str(pin_taken(&pin, PIN_CLASS_GET, 2 << 20, text, sizeof(text)),
	       "pins 2 MiB (vmsplice into a pipe)", "a pin");
	is_str(pin_taken(&pin, PIN_CLASS_ODP, 4096, text, sizeof(text)),
	       "registers 4 KiB (vmsplice into a pipe)", "on-demand paging pins nothing");
	is_str(pin_taken(&pin, PIN_CLASS_PIN, 4096, cut, sizeof(cut)), "pins 4 ", "cut");
	is_str(pin_transfers(&pin, 512, text, sizeof(text)), "all 512 pages",
	       "all are transferred");
	is_str(pin_transfers(&pin, 1, text, sizeof(text)), "the page", "one");
	pin.sample = sample;
	is_str(pin_transfers(&pin, 512, text, sizeof(text)), "2 of 512 pages", "a sample");
	return done_testing();
}
