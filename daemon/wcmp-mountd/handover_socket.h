// The socket at which wcmpd is expected: made here, or by the service manager.
#pragma once

#include "detached_mount.h"

#include <filesystem>

namespace wcmp::mountd {

// Mode 0600, of `user`; a missing folder is made so that it can be passed through, not read. Errc::busy:
// somebody listens there already.
Result<io::UniqueFd> listen_at(const std::filesystem::path& path, const Owner& user);

// Takes over a descriptor that must be a listening SOCK_SEQPACKET socket. Errc::invalid: it is none.
Result<io::UniqueFd> adopt_listening(int descriptor);

}  // namespace wcmp::mountd
