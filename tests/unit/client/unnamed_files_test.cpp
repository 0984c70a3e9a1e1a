#include "client/unnamed_files.h"

#include "io/posix.h"
#include "temporary_directory.h"

#include <gtest/gtest.h>

namespace wcmp::client {
namespace {

TEST(UnnamedFiles, HaveNamesHereOnly) {
    const tests::TemporaryDirectory folder;
    UnnamedFiles files(io::open_directory(folder.path()).value());
    {
        const auto made = files.create("piece");
        ASSERT_TRUE(made);
        ASSERT_TRUE((*made)->write_at(0, Bytes{1, 2, 3}));
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
    EXPECT_EQ(files.create("piece").error().code, Errc::exists);
    EXPECT_EQ(files.open("other").error().code, Errc::not_found);
    const auto opened = files.open("piece");
    ASSERT_TRUE(opened);
    EXPECT_EQ((*opened)->status()->size, 3U);
    const auto mapped = (*opened)->map(0, 3);
    ASSERT_TRUE(mapped);
    EXPECT_EQ((*mapped)->bytes()[2], 3);
    ASSERT_TRUE(files.rename("piece", "moved"));
    EXPECT_EQ(files.open("piece").error().code, Errc::not_found);
    ASSERT_TRUE(files.open_for_writing("moved"));
    std::vector<std::string> names;
    ASSERT_TRUE(files.list([&](std::string_view name) { names.emplace_back(name); }));
    EXPECT_EQ(names, (std::vector<std::string>{"moved"}));
    ASSERT_TRUE(files.unlink("moved"));
    EXPECT_EQ(files.unlink("moved").error().code, Errc::not_found);
    EXPECT_EQ(files.make_directory("folder").error().code, Errc::unsupported);
    EXPECT_EQ(files.open_directory("folder").error().code, Errc::unsupported);
}

}  // namespace
}  // namespace wcmp::client
