/*
 * Weights of v1 on the scale of v2. The curves need a logarithm and a power at a precision of one
 * part in ten thousand; two short series give that without libm, which a static image would carry
 * for this alone.
 */
#include "runtime/cgroup/weight.h"

/* log2 of x >= 1: the fraction bit by bit, by squaring. */
static double log2_of(double x)
{
	double result = 0, bit = 0.5;

	for (; x >= 2; x /= 2)
		result++;
	for (int i = 0; i < 48; i++, bit /= 2) {
		x *= x;
		if (x >= 2) {
			x /= 2;
			result += bit;
		}
	}
	return result;
}

/* e^x for x >= 0: the series on a part small enough, then squared back. */
static double exp_of(double x)
{
	double term = 1, sum = 1;

	for (int i = 1; i < 16; i++) {
		term *= x / 64 / i;
		sum += term;
	}
	for (int i = 0; i < 6; i++)
		sum *= sum;
	return sum;
}

uint64_t cgroup_weight_of_shares(uint64_t shares)
{
	double l, exact;

	if (shares <= 2)
		return 1;
	if (shares >= 262144)
		return 10000;
	l = log2_of((double)shares);
	exact = exp_of(((l * l + 125 * l) / 612 - 7.0 / 34) * 2.302585092994045684);
	return (uint64_t)(exact - 1e-6) + 1;
}

uint64_t cgroup_weight_of_blkio(uint64_t weight)
{
	return weight <= 10 ? 1 : 1 + (weight - 10) * 9999 / 990;
}
