// Directories that others write too.
#include "bundle/commit.h"
#include "meeting.h"

#include <thread>

namespace wcmp::sync::test {
namespace {

using namespace std::chrono_literals;

std::string void_file(Meeting& meeting) {
    const auto bytes = bundle::test::sample_bundle(meeting.make(3));
    auto name = bundle::to_string(bundle::test::open_bytes(bytes)->name());
    put_file(*meeting.drive_files.root(), name, Bytes(bytes.size()));
    return name;
}

TEST(VisitShared, AVoidFileGoesWhenItWasSeenTwiceTenMinutesApart) {
    Meeting meeting(1);
    meeting.settings.shared = true;
    const auto name = void_file(meeting);
    meeting.settings.boot_time = 1h;
    ASSERT_TRUE(meeting.visit().has_value());
    meeting.settings.boot_time = 1h + 9min;
    ASSERT_TRUE(meeting.visit().has_value());
    EXPECT_TRUE(meeting.drive_files.root()->open(name).has_value());
    meeting.settings.boot_time = 1h + 10min;
    ASSERT_TRUE(meeting.visit().has_value());
    EXPECT_FALSE(meeting.drive_files.root()->open(name).has_value());
}

TEST(VisitShared, AVoidFileMeansThatAnotherIsAtWork) {
    for (const bool shared : {false, true}) {
        Meeting meeting(6);
        meeting.settings.shared = shared;
        void_file(meeting);
        ASSERT_TRUE(meeting.visit().has_value());
        EXPECT_EQ(meeting.result.others_at_work, shared);
    }
}

TEST(VisitShared, AVoidFileThatGrowsStays) {
    Meeting meeting(2);
    meeting.settings.shared = true;
    const auto name = void_file(meeting);
    for (int i = 0; i < 5; ++i) {
        meeting.settings.boot_time += 10min;
        ASSERT_TRUE(meeting.visit().has_value());
        auto file = meeting.drive_files.root()->open_for_writing(name);
        ASSERT_TRUE(file.has_value()) << i;
        ASSERT_TRUE((*file)->write_at(10'000 + static_cast<std::uint64_t>(i), Bytes(1)).has_value());
    }
}

TEST(VisitShared, AVoidFileThatSomebodyHoldsStays) {
    Meeting meeting(3);
    meeting.settings.shared = true;
    const auto name = void_file(meeting);
    const auto writer = meeting.drive_files.root()->open_for_writing(name);
    ASSERT_TRUE(writer.has_value());
    for (int i = 0; i < 3; ++i) {
        meeting.settings.boot_time += 10min;
        ASSERT_TRUE(meeting.visit().has_value());
        EXPECT_TRUE(meeting.drive_files.root()->open(name).has_value());
    }
}

TEST(VisitShared, DeadBundlesStayForADay) {
    for (const bool shared : {false, true}) {
        Meeting meeting(4);
        meeting.settings.shared = shared;
        meeting.give_drive(meeting.make(5));
        auto& floor = meeting.day.floor.number;
        floor = first_day + 4;  // the last day has come: dead
        ASSERT_TRUE(meeting.visit().has_value());
        EXPECT_EQ(count_files(*meeting.drive_files.root()), shared ? 1U : 0U);
        ++floor;
        ASSERT_TRUE(meeting.visit().has_value());
        EXPECT_EQ(count_files(*meeting.drive_files.root()), 0U);
    }
}

TEST(VisitShared, NothingIsAbsorbed) {
    for (const bool shared : {false, true}) {
        Meeting meeting(5);
        meeting.settings.shared = shared;
        for (int i = 0; i < 4; ++i) meeting.give_drive(meeting.make(3));
        meeting.give_store(meeting.make(3));
        ASSERT_TRUE(meeting.visit().has_value());
        EXPECT_EQ(count_files(*meeting.drive_files.root()), shared ? 5U : 1U);
    }
}

// Relays at one directory, each on a thread of its own; visits may end early, but never to the harm of
// another.
TEST(VisitShared, TwoRelaysAtOnceEndWithTheUnion) {
    constexpr int relays = 2;
    for (std::uint64_t seed = 1; seed <= 20; ++seed) {
        SeededRandom random(seed);
        io::MemoryFileSystem drive(seed);
        std::set<MessageKey> oracle;
        std::vector<io::MemoryFileSystem> stores;
        for (int i = 0; i < relays; ++i) {
            stores.emplace_back(seed + 10);
            const auto some = bundle::test::sample_messages(random, 20, first_day, 3);
            put_bundle(*stores.back().root(), some);
            oracle = united(oracle, keys(some));
        }
        const auto visit_once = [&](io::MemoryFileSystem& files, std::uint64_t own_seed) {
            const auto directory = files.root();
            const auto shared = drive.root();
            PlainStore store(*directory);
            SeededRandom own(own_seed);
            VisitSettings settings;
            settings.shared = true;
            VisitResult result;
            return Visit(store, *shared, settings, today, own).run(result, {});
        };
        {
            std::vector<std::jthread> threads;
            for (std::size_t i = 0; i < relays; ++i)
                threads.emplace_back([&, i] {
                    for (std::uint64_t turn = 0; turn < 3; ++turn)
                        std::ignore = visit_once(stores[i], seed * 100 + turn);
                });
        }
        for (auto& files : stores) ASSERT_TRUE(visit_once(files, seed).has_value());
        for (auto& files : stores) ASSERT_TRUE(visit_once(files, seed).has_value());
        EXPECT_EQ(held(*drive.root()), oracle) << seed;
        for (auto& files : stores) EXPECT_EQ(held(*files.root()), oracle) << seed;
    }
}

}  // namespace
}  // namespace wcmp::sync::test
