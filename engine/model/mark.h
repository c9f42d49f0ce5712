/*
 * mark.h - the nodes that say whose a domain is, under /libxl/DOMID/xendeck:
 *   owner  "xendeck": this toolstack made it or adopted it, and reaps it
 *   state  "building" from its first moment, "built" once it is whole
 *   maker  "BOOT_ID PID STARTTIME JOURNAL" of the process that builds it
 *   uuid   whose nodes these are, for when only they are left
 *   restarts  how many lives before this one its policy ended and began anew
 *   preserved the reason of its end ("crash"): dead, and kept for an operator
 *   asked  "shutdown" or "reboot": an operator asked the guest to; whoever
 *          reaps it does not take its end for the guest's own wish
 *   model  "restart": its device model was lost, which is why it crashed, or
 *          it was reset: it is to be made again whatever its configuration says
 *   compared  its devices were, with its configuration, once it had ended
 *   made   parent directories that did not exist before it, one a space
 * dom0-only, so a guest can neither read nor forge them; `xl destroy` removes
 * them with the rest of /libxl/DOMID.
 */
#ifndef XENDECK_MODEL_MARK_H
#define XENDECK_MODEL_MARK_H

#define MARK_DIR      "xendeck" /* below /libxl/DOMID */
#define MARK_OWNER    "xendeck"
#define MARK_BUILDING "building"
#define MARK_BUILT    "built"

#define MARK_MODEL_RESTART "restart"

#endif
