/* Decimal numbers, by hand: stdio would make the image four times as large. */
#include "nsexec/gate.h"

size_t number_write(char digits[NUMBER_SIZE], uint64_t number)
{
	char reversed[NUMBER_SIZE];
	size_t length = 0;

	do
		reversed[length++] = (char)('0' + number % 10);
	while ((number /= 10) != 0);
	for (size_t i = 0; i < length; i++)
		digits[i] = reversed[length - 1 - i];
	digits[length] = '\0';
	return length;
}

int64_t number_read(const char *digits, size_t length, int64_t limit)
{
	int64_t number = 0;

	if (length == 0)
		return -1;
	for (size_t i = 0; i < length; i++) {
		if (digits[i] < '0' || digits[i] > '9')
			return -1;
		number = number * 10 + (digits[i] - '0');
		if (number > limit)
			return -1;
	}
	return number;
}
