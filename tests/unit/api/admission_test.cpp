#include "api/admission.h"

#include <gtest/gtest.h>

namespace wcmp::api {
namespace {

constexpr Peer root{.uid = 0, .is_operator = true};

Peer client(uid_t uid) {
    return {.uid = uid, .is_operator = false};
}

TEST(Admission, OneUserHasSixteenConnections) {
    Admission admission{Options{}};
    for (int i = 0; i < 16; ++i) EXPECT_FALSE(admission.enter(client(1000)).has_value());
    const auto refusal = admission.enter(client(1000));
    ASSERT_TRUE(refusal.has_value());
    EXPECT_EQ(refusal->code, Code::too_many_connections);
    EXPECT_EQ(refusal->status, 429u);
    EXPECT_EQ(refusal->retry_after.count(), 1);
    EXPECT_FALSE(admission.enter(client(1001)).has_value());
    admission.leave(client(1000));
    EXPECT_FALSE(admission.enter(client(1000)).has_value());
}

TEST(Admission, EightPlacesAreKeptForOperators) {
    Admission admission{Options{}};
    for (uid_t uid = 1000; uid < 1056; ++uid) EXPECT_FALSE(admission.enter(client(uid)).has_value());
    EXPECT_EQ(admission.enter(client(2000))->status, 503u);
    for (int i = 0; i < 8; ++i) EXPECT_FALSE(admission.enter(root).has_value());
    EXPECT_EQ(admission.enter(root)->status, 503u);
    admission.leave(client(1000));
    EXPECT_TRUE(admission.enter(client(2000)).has_value()) << "the place is an operator's";
    EXPECT_FALSE(admission.enter(root).has_value());
}

}  // namespace
}  // namespace wcmp::api
