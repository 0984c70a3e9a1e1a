// Whether tidying is due is known from the visit.
#include "meeting.h"
#include "sync/drive_upkeep.h"

namespace wcmp::sync::test {
namespace {

void give_drive_bundles(Meeting& meeting, int count) {
    for (int i = 0; i < count; ++i) meeting.give_drive(meeting.make(3));
}

bool is_due_after_visit(Meeting& meeting) {
    const auto result = meeting.visit();
    EXPECT_TRUE(result.has_value());
    return result && result->upkeep_due;
}

TEST(UpkeepVisit, SeesThatThereAreTooMany) {
    for (const int count : {8, 9}) {
        Meeting meeting(1);
        give_drive_bundles(meeting, count);
        EXPECT_EQ(is_due_after_visit(meeting), count == 9);
        const auto root = meeting.drive_files.root();
        UpkeepResult result;
        ASSERT_TRUE(tidy_drive(*root, meeting.settings, today, meeting.random, {}, result, {}).has_value());
        EXPECT_FALSE(is_due_after_visit(meeting));
        EXPECT_EQ(meeting.in_store(), meeting.on_drive());
    }
}

TEST(UpkeepVisit, CountsWhatItMadeAndWhatItAbsorbed) {
    Meeting meeting(2);
    give_drive_bundles(meeting, 20);
    meeting.give_store(meeting.make(10));
    EXPECT_FALSE(is_due_after_visit(meeting)) << "all became one";

    Meeting other(3);
    for (int i = 0; i < 8; ++i)
        other.give_drive(bundle::test::sample_messages(other.random, 40, first_day, 1, 90'000));
    EXPECT_FALSE(is_due_after_visit(other));
    other.give_store(other.make(2));
    EXPECT_TRUE(is_due_after_visit(other)) << "the ninth";
}

TEST(UpkeepVisit, SeesWhatIsDeadOrWrong) {
    Meeting dead(4);
    auto messages = bundle::test::sample_messages(dead.random, 20, today.floor.number, 2);
    dead.give_drive(messages);
    EXPECT_TRUE(is_due_after_visit(dead));

    Meeting wrong(5);
    messages = wrong.make(20);
    wrong.give_drive(messages);
    EXPECT_FALSE(is_due_after_visit(wrong));
    const auto bytes = bundle::test::sample_bundle(messages);
    wrong.memory.distrust.add(*bundle::parse_name(name_of(bytes)), bytes.size());
    EXPECT_TRUE(is_due_after_visit(wrong));
}

TEST(UpkeepVisit, NothingIsDueWhereItCannotBeDone) {
    Meeting shared(6);
    shared.settings.shared = true;
    give_drive_bundles(shared, 12);
    EXPECT_FALSE(is_due_after_visit(shared));

    Meeting locked(7);
    give_drive_bundles(locked, 12);
    locked.drive_files.set_read_only(true);
    EXPECT_FALSE(is_due_after_visit(locked));

    Meeting full(8);
    give_drive_bundles(full, 12);
    full.drive_files.set_capacity(12 * 512);
    EXPECT_FALSE(is_due_after_visit(full));
}

}  // namespace
}  // namespace wcmp::sync::test
