/*
 * bootsector.S - an HVM guest of 512 bytes: prints that it is there on the first
 * serial port, then counts about twice a second. It needs no driver, and is
 * what a disk or a CD starts with. WORD tells one from another.
 */
#ifndef WORD
#define WORD up
#endif
#define TEXT(word)  TEXT_(word)
#define TEXT_(word) #word
#define PORT  0x3f8
#define TICKS 0x46c /* of the BIOS, 18 a second */

        .code16
        .global _start
_start:
        xorw    %ax, %ax
        movw    %ax, %ds
        movw    %ax, %ss
        movw    $0x7c00, %sp
        ljmp    $0, $set_up
set_up:
        sti
        movw    $PORT + 3, %dx  /* 115200 baud, 8 bits, no parity */
        movb    $0x83, %al
        outb    %al, %dx
        movw    $PORT, %dx
        movw    $1, %ax
        outw    %ax, %dx
        movw    $PORT + 3, %dx
        movb    $0x03, %al
        outb    %al, %dx
        movw    $hello, %si
        call    print
        xorw    %di, %di
count:
        incw    %di
        movw    $word, %si
        call    print
        movw    %di, %ax
        call    decimal
        movw    $line, %si
        call    print
        movw    TICKS, %bx
        addw    $9, %bx
wait:
        hlt
        cmpw    TICKS, %bx
        jns     wait
        jmp     count

print:
        lodsb
        testb   %al, %al
        jz      back
        call    put
        jmp     print

put:
        movb    %al, %cl
        movw    $PORT + 5, %dx
busy:
        inb     %dx, %al
        testb   $0x20, %al
        jz      busy
        movb    %cl, %al
        movw    $PORT, %dx
        outb    %al, %dx
back:
        ret

decimal:
        xorw    %dx, %dx
        movw    $10, %bp
        divw    %bp
        pushw   %dx
        testw   %ax, %ax
        jz      digit
        call    decimal
digit:
        popw    %ax
        addb    $'0', %al
        jmp     put

hello:  .ascii  "boot sector "
        .ascii  TEXT(WORD)
        .asciz  "\r\n"
word:   .asciz  "count "
line:   .asciz  "\r\n"

        .org    510
        .word   0xaa55
