#include "io/system_clock.h"

#include <set>

#include <gtest/gtest.h>
#include <sys/timex.h>

namespace wcmp::io {
namespace {

TEST(SystemClock, FollowsTheSystem) {
    const SystemClock clock;
    const auto difference = clock.system_time() - std::chrono::system_clock::now();
    EXPECT_LT(std::chrono::abs(difference), std::chrono::seconds(2));
}

TEST(SystemClock, TimeSinceBootNeverGoesBack) {
    const SystemClock clock;
    auto last = clock.boot_time();
    EXPECT_GT(last.count(), 0);
    for (int i = 0; i < 1000; ++i) {
        const auto now = clock.boot_time();
        EXPECT_GE(now, last);
        last = now;
    }
}

TEST(SystemClock, TheKernelSaysWhetherItIsDisciplined) {
    timex answer{};
    const int state = ::adjtimex(&answer);
    const bool expected = state >= 0 && state != TIME_ERROR && (answer.status & STA_UNSYNC) == 0;
    EXPECT_EQ(SystemClock().disciplined(), expected);
}

TEST(SystemRandom, FillsEverySize) {
    SystemRandom random;
    for (const std::size_t size : {0u, 1u, 255u, 257u, 100'000u}) {
        Bytes bytes(size);
        ASSERT_TRUE(random.fill(bytes));
        if (size < 255) continue;
        const std::set<std::uint8_t> values(bytes.begin(), bytes.end());
        EXPECT_GT(values.size(), 64u);
        EXPECT_NE(std::vector(bytes.end() - 32, bytes.end()), Bytes(32));  // to the very end
    }
}

TEST(SystemRandom, DoesNotRepeat) {
    SystemRandom random;
    Bytes first(32);
    Bytes second(32);
    ASSERT_TRUE(random.fill(first));
    ASSERT_TRUE(random.fill(second));
    EXPECT_NE(first, second);
}

}  // namespace
}  // namespace wcmp::io
