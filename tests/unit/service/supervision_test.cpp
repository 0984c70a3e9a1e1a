// What a service manager hears, at a real socket.
#include "service/supervision.h"

#include "io/unique_fd.h"
#include "temporary_directory.h"

#include <array>
#include <cstdlib>
#include <cstring>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace wcmp::daemon {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct SupervisionTest : testing::Test {
    SupervisionTest() {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, path.c_str(), path.native().size());
        EXPECT_EQ(::bind(manager.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
        ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
    }

    std::vector<std::string> heard() const {
        std::vector<std::string> messages;
        std::array<char, 256> text{};
        for (ssize_t size = 0; (size = ::recv(manager.get(), text.data(), text.size(), 0)) >= 0;)
            messages.emplace_back(text.data(), static_cast<std::size_t>(size));
        return messages;
    }

    tests::TemporaryDirectory temporary;
    std::filesystem::path path = temporary.path() / "notify";
    io::UniqueFd manager{::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
    boost::asio::io_context io_context;
};

TEST_F(SupervisionTest, TellsAStatusOnceAndNoneBeforeItIsReady) {
    Supervision told(io_context);
    EXPECT_TRUE(told.is_heard());
    told.status("opening");
    EXPECT_THAT(heard(), IsEmpty());
    told.ready("idle");
    told.status("idle");
    told.status("busy");
    told.status("busy");
    EXPECT_THAT(heard(), ElementsAre("READY=1\nSTATUS=idle", "STATUS=busy"));
    told.ready("busy");  // after a reload it is said in any case
    EXPECT_THAT(heard(), ElementsAre("READY=1\nSTATUS=busy"));
}

TEST_F(SupervisionTest, TellsThatItIsAliveFromReadyOn) {
    ::setenv("WATCHDOG_USEC", "2000", 1);
    Supervision told(io_context);
    io_context.run();
    EXPECT_THAT(heard(), IsEmpty());
    told.ready("idle");
    told.ready("idle");
    EXPECT_THAT(heard(), ElementsAre("WATCHDOG=1", "READY=1\nSTATUS=idle", "READY=1\nSTATUS=idle"));
    io_context.restart();
    io_context.run_one();
    EXPECT_THAT(heard(), ElementsAre("WATCHDOG=1"));
    io_context.run_one();
    EXPECT_THAT(heard(), ElementsAre("WATCHDOG=1"));
}

TEST_F(SupervisionTest, WhereNobodyListensNothingHappens) {
    ::unsetenv("NOTIFY_SOCKET");
    Supervision told(io_context);
    EXPECT_FALSE(told.is_heard());
    told.ready("idle");
    told.status("busy");
    told.stopping();
    EXPECT_EQ(io_context.run(), 0u);
    EXPECT_THAT(heard(), IsEmpty());
}

}  // namespace
}  // namespace wcmp::daemon
