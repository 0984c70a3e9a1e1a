// What the privileged end of the handover tells, and to whom.
#include "connection.h"
#include "core/limits.h"
#include "server_fixture.h"

#include <array>

#include <sys/socket.h>

namespace wcmp::mountd::test {
namespace {

TEST(Connection, MayBeClosedFromWhatItTells) {
    std::array<int, 2> ends{};
    ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends.data()), 0);
    const Channel other{io::UniqueFd(ends[1])};
    boost::asio::io_context io{1};
    const auto connection = std::make_shared<Connection>(io, Channel(io::UniqueFd(ends[0])));
    std::string heard;
    connection->start({.received =
                           [&heard, &connection,
                            text = std::string("longer than what fits into a string")](const Message&) {
                               connection->close();
                               heard = text;
                           },
                       .ended = {}});
    ASSERT_TRUE(other.send({.what = What::show}));
    EXPECT_TRUE(run_until(io, [&] { return !heard.empty(); }));
    EXPECT_EQ(heard, "longer than what fits into a string");
}

TEST_F(ServerTest, TellsWhatIsThereThenThatThisWasAll) {
    devices_.listener.found(device(1));
    devices_.listener.found(device(2, Readiness::encrypted));
    devices_.listener.settled();
    const auto client = connect();
    EXPECT_EQ(expect(client, What::drive, 1).readiness, Readiness::ready);
    EXPECT_EQ(expect(client, What::drive, 2).readiness, Readiness::encrypted);
    expect(client, What::announced);
}

TEST_F(ServerTest, TellsWhatWasPluggedInAsOne) {
    for (const std::uint32_t minor : {1, 2}) {
        auto told = device(minor);
        told.carrier = 40 + minor;
        devices_.listener.found(told);
    }
    devices_.listener.settled();
    const auto client = connect();
    EXPECT_EQ(expect(client, What::drive, 1).carrier, 41u);
    EXPECT_EQ(expect(client, What::drive, 2).carrier, 42u);
    expect(client, What::announced);
    say(client, What::mount, 1);
    EXPECT_EQ(expect(client, What::not_mounted, 1).carrier, 0u) << "only with the drive itself";
}

TEST_F(ServerTest, WhoIsThereBeforeTheDevicesAreKnownWaitsForTheEnd) {
    const auto client = connect();
    ASSERT_TRUE(run_until(io_, [&] { return server_->status() == "wcmpd is connected"; }));
    devices_.listener.found(device(1));
    devices_.listener.settled();
    expect(client, What::drive, 1);
    expect(client, What::announced);
}

TEST_F(ServerTest, TellsChangesAndGoodbyesAndNeverANumberTwice) {
    devices_.listener.settled();
    const auto client = connect();
    expect(client, What::announced);
    devices_.listener.found(device(1, Readiness::empty));
    expect(client, What::drive, 1);
    devices_.listener.changed(device(1));
    EXPECT_EQ(expect(client, What::drive, 1).readiness, Readiness::ready);
    devices_.listener.gone(device(1).key);
    expect(client, What::gone, 1);
    devices_.listener.found(device(1));
    expect(client, What::drive, 2);
}

TEST_F(ServerTest, WhatIsNotReadyOrNotThereIsNotMounted) {
    devices_.listener.found(device(1, Readiness::encrypted));
    devices_.listener.found(device(2));
    const auto client = connect();
    expect(client, What::drive, 1);
    expect(client, What::drive, 2);
    say(client, What::mount, 1);
    EXPECT_EQ(expect(client, What::not_mounted, 1).os_error, 0);
    say(client, What::mount, 9);
    EXPECT_EQ(expect(client, What::not_mounted, 9).os_error, 0);
    say(client, What::mount, 2);
    EXPECT_EQ(expect(client, What::not_mounted, 2).os_error, ENOENT);
}

TEST_F(ServerTest, ANewerClientReplacesTheOlder) {
    devices_.listener.settled();
    const auto older = connect();
    expect(older, What::announced);
    const auto newer = connect();
    expect(newer, What::announced);
    expect_closed(older);
    EXPECT_EQ(server_->status(), "wcmpd is connected");
}

