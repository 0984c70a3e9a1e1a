#include "api/date.h"

#include <gtest/gtest.h>

namespace wcmp::api {
namespace {

TEST(Date, IsWrittenInFull) {
    EXPECT_EQ(to_date(Day{0}), "1970-01-01");
    EXPECT_EQ(to_date(Day{20'878}), "2027-03-01");
    EXPECT_EQ(to_date(Day{11'016}), "2000-02-29");
    EXPECT_EQ(to_date(Day{146'097}), "2370-01-01");
    EXPECT_EQ(to_date(Day{0xffff'ffff}), "11761191-01-20");
}

TEST(Date, IsReadBack) {
    for (std::uint32_t day = 0; day < 200'000; day += 37)
        EXPECT_EQ(day_from_date(to_date(Day{day})), Day{day});
}

TEST(Date, OnlyDaysThatExistAreRead) {
    for (const auto* text : {"", "2027-3-01", "2027-02-29", "2027-13-01", "2027-00-01", "2027-01-00",
                             "1969-12-31", "2027/01/01", "2027-01-01 ", "+027-01-01", "20270101"})
        EXPECT_EQ(day_from_date(text), std::nullopt) << text;
}

}  // namespace
}  // namespace wcmp::api
