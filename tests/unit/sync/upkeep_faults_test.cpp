// Upkeep with every error, power cut and stop at every step.
#include "tidied.h"

#include <cerrno>

namespace wcmp::sync::test {
namespace {

using bundle::test::Call;
using Place = bundle::test::Watch::Place;

// No message is lost and none invented, whatever fails, and the next tidying makes it whole.
TEST(UpkeepFaults, EveryErrorAtEveryStep) {
    for (const int os_error : {EIO, ENOSPC, EROFS}) {
        for (const auto lasts : {io::Fault::Lasts::once, io::Fault::Lasts::writes, io::Fault::Lasts::all}) {
            for (std::uint64_t step = 0;; ++step) {
                Tidied drive(100 + step);
                auto before = drive.fill(12, 20);
                auto rotten = bundle::test::sample_messages(drive.random, 5, first_day + 30, 1, 2000);
                drive.put_rotten(rotten);
                before = drive.live();
                const auto last = drive.files.steps() + step;
                drive.files.fail_at(last, {.os_error = os_error, .lasts = lasts});
                std::ignore = drive.tidy();
                const bool reached = drive.files.steps() > last;
                drive.files.power_cut();
                EXPECT_EQ(drive.live(), before) << os_error << ' ' << step;
                const auto again = drive.tidy();
                ASSERT_TRUE(again.has_value()) << step << describe(again.error());
                EXPECT_EQ(drive.live(), before) << os_error << ' ' << step;
                EXPECT_FALSE(drive.is_due()) << os_error << ' ' << step;
                EXPECT_EQ(count_files(*drive.files.root()), drive.readers().size()) << "nothing void is left";
                if (!reached) break;
            }
        }
    }
}

// The same with nothing but a power cut: many seeds, for what survives is drawn.
TEST(UpkeepFaults, APowerCutAtEveryStep) {
    for (std::uint64_t step = 0;; ++step) {
        bool reached = false;
        for (std::uint64_t seed = 1; seed <= 8; ++seed) {
            Tidied drive(1000 * seed + step);
            const auto before = drive.fill(10, 20);
            const auto last = drive.files.steps() + step;
            drive.files.fail_at(last, {.os_error = EIO, .lasts = io::Fault::Lasts::all});
            std::ignore = drive.tidy();
            reached = reached || drive.files.steps() > last;
            drive.files.power_cut();
            ASSERT_EQ(drive.live(), before) << seed << ' ' << step;
        }
        if (!reached) break;
    }
}

TEST(UpkeepFaults, AReadingThatFailsAnywhereLosesNothing) {
    for (const auto lasts : {io::Fault::Lasts::once, io::Fault::Lasts::all}) {
        for (std::uint64_t read = 0;; ++read) {
            Tidied drive(200 + read);
            const auto before = drive.fill(10, 15);
            const auto last = drive.files.reads() + read;
            drive.files.fail_read_at(last, {.os_error = EIO, .lasts = lasts});
            std::ignore = drive.tidy();
            const bool reached = drive.files.reads() > last;
            drive.files.power_cut();
            ASSERT_EQ(drive.live(), before) << read;
            ASSERT_TRUE(drive.tidy().has_value()) << read;
            EXPECT_EQ(drive.live(), before) << read;
            if (!reached) break;
        }
    }
}

TEST(UpkeepFaults, AfterAnErrorNothingMoreIsWritten) {
    for (std::uint64_t step = 0;; ++step) {
        Tidied drive(11);
        drive.fill(12, 20);
        std::uint64_t changes = 0;
        std::uint64_t after = 0;
        drive.watch.before = [&](const Place& place) -> Result<void> {
            const bool harmless = place.call == Call::list || place.call == Call::open ||
                                  place.call == Call::read || place.call == Call::other;
            if (harmless) return {};
            const auto now = changes++;
            if (now == step) return fail(Errc::io, "write", EIO);
            after += now > step && place.call != Call::unlink ? 1 : 0;
            return {};
        };
        const auto result = drive.tidy();
        EXPECT_EQ(after, 0U) << step;
        EXPECT_EQ(result.has_value(), changes <= step) << step;
        if (changes <= step) break;
    }
}

TEST(UpkeepFaults, AStopAtAnyMomentIsHonoured) {
    for (int moment = 0;; ++moment) {
        Tidied drive(12);
        const auto before = drive.fill(12, 20);
        int calls = 0;
        drive.on_progress = [&](const Progress& progress) {
            EXPECT_EQ(progress.phase, Phase::tidying);
            if (calls++ == moment) drive.stop.request_stop();
        };
        const auto result = drive.tidy();
        if (calls <= moment) break;
        if (!result) {
            EXPECT_EQ(result.error().code, Errc::cancelled) << moment;
        }
        EXPECT_EQ(drive.live(), before) << moment;
        drive.stop = {};
        drive.on_progress = nullptr;
        ASSERT_TRUE(drive.tidy().has_value());
        EXPECT_EQ(drive.live(), before) << moment;
        EXPECT_FALSE(drive.is_due()) << moment;
    }
}

}  // namespace
}  // namespace wcmp::sync::test
