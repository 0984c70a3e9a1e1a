#include "bundle/name.h"

#include <gtest/gtest.h>

namespace wcmp::bundle {
namespace {

const std::string hash = "813ed84473baef4d73a0bd2c16a80291";

TEST(Name, ReadsAndWritesTheSame) {
    for (const std::string days : {"25002-25022", "0-0", "0-4294967295", "1-2", "4294967295-4294967295"}) {
        const auto text = days + "-" + hash + ".wcmp";
        const auto name = parse_name(text);
        ASSERT_TRUE(name) << text;
        EXPECT_EQ(to_string(*name), text);
    }
}

TEST(Name, HasTheDaysAndTheStartOfTheHash) {
    IndexHash index_hash;
    for (std::size_t i = 0; i < 32; ++i) index_hash.bytes[i] = static_cast<std::uint8_t>(i);
    const auto name = name_of({7}, {9}, index_hash);
    EXPECT_EQ(to_string(name), "7-9-000102030405060708090a0b0c0d0e0f.wcmp");
    EXPECT_EQ(parse_name(to_string(name)), name);
}

// A name whose first day is above its last has the form; that it is nobody's own is found when it is opened.
TEST(Name, ComparesNoDays) {
    EXPECT_TRUE(parse_name("9-7-" + hash + ".wcmp"));
}

TEST(Name, AnyOtherFormIsForeign) {
    const std::string upper = "813ED84473BAEF4D73A0BD2C16A80291";
    for (const auto& text : {
             std::string(),
             std::string(".wcmp"),
             "25002-25022-" + hash,
             "25002-25022-" + hash + ".WCMP",
             "25002-25022-" + hash + ".wcmp ",
             "25002-25022-" + hash + ".wcmp.wcmp",
             "25002-25022-" + upper + ".wcmp",
             "25002-25022-" + hash.substr(1) + ".wcmp",
             "25002-25022-" + hash + "0.wcmp",
             "25002-25022-" + hash.substr(1) + "g.wcmp",
             "025002-25022-" + hash + ".wcmp",
             "25002-00-" + hash + ".wcmp",
             "-25022-" + hash + ".wcmp",
             "25002--" + hash + ".wcmp",
             "25002-" + hash + ".wcmp",
             "+1-25022-" + hash + ".wcmp",
             " 1-25022-" + hash + ".wcmp",
             "1-+2-" + hash + ".wcmp",
             "1a-2-" + hash + ".wcmp",
             "0x1-2-" + hash + ".wcmp",
             "4294967296-4294967296-" + hash + ".wcmp",
             "1-99999999999-" + hash + ".wcmp",
             std::string("1-2-") + '\0' + hash.substr(1) + ".wcmp",
             "1-2-" + hash + ".wcmp.rec",
         })
        EXPECT_FALSE(parse_name(text)) << text;
}

}  // namespace
}  // namespace wcmp::bundle
