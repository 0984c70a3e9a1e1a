#include "offline/store_day.h"

#include "io/memory.h"
#include "store/state_file.h"

#include <gtest/gtest.h>

namespace wcmp::offline::test {
namespace {

constexpr Day build_day{20'000};

class DayOfStore : public testing::Test {
protected:
    DayOfStore() : root(files.root()) {}

    void save(std::optional<Day> high_water) {
        store::State state;
        state.high_water = high_water;
        ASSERT_TRUE(store::save_state(*root, state).has_value());
    }
    void set_clock(std::uint32_t day, bool disciplined) {
        clock.system = std::chrono::sys_days(std::chrono::days(day));
        clock.is_disciplined = disciplined;
    }
    message::Today found() {
        const auto judged = day_of_store(*root, build_day, clock);
        EXPECT_TRUE(judged.has_value());
        return judged.value_or(message::Today{});
    }

    io::MemoryFileSystem files;
    std::unique_ptr<io::Directory> root;
    ManualClock clock;
};

TEST_F(DayOfStore, AFolderWithoutAStateIsNoStore) {
    const auto judged = day_of_store(*root, build_day, clock);
    ASSERT_FALSE(judged.has_value());
    EXPECT_EQ(judged.error().code, Errc::not_found);
}

TEST_F(DayOfStore, IsTheLatestThatIsKnownForSure) {
    save({});
    EXPECT_EQ(found().floor, build_day);
    save(Day{20'100});
    EXPECT_EQ(found().floor, Day{20'100});
    save(Day{19'000});
    EXPECT_EQ(found().floor, build_day);
}

TEST_F(DayOfStore, AClockThatATimeServerSetsAndThatFitsIsBelieved) {
    save(Day{20'100});
    set_clock(20'110, true);
    EXPECT_EQ(found().floor, Day{20'110});
    EXPECT_EQ(found().trusted, Day{20'110});
}

TEST_F(DayOfStore, AnyOtherClockIsNot) {
    save(Day{20'100});
    set_clock(20'110, false);
    EXPECT_EQ(found().floor, Day{20'100}) << "nobody set it";
    EXPECT_EQ(found().trusted, std::nullopt);
    set_clock(20'200, true);
    EXPECT_EQ(found().floor, Day{20'100}) << "three months ahead of all that is known";
    set_clock(20'050, true);
    EXPECT_EQ(found().floor, Day{20'100}) << "behind";
    EXPECT_EQ(found().trusted, std::nullopt);
}

TEST_F(DayOfStore, ADamagedStateKnowsNoDay) {
    save(Day{20'100});
    ASSERT_TRUE(root->unlink(store::state_name).has_value());
    const auto file = root->create(store::state_name);
    ASSERT_TRUE((*file)->write_at(0, Bytes(20)).has_value());
    EXPECT_EQ(found().floor, build_day);
}

TEST_F(DayOfStore, AStateThatCannotBeReadIsAnError) {
    save(Day{20'100});
    files.fail_read_at(files.reads() + 1);
    const auto judged = day_of_store(*root, build_day, clock);
    ASSERT_FALSE(judged.has_value());
    EXPECT_EQ(judged.error().code, Errc::io);
}

}  // namespace
}  // namespace wcmp::offline::test
