// How patient the server is, and how much it takes. The defaults are those of API.md, "Limits and conduct".
#pragma once

#include "core/limits.h"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace wcmp::api {

struct Options {
    std::chrono::milliseconds head_time{10'000};  // from a head's first byte to its last
    std::chrono::milliseconds idle_time{
        60'000};  // between requests, and for one piece of an answer to be taken
    std::chrono::milliseconds body_grace{10'000};  // a body may be this late ...
    std::uint64_t body_rate_min = 4096;            // ... and then comes at this many bytes a second
    std::chrono::milliseconds drain_time{5'000};   // for a body that was not wanted, once the answer is sent
    std::uint64_t drain_bytes_max = std::uint64_t{64} << 20;
    std::chrono::milliseconds heartbeat{10'000};    // of an event stream that has nothing to say
    std::size_t event_backlog_bytes_max = 1 << 20;  // a reader further behind than this is disconnected
    std::chrono::milliseconds accept_pause{200};    // when the system has no descriptors left
    std::chrono::milliseconds stop_time{10'000};    // for what is in flight when the server stops
    std::size_t connections_max = limits::connections_max;
    std::size_t operator_reserve = limits::connections_operator_reserve;
    std::size_t connections_per_uid_max = limits::connections_per_uid_max;
};

}  // namespace wcmp::api
