// A directory whose calls a test can watch, and let fail.
#pragma once

#include "io/file.h"

#include <functional>
#include <memory>
#include <string_view>

namespace wcmp::bundle::test {

enum class Call : std::uint8_t {
    list,
    open,
    read,
    create,
    write,
    writeback,
    sync_file,
    unlink,
    sync_directory,
    sync_file_system,
    directory_times,
    other,
};

struct Watch {
    struct Place {
        Call call = Call::other;
        std::string_view name{};  // of the file
        std::uint64_t offset = 0;
        std::uint64_t length = 0;
    };
    // Before each call. An error is what the call answers; nothing is done then.
    std::function<Result<void>(const Place& place)> before{};
    // What a reading gave.
    std::function<void(const Place& place, MutableBytes bytes)> after_read{};
};

// `watch` outlives what is answered, and may change at any time.
std::unique_ptr<io::Directory> watched(std::unique_ptr<io::Directory> directory, const Watch& watch);

}  // namespace wcmp::bundle::test
