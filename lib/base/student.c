#include "base/student.h"

#include <math.h>
#include <stdbool.h>

/* P(|T| <= t) for angle = atan(t / sqrt(freedom)). */
static double within_angle(double angle, size_t freedom) {
    const double pi = 3.14159265358979323846, c = cos(angle), s = sin(angle);
    const bool odd = freedom % 2 == 1;
    double term = odd ? c : 1, sum = freedom > 1 ? term : 0;
    for (size_t k = odd ? 3 : 2; k + 2 <= freedom; k += 2) {
        term *= c * c * (double)(k - 1) / (double)k;
        sum += term;
    }
    return odd ? 2 / pi * (angle + s * sum) : s * sum;
}

double qf_student_within(double t, size_t freedom) {
    return within_angle(atan(fabs(t) / sqrt((double)freedom)), freedom);
}

double qf_student_critical(double within, size_t freedom) {
    double low = 0, high = 1.57079632679489661923;
    for (int i = 0; i < 60; i++) {
        const double middle = (low + high) / 2;
        *(within_angle(middle, freedom) < within ? &low : &high) = middle;
    }
    return sqrt((double)freedom) * tan(low);
}
