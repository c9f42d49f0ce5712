/*
 * cpuid.c - see cpuid.h.
 */
#include "engine/config/hardware/cpuid.h"

#include <stdlib.h>
#include <string.h>

#include "engine/config/hardware/cpuid_names.h"

#define BITS 32

struct cpuid_reader {
    struct cpuid_leaf *leaves;
    size_t n;
};

/* The register's 32 characters; NULL: there are too many leaves. */
static char *
cpuid_register(struct cpuid_reader *r, uint32_t leaf, uint32_t subleaf,
               unsigned reg)
{
    struct cpuid_leaf *l;
    size_t i;

    for (i = 0; i < r->n; i++)
        if (r->leaves[i].leaf == leaf && r->leaves[i].subleaf == subleaf)
            break;
    if (i == CPUID_LEAVES_MAX)
        return NULL;
    l = &r->leaves[i];
    if (i == r->n) {
        *l = (struct cpuid_leaf){ .leaf = leaf, .subleaf = subleaf };
        r->n++;
    }
    if (l->reg[reg][0] == '\0')
        memset(l->reg[reg], 'x', BITS);
    return l->reg[reg];
}

/* --- "host,NAME=VALUE,..." */

/* The lowest n bits of v at bit. */
static void
cpuid_put(char *reg, unsigned bit, unsigned n, uint64_t v)
{
    unsigned i;

    for (i = 0; i < n; i++)
        reg[BITS - 1 - bit - i] = (v >> i & 1) != 0 ? '1' : '0';
}

/* Family and model have parts in two places of the register. */
static void
cpuid_put_number(const struct cpuid_name *f, char *reg, uint64_t v)
{
    if (strcmp(f->name, "family") == 0) {
        cpuid_put(reg, 8, 4, v < 15 ? v : 15);
        cpuid_put(reg, 20, 8, v < 15 ? 0 : v - 15);
    } else if (strcmp(f->name, "model") == 0) {
        cpuid_put(reg, 4, 4, v);
        cpuid_put(reg, 16, 4, v >> 4);
    } else {
        cpuid_put(reg, f->bit, f->n_bits, v);
    }
}

static bool
cpuid_value(const struct cpuid_name *f, const char *text, size_t n, char *reg)
{
    char word[20], *end;
    uint64_t v;

    if (n == 0 || n >= sizeof(word))
        return false;
    memcpy(word, text, n);
    word[n] = '\0';
    if (n == 1 && strchr("xks", word[0]) != NULL) {
        memset(reg + BITS - f->bit - f->n_bits, word[0], f->n_bits);
        return true;
    }
    v = strtoull(word, &end, 0);
    if (end == word || *end != '\0' || v >> f->n_bits != 0)
        return false;
    cpuid_put_number(f, reg, v);
    return true;
}

static bool
cpuid_take_names(struct cpuid_reader *r, const char *p)
{
    const struct cpuid_name *f;
    size_t n;
    char *reg;

    while (*p == ',') {
        n = strcspn(++p, "=,");
        f = cpuid_name_find(p, n);
        if (f == NULL || p[n] != '=')
            return false;
        p += n + 1;
        n = strcspn(p, ",");
        reg = cpuid_register(r, f->leaf, f->subleaf, f->reg);
        if (reg == NULL || !cpuid_value(f, p, n, reg))
            return false;
        p += n;
    }
    return *p == '\0';
}

/* --- "LEAF:REGISTERS" or "LEAF,SUBLEAF:REGISTERS" */

static bool
cpuid_number(const char *text, char after, const char **end_out, uint32_t *out)
{
    unsigned long long v;
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    v = strtoull(text, &end, 0);
    if (v >= UINT32_MAX || *end != after)
        return false;
    *out = (uint32_t)v;
    *end_out = end + 1;
    return true;
}

/* "eax=" and 32 bits; an 'x' leaves what an earlier text said. */
static bool
cpuid_take_register(struct cpuid_reader *r, const struct cpuid_leaf *at,
                    const char *p, size_t n)
{
    char *reg;
    size_t i;

    if (n != 4 + BITS || p[0] != 'e' || p[1] < 'a' || p[1] > 'd' ||
        p[2] != 'x' || p[3] != '=' || strspn(p + 4, "01xks") < BITS)
        return false;
    reg = cpuid_register(r, at->leaf, at->subleaf, (unsigned)(p[1] - 'a'));
    if (reg == NULL)
        return false;
    for (i = 0; i < BITS; i++)
        if (p[4 + i] != 'x')
            reg[i] = p[4 + i];
    return true;
}

static bool
cpuid_take_leaf(struct cpuid_reader *r, const char *text)
{
    struct cpuid_leaf at = { .subleaf = CPUID_NO_SUBLEAF };
    const char *p;
    size_t n;

    if (!cpuid_number(text, ':', &p, &at.leaf) &&
        (!cpuid_number(text, ',', &p, &at.leaf) ||
         !cpuid_number(p, ':', &p, &at.subleaf)))
        return false;
    for (p--; *p != '\0'; p += n) {
        n = strcspn(++p, ",");
        if (!cpuid_take_register(r, &at, p, n))
            return false;
    }
    return true;
}

size_t
cpuid_add(const char *text, struct cpuid_leaf out[CPUID_LEAVES_MAX], size_t n)
{
    struct cpuid_reader r = { out, n };
    bool ok;

    if (strncmp(text, "host", 4) == 0)
        ok = cpuid_take_names(&r, text + 4);
    else
        ok = cpuid_take_leaf(&r, text);
    return ok ? r.n : SIZE_MAX;
}

const char *
cpuid_reg_name(unsigned reg)
{
    static const char *const names[] = { "eax", "ebx", "ecx", "edx" };

    return names[reg];
}

bool
cpuid_text_ok(const char *text)
{
    struct cpuid_leaf leaves[CPUID_LEAVES_MAX];

    return cpuid_add(text, leaves, 0) != SIZE_MAX;
}
