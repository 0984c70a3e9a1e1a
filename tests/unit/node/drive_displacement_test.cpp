// How often bundles may be displaced from one drive.
#include "drive_states_fixture.h"

namespace wcmp::node::test {
namespace {

struct DriveDisplacement : DriveStates {};

// A folder on a disk that is full, in which the store finds no room again and again.
TEST_F(DriveDisplacement, OfADirectoryOnceAnHour) {
    VisitReport displacing{.end = VisitReport::End::done};
    displacing.result.displaced_bundles = 1;
    add(Readiness::ready, Kind::directory);
    const auto visited_at = [&](DriveSessions::Time now, const VisitReport& report) {
        sessions.changed(one, now);
        const auto started = start(now);
        EXPECT_THAT(started, SizeIs(1));
        sessions.finished(one, report, now);
        return !started.empty() && started[0].may_displace;
    };
    EXPECT_TRUE(visited_at(minutes(0), {.end = VisitReport::End::done}));
    EXPECT_TRUE(visited_at(minutes(2), displacing)) << "nothing was before";
    EXPECT_FALSE(visited_at(minutes(4), {.end = VisitReport::End::done}));
    EXPECT_FALSE(visited_at(minutes(61), {.end = VisitReport::End::done}));
    EXPECT_TRUE(visited_at(minutes(62), displacing));
    EXPECT_FALSE(visited_at(minutes(64), displacing));
}

TEST_F(DriveDisplacement, OfWhatIsPluggedInAtEachVisit) {
    VisitReport displacing{.end = VisitReport::End::done};
    displacing.result.displaced_bundles = 1;
    add();
    visit(seconds(0), displacing);
    ASSERT_TRUE(sessions.sync("d1", minutes(2)).has_value());
    const auto started = start(minutes(2));
    ASSERT_THAT(started, SizeIs(1));
    EXPECT_TRUE(started[0].may_displace);
}

}  // namespace
}  // namespace wcmp::node::test
