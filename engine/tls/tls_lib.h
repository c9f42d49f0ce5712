/*
 * tls_lib.h - GnuTLS, as the process that carries bytes under TLS loads it:
 * with it linked in, each start of xendeck, and of its helpers, took a quarter
 * longer, for what hardly any of them needs.
 */
#ifndef XENDECK_ENGINE_TLS_LIB_H
#define XENDECK_ENGINE_TLS_LIB_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

#include "src/base/err.h"

/* The functions in use, without "gnutls_". */
#define TLS_LIB_FUNCTIONS(X)                                                   \
    X(alert_get)                                                               \
    X(alert_get_name)                                                          \
    X(alert_send)                                                              \
    X(alert_send_appropriate)                                                  \
    X(alpn_get_selected_protocol)                                              \
    X(alpn_set_protocols)                                                      \
    X(bye)                                                                     \
    X(certificate_allocate_credentials)                                        \
    X(certificate_free_credentials)                                            \
    X(certificate_get_peers)                                                   \
    X(certificate_send_x509_rdn_sequence)                                      \
    X(certificate_server_set_request)                                          \
    X(certificate_set_x509_crl)                                                \
    X(certificate_set_x509_key_file)                                           \
    X(certificate_set_x509_trust_file)                                         \
    X(certificate_verify_peers)                                                \
    X(credentials_set)                                                         \
    X(deinit)                                                                  \
    X(global_init)                                                             \
    X(handshake)                                                               \
    X(handshake_set_timeout)                                                   \
    X(init)                                                                    \
    X(priority_set_direct)                                                     \
    X(record_get_direction)                                                    \
    X(record_recv)                                                             \
    X(record_send)                                                             \
    X(server_name_set)                                                         \
    X(session_get_ptr)                                                         \
    X(session_set_ptr)                                                         \
    X(session_set_verify_function)                                             \
    X(strerror)                                                                \
    X(transport_set_int2)                                                      \
    X(x509_crl_deinit)                                                         \
    X(x509_crl_get_issuer_dn_by_oid)                                           \
    X(x509_crl_get_next_update)                                                \
    X(x509_crl_list_import2)                                                   \
    X(x509_crl_verify)                                                         \
    X(x509_crt_check_hostname)                                                 \
    X(x509_crt_check_hostname2)                                                \
    X(x509_crt_deinit)                                                         \
    X(x509_crt_get_activation_time)                                            \
    X(x509_crt_get_dn_by_oid)                                                  \
    X(x509_crt_get_expiration_time)                                            \
    X(x509_crt_get_fingerprint)                                                \
    X(x509_crt_get_subject_alt_name)                                           \
    X(x509_crt_import)                                                         \
    X(x509_crt_init)                                                           \
    X(x509_crt_list_import2)

/* Its functions, by their names in it; NULL until they are loaded. */
struct tls_lib {
#define TLS_LIB_MEMBER(name) __typeof__(gnutls_##name) *name;
    TLS_LIB_FUNCTIONS(TLS_LIB_MEMBER)
#undef TLS_LIB_MEMBER
};

extern struct tls_lib tls_lib;

/* Once, before any of them is called. */
int tls_lib_load(struct err *e);

#endif
