// What a process can do for itself before it reads anything.
#pragma once

namespace wcmp::daemon {

// Files are for their owner only, memory is never written to a core file, a closed pipe is an error like
// others.
void harden_process();

}  // namespace wcmp::daemon