TEST_F(ServerTest, TheLightIsAttentionWhileNobodyIsConnected) {
    devices_.listener.settled();
    EXPECT_EQ(lights_, std::vector{Light::attention});
    {
        const auto client = connect();
        expect(client, What::announced);
        say(client, What::show, 0, Light::done);
        ASSERT_TRUE(run_until(io_, [&] { return lights_.back() == Light::done; }));
    }
    ASSERT_TRUE(run_until(io_, [&] { return lights_.back() == Light::attention; }));
    EXPECT_EQ(server_->status(), "wcmpd is not connected");
}

TEST_F(ServerTest, WhoSpeaksForMountdIsDisconnected) {
    const auto client = connect();
    say(client, What::gone, 1);
    expect_closed(client);
}

TEST_F(ServerTest, WhatIsNoMessageEndsTheConnection) {
    const auto client = connect();
    ASSERT_EQ(::write(client.descriptor(), "x", 1), 1);
    expect_closed(client);
}

TEST_F(ServerTest, WithNothingHeldItStopsAtOnce) {
    devices_.listener.found(device(1));
    const auto client = connect();
    expect(client, What::drive, 1);
    bool stopped = false;
    server_->stop([&] { stopped = true; });
    EXPECT_TRUE(run_until(io_, [&] { return stopped; }));
    EXPECT_TRUE(devices_.stopped);
    expect_closed(client);
}

TEST_F(ServerTest, ADeviceThatClaimsToBeHundredsIsHeldToALimitAndCostsNoThreads) {
    const auto before = threads_now();
    for (std::uint32_t minor = 1; minor <= 200; ++minor) devices_.listener.found(device(minor));
    devices_.listener.changed(device(200, Readiness::empty));
    devices_.listener.gone(device(200).key);
    devices_.listener.settled();
    EXPECT_LE(threads_now(), before);
    const auto client = connect();
    for (std::uint32_t number = 1; number <= limits::drives_told_max; ++number)
        expect(client, What::drive, number);
    expect(client, What::announced);
    devices_.listener.gone(device(1).key);
    expect(client, What::gone, 1);
    devices_.listener.found(device(200));
    expect(client, What::drive, limits::drives_told_max + 1);
}

TEST_F(ServerTest, WithoutAThreadADriveIsNotMountedAndWaits) {
    devices_.listener.found(device(1));
    const auto client = connect();
    expect(client, What::drive, 1);
    const NoMoreThreads none;
    say(client, What::mount, 1);
    EXPECT_EQ(expect(client, What::not_mounted, 1).os_error, EAGAIN);
    EXPECT_EQ(expect(client, What::drive, 1).readiness, Readiness::waiting);
}

TEST_F(ServerTest, WhileTheSystemIsNotKnownThatIsWhatIsShown) {
    devices_.listener.unknown_system("cannot tell which disks are the system's");
    devices_.listener.settled();
    const auto client = connect();
    expect(client, What::announced);
    say(client, What::show, 0, Light::done);
    say(client, What::mount, 9);  // answered, so what came before it has been dealt with
    expect(client, What::not_mounted, 9);
    EXPECT_EQ(lights_.back(), Light::attention);
    EXPECT_EQ(server_->status(), "cannot tell which disks are the system's");
    devices_.listener.unknown_system("");
    EXPECT_EQ(lights_.back(), Light::done);
    EXPECT_EQ(server_->status(), "wcmpd is connected");
}

TEST_F(ServerTest, WhatIsDisqualifiedAndNotHeldHasGone) {
    devices_.listener.found(device(1));
    const auto client = connect();
    expect(client, What::drive, 1);
    devices_.listener.disqualified(device(1).key);
    expect(client, What::gone, 1);
    devices_.listener.found(device(1));
    expect(client, What::drive, 2);
}

class OtherUserTest : public ServerTest {
protected:
    OtherUserTest() : ServerTest(::geteuid() + 1) {}
};

TEST_F(OtherUserTest, IsTurnedAwayAndToldNothing) {
    devices_.listener.found(device(1));
    devices_.listener.settled();
    const auto client = connect();
    expect_closed(client);
    EXPECT_EQ(server_->status(), "wcmpd is not connected");
}

}  // namespace
}  // namespace wcmp::mountd::test
