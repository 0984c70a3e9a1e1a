#include "message/admission.h"

#include "correspondents.h"

namespace wcmp::message {
namespace {

constexpr std::uint64_t small = 1543;

Day in(std::uint32_t days) {
    return Day{written.number + days};
}

TEST(Admission, TheDefaultsAreTheFormats) {
    const AdmissionRules rules;
    EXPECT_EQ(admit(in(1), small, rules, trusted(written)), Verdict::admitted);
    EXPECT_EQ(admit(in(182), small, rules, trusted(written)), Verdict::admitted);
    EXPECT_EQ(admit(in(183), small, rules, trusted(written)), Verdict::horizon);
    EXPECT_EQ(admit(in(0), small, rules, trusted(written)), Verdict::expired);
    EXPECT_EQ(admit(in(1), 1'114'112, rules, trusted(written)), Verdict::admitted);
    EXPECT_EQ(admit(in(1), 1'114'113, rules, trusted(written)), Verdict::too_large);
}

TEST(Admission, AShorterLifetimeNeedsATrustedClockLikeTheHorizon) {
    const AdmissionRules rules{.lifetime_days_max = 35};
    EXPECT_EQ(admit(in(35), small, rules, trusted(written)), Verdict::admitted);
    EXPECT_EQ(admit(in(36), small, rules, trusted(written)), Verdict::lifetime);
    EXPECT_EQ(admit(in(36), small, rules, Today{.floor = written}), Verdict::admitted);
    EXPECT_EQ(admit(Day{0xffff'ffff}, small, rules, Today{.floor = written}), Verdict::admitted);
    EXPECT_EQ(admit(in(0), small, rules, Today{.floor = written}), Verdict::expired);
}

TEST(Admission, TheFirstRefusalInOrderCounts) {
    const AdmissionRules rules{.lifetime_days_max = 7, .message_bytes_max = 10};
    EXPECT_EQ(admit(in(0), small, rules, trusted(written)), Verdict::expired);
    EXPECT_EQ(admit(in(200), small, rules, trusted(written)), Verdict::horizon);
    EXPECT_EQ(admit(in(8), small, rules, trusted(written)), Verdict::lifetime);
    EXPECT_EQ(admit(in(7), small, rules, trusted(written)), Verdict::too_large);
}

TEST(Admission, RulesHaveTheNamesOfTheText) {
    EXPECT_EQ(rule_name(Verdict::admitted), "admitted");
    EXPECT_EQ(rule_name(Verdict::expired), "expired");
    EXPECT_EQ(rule_name(Verdict::horizon), "lifetime");
    EXPECT_EQ(rule_name(Verdict::lifetime), "lifetime");
    EXPECT_EQ(rule_name(Verdict::too_large), "too_large");
    EXPECT_EQ(rule_name(Verdict::evicted), "evicted");
}

}  // namespace
}  // namespace wcmp::message
