/*
 * move_tls.c - see move_tls.h.
 */
#include "engine/life/migrate/move_tls.h"

#include "engine/core/engine_options.h"
#include "engine/tls/tls_carrier.h"

static struct tls_files
tls_files_of(const struct engine *en)
{
    const struct engine_opts *o = engine_options(en);

    return (struct tls_files){ o->tls_certificate, o->tls_key, o->tls_ca,
                               o->tls_crl };
}

int
move_tls_check(const struct engine *en, struct err *e)
{
    const struct tls_files f = tls_files_of(en);

    if (f.certificate != NULL && f.key != NULL && f.ca != NULL)
        return 0;
    return err_set(
        e, ERR_UNSUPPORTED,
        "migrate: this engine has no certificate: see tls_certificate "
        "in xendeck.conf(5)");
}

static int
run_carrier(struct engine *en, struct tls_args *a, int fd,
            struct dom0_transport *t, struct err *e)
{
    const struct dom0_carrier c = { .program = engine_options(en)->helper_exe,
                                    .argv = a->argv,
                                    .fd = fd };

    return dom0_transport_run(engine_dom0(en), &c, t, e);
}

int
move_tls_call(struct engine *en, const char *place, struct dom0_transport *t,
              struct err *e)
{
    const struct tls_files f = tls_files_of(en);
    struct tls_place p;
    struct tls_args a;

    if (tls_place_parse(place, &p, e) < 0 || move_tls_check(en, e) < 0)
        return -1;
    tls_args_call(&a, &f, &p);
    return run_carrier(en, &a, -1, t, e);
}

int
move_tls_serve(struct engine *en, int fd, struct dom0_transport *t,
               struct err *e)
{
    const struct tls_files f = tls_files_of(en);
    struct tls_args a;

    tls_args_serve(&a, &f, engine_options(en)->migrate_allow);
    return run_carrier(en, &a, fd, t, e);
}
