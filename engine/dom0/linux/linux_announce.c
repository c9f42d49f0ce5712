/*
 * linux_announce.c - an address is made known on a bridge, as its owner would:
 * one broadcast from its MAC, which leaves by every port. A switch learns the
 * way from it, and a neighbour the MAC of an IP. Without an IP it is a RARP
 * frame, as QEMU sends of a machine that has moved.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <netinet/if_ether.h>
#include <netpacket/packet.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "engine/dom0/linux/linux_int.h"

#define RARP_REQUEST 3

struct announce_frame {
    struct ether_header eth;
    struct ether_arp arp;
    char pad[ETH_ZLEN - sizeof(struct ether_header) - sizeof(struct ether_arp)];
};

static void
announce_fill(const struct dom0_announce *a, struct announce_frame *f)
{
    *f = (struct announce_frame){ 0 };
    memset(f->eth.ether_dhost, 0xff, ETH_ALEN);
    memcpy(f->eth.ether_shost, a->mac, ETH_ALEN);
    f->eth.ether_type = htons(a->has_ip ? ETHERTYPE_ARP : ETHERTYPE_REVARP);
    f->arp.ea_hdr.ar_hrd = htons(ARPHRD_ETHER);
    f->arp.ea_hdr.ar_pro = htons(ETHERTYPE_IP);
    f->arp.ea_hdr.ar_hln = ETH_ALEN;
    f->arp.ea_hdr.ar_pln = sizeof(a->ip);
    f->arp.ea_hdr.ar_op = htons(a->has_ip ? ARPOP_REQUEST : RARP_REQUEST);
    memcpy(f->arp.arp_sha, a->mac, ETH_ALEN);
    memcpy(f->arp.arp_spa, a->ip, sizeof(a->ip));
    memcpy(f->arp.arp_tpa, a->ip, sizeof(a->ip));
    if (!a->has_ip)
        memcpy(f->arp.arp_tha, a->mac, ETH_ALEN);
}

int
linux_announce(struct dom0 *d, const struct dom0_announce *a, struct err *e)
{
    struct sockaddr_ll to = { .sll_family = AF_PACKET,
                              .sll_halen = ETH_ALEN,
                              .sll_ifindex = (int)if_nametoindex(a->bridge) };
    struct announce_frame f;
    int fd, rc = 0;

    (void)d;
    if (to.sll_ifindex == 0)
        return err_sys(e, errno, "interface %s", a->bridge);
    announce_fill(a, &f);
    fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    if (fd < 0 || sendto(fd, &f, sizeof(f), MSG_DONTWAIT,
                         (const struct sockaddr *)&to, sizeof(to)) < 0)
        rc = err_sys(e, errno, "interface %s", a->bridge);
    if (fd >= 0)
        close(fd);
    return rc;
}
