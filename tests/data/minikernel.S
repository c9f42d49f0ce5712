/*
 * minikernel.S - the smallest x86-64 ELF that the domain builder takes for a
 * Xen PV kernel, and for one of PVH: the ELF notes, and code that powers the
 * domain off at once. By its PVH entry it only stops.
 */
#define NOTE(type, desc)                                                       \
    .align 4;                                                                  \
    .long 2f - 1f, 4f - 3f, type;                                              \
1:  .asciz "Xen";                                                              \
2:  .align 4;                                                                  \
3:  desc;                                                                      \
4:  .align 4

#define XEN_ELFNOTE_ENTRY          1
#define XEN_ELFNOTE_HYPERCALL_PAGE 2
#define XEN_ELFNOTE_VIRT_BASE      3
#define XEN_ELFNOTE_PADDR_OFFSET   4
#define XEN_ELFNOTE_XEN_VERSION    5
#define XEN_ELFNOTE_GUEST_OS       6
#define XEN_ELFNOTE_LOADER         8
#define XEN_ELFNOTE_PAE_MODE       9
#define XEN_ELFNOTE_FEATURES       10
#define XEN_ELFNOTE_PHYS32_ENTRY   18

#define HYPERVISOR_SCHED_OP 29
#define SCHEDOP_SHUTDOWN    2

        .section .note.Xen, "a", @note
        NOTE(XEN_ELFNOTE_GUEST_OS, .asciz "minikernel")
        NOTE(XEN_ELFNOTE_XEN_VERSION, .asciz "xen-3.0")
        NOTE(XEN_ELFNOTE_LOADER, .asciz "generic")
        NOTE(XEN_ELFNOTE_PAE_MODE, .asciz "yes")
        NOTE(XEN_ELFNOTE_FEATURES,
             .asciz "writable_page_tables|pae_pgdir_above_4gb")
        NOTE(XEN_ELFNOTE_VIRT_BASE, .quad 0)
        NOTE(XEN_ELFNOTE_PADDR_OFFSET, .quad 0)
        NOTE(XEN_ELFNOTE_ENTRY, .quad _start)
        NOTE(XEN_ELFNOTE_HYPERCALL_PAGE, .quad hypercall_page)
        NOTE(XEN_ELFNOTE_PHYS32_ENTRY, .quad _pvh_start)

        .text
        .global _start
_start:
        mov $SCHEDOP_SHUTDOWN, %edi
        lea reason(%rip), %rsi
        call hypercall_page + HYPERVISOR_SCHED_OP * 32
        jmp _start
reason:
        .long 0 /* SHUTDOWN_poweroff */

        .code32
_pvh_start:
        cli
        hlt
        jmp _pvh_start
        .code64

        .bss
        .balign 4096
hypercall_page:
        .skip 4096

        .section .note.GNU-stack, "", @progbits
