// What a store holds, by day and by size: from its indexes, without reading a message.
#pragma once

#include "core/error.h"
#include "core/ids.h"
#include "core/random.h"
#include "io/file.h"

#include <array>
#include <map>
#include <stop_token>

namespace wcmp::store {

struct StoreStats {
    struct Part {
        std::uint64_t messages = 0;
        std::uint64_t bytes = 0;
    };
    std::uint64_t bundles = 0;
    std::uint64_t bundle_bytes = 0;  // of the files, indexes included
    Part all;
    std::map<Day, Part> by_day;  // of expiry
    // By length: below 1 KiB, below 2 KiB, ... each class twice as large as the one before; the last has the
    // rest.
    static constexpr std::size_t smallest_class_bytes = 1024;
    std::array<Part, 12> by_size{};
    std::uint64_t unusable = 0;  // bundles that are damaged: `wcmp store check` says more
    std::uint64_t journal_messages = 0;
};

std::size_t size_class(std::uint64_t length);

// A message that is in two bundles counts twice. Errors: the directory cannot be listed; cancelled.
Result<StoreStats> store_stats(const io::Directory& directory, Random& random, const std::stop_token& stop);

}  // namespace wcmp::store
