#include "io/system_clock.h"

#include <algorithm>
#include <cerrno>
#include <ctime>

#include <sys/random.h>
#include <sys/timex.h>

namespace wcmp::io {

std::chrono::sys_seconds SystemClock::system_time() const {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::chrono::nanoseconds SystemClock::boot_time() const {
    timespec now{};
    (void)::clock_gettime(CLOCK_BOOTTIME, &now);  // cannot fail: the clock is as old as Linux 2.6.39
    return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

bool SystemClock::disciplined() const {
    timex answer{};  // no modes: only asks
    const int state = ::adjtimex(&answer);
    return state >= 0 && state != TIME_ERROR && (answer.status & STA_UNSYNC) == 0;
}

Result<void> SystemRandom::fill(MutableBytes into) {
    auto rest = into;
    while (!rest.empty()) {
        const auto count = ::getrandom(rest.data(), rest.size(), GRND_NONBLOCK);
        if (count >= 0) {
            rest = rest.subspan(static_cast<std::size_t>(count));
        } else if (errno != EINTR) {
            std::ranges::fill(into, std::uint8_t{0});
            if (errno == EAGAIN) return fail(Errc::not_seeded, "the random source has no seed yet", errno);
            return std::unexpected(error_from_errno("cannot read the random source", errno));
        }
    }
    return {};
}

}  // namespace wcmp::io
