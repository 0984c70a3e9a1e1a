#include "hardening.h"

#include <csignal>

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

namespace wcmp::daemon {

void harden_process() {
    ::umask(077);
    (void)::signal(SIGPIPE, SIG_IGN);
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
#ifndef __SANITIZE_ADDRESS__  // the leak checker attaches to the process at its end
    ::prctl(PR_SET_DUMPABLE, 0);
#endif
}

}  // namespace wcmp::daemon
