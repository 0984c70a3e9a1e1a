// How much a store that is full still takes in for a time, so that one flood does not replace all at once:
// `import_share` in lib/bundle/BUNDLE.md, section 7. Pure.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace wcmp::store {

// Who draws. Imports are drives, directories and bundles that clients hand in.
enum class Drawer : std::uint8_t { imports, messages };

// A bucket of 1/8 of the quota, in two parts, full at start. Each is full again after 6 hours at most.
class ImportShare {
public:
    static constexpr std::chrono::hours refill_time{6};

    // All that a part ever holds: 3/4 of the bucket for imports, 1/4 for messages.
    static std::uint64_t capacity(Drawer drawer, std::uint64_t quota);

    std::uint64_t available(Drawer drawer, std::uint64_t quota, std::chrono::nanoseconds now) const;
    // More than is there leaves a debt.
    void draw(Drawer drawer, std::uint64_t bytes, std::uint64_t quota, std::chrono::nanoseconds now);
    // Until so many bytes are there, rounded up to seconds. What never fits waits for the bucket to be full.
    std::chrono::seconds wait_for(Drawer drawer, std::uint64_t bytes, std::uint64_t quota,
                                  std::chrono::nanoseconds now) const;

private:
    // What has been drawn and not been refilled, so that another quota counts at once.
    struct Part {
        double drawn = 0;
        std::chrono::nanoseconds at{};
    };
    double drawn(Drawer drawer, std::uint64_t quota, std::chrono::nanoseconds now) const;

    std::array<Part, 2> parts_{};
};

// What a store of so many bytes that grows by so many draws: only what is beyond its quota.
constexpr std::uint64_t beyond_quota(std::uint64_t bytes_before, std::uint64_t grown, std::uint64_t quota) {
    const auto room = quota > bytes_before ? quota - bytes_before : 0;
    return grown > room ? grown - room : 0;
}

}  // namespace wcmp::store
