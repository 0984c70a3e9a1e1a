// A drive that is full of what lives long, and a store that holds all of it, and something new.
#pragma once

#include "core/limits.h"
#include "meeting.h"

namespace wcmp::sync::test {

inline std::vector<bundle::test::Sample> news(Meeting& meeting, std::size_t count) {
    return bundle::test::sample_messages(meeting.random, count, first_day, 2, 300);
}

// The drive's file system has no room for anything from now on.
inline void fill_up(Meeting& meeting) {
    constexpr std::uint64_t large = std::uint64_t{1} << 40;
    meeting.drive_files.set_capacity(large);
    const auto used = large - meeting.drive_files.root()->space()->free_bytes;
    meeting.drive_files.set_capacity(used + limits::commit_reserve_bytes);
}

struct FullMeeting : Meeting {
    // `bundles` of ten messages each on the drive. The store has them in other bundles.
    explicit FullMeeting(std::uint64_t seed, std::size_t bundles = 40) : Meeting(seed) {
        for (std::size_t i = 0; i < bundles; ++i) {
            const auto some = bundle::test::sample_messages(random, 10, first_day, 1, 300);
            give_drive(some);
            drive_bytes += bundle::test::sample_bundle(some).size();
            junk.insert(junk.end(), some.begin(), some.end());
        }
        const auto half = junk.begin() + static_cast<std::ptrdiff_t>(junk.size() / 2);
        give_store({junk.begin(), half});
        give_store({half, junk.end()});
        fill_up(*this);
    }

    std::vector<bundle::test::Sample> junk;
    std::uint64_t drive_bytes = 0;  // of bundles
};

}  // namespace wcmp::sync::test
