// Opens names below a directory's descriptor, never a link, never another file system.
#pragma once

#include "core/error.h"
#include "io/unique_fd.h"

#include <string_view>

namespace wcmp::io {

// `name` is one component (check_name). O_CLOEXEC, O_NOFOLLOW and O_NONBLOCK are added to `flags`.
Result<UniqueFd> open_below(int directory, std::string_view name, int flags, unsigned mode = 0);

// As open_below, where the kernel has no openat2 or a sandbox forbids it.
Result<UniqueFd> open_below_without_openat2(int directory, std::string_view name, int flags, unsigned mode);

// Another open file description of the same directory; from an O_PATH descriptor too.
Result<UniqueFd> reopen_directory(int directory);

// Takes the writer's lock, or answers Errc::busy. File systems without locks pass.
Result<void> lock_for_writing(int fd);

// Repeats a system call that a signal interrupted.
template <class Call>
auto uninterrupted(Call call) {
    for (;;) {
        const auto result = call();
        if (result >= 0 || errno != EINTR) return result;
    }
}

}  // namespace wcmp::io
