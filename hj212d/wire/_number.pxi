# Decimal numbers in C, part of _plain.pyx. A mantissa up to 2**53 and a power of ten up to 10**22
# are exact doubles, so that one multiplication or division rounds as float() does; other numbers
# are float()'s own work. Tests: tests/wire/test_plain.py.

cdef double[23] TENS
for _exponent in range(23):
    TENS[_exponent] = float(10**_exponent)


cdef bint _number_by_python(const unsigned char *text, int size, double *value) noexcept with gil:
    try:
        value[0] = float(text[:size])
    except ValueError:
        return False
    return isfinite(value[0])


cdef inline bint _is_space(unsigned char byte) noexcept nogil:
    return byte == c' ' or 9 <= byte <= 13


cdef bint number(const unsigned char *text, int size, double *value) noexcept nogil:
    cdef const unsigned char *at = text
    cdef const unsigned char *end = text + size
    cdef const unsigned char *first
    cdef uint64_t mantissa = 0
    cdef int digits = 0, scale = 0, exponent = 0
    cdef bint negative = False, negative_exponent = False
    while at < end and _is_space(at[0]):
        at += 1
    while end > at and _is_space((end - 1)[0]):
        end -= 1
    first = at
    if at < end and (at[0] == c'-' or at[0] == c'+'):
        negative = at[0] == c'-'
        at += 1
    while at < end and _is_digit(at[0]):
        mantissa = mantissa * 10 + (at[0] - c'0')
        digits += 1
        at += 1
    if at < end and at[0] == c'.':
        at += 1
        while at < end and _is_digit(at[0]):
            mantissa = mantissa * 10 + (at[0] - c'0')
            digits += 1
            scale += 1
            at += 1
    if not digits:
        return False
    if at < end and (at[0] == c'e' or at[0] == c'E'):
        at += 1
        if at < end and (at[0] == c'-' or at[0] == c'+'):
            negative_exponent = at[0] == c'-'
            at += 1
        if at == end:
            return False
        while at < end and _is_digit(at[0]):
            if exponent < 10000:
                exponent = exponent * 10 + (at[0] - c'0')
            at += 1
    if at != end:
        return False
    exponent = (-exponent if negative_exponent else exponent) - scale
    if digits > 19 or mantissa > <uint64_t>1 << 53 or not -22 <= exponent <= 22:
        return _number_by_python(first, <int>(end - first), value)
    if exponent < 0:
        value[0] = <double>mantissa / TENS[-exponent]
    else:
        value[0] = <double>mantissa * TENS[exponent]
    if negative:
        value[0] = -value[0]
    return True
