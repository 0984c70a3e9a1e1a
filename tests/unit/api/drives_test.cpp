// What operators may ask of a drive, and nobody else.
#include "unit/api/server_fixture.h"

#include <unistd.h>

namespace wcmp::api::test {
namespace {

class DriveRequests : public ServerTest {
protected:
    Response post(const std::string& path) {
        return ask(request_text("POST " + path, "Content-Length: 0\r\n"));
    }
    std::vector<std::string> asked() {
        return on_server([this] { return service_.asked_of_drives; });
    }
};

TEST_F(DriveRequests, AreTaken) {
    start();
    const auto sync = post("/v1/drives/d1/sync");
    EXPECT_EQ(sync.status, 202);
    EXPECT_EQ(sync.body, "{}");
    EXPECT_EQ(post("/v1/drives/d2/release").status, 202);
    EXPECT_EQ(asked(), (std::vector<std::string>{"sync d1", "release d2"}));
}

TEST_F(DriveRequests, SayWhyNot) {
    start();
    on_server(
        [this] { service_.failure = node::Failure{.code = Errc::busy, .detail = "it is being synced"}; });
    const auto busy = post("/v1/drives/d1/sync");
    EXPECT_EQ(busy.status, 409);
    EXPECT_EQ(code_of(busy), "busy");
    on_server([this] { service_.failure = node::Failure{.code = Errc::not_found}; });
    EXPECT_EQ(post("/v1/drives/d9/release").status, 404);
}

TEST_F(DriveRequests, AreForOperatorsOnly) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can be somebody else";
    start();
    let_anybody_in();
    act_as(somebody);
    const auto sync = post("/v1/drives/d1/sync");
    const auto release = post("/v1/drives/d1/release");
    const auto look = ask(request_text("GET /v1/drives"));
    act_as(0);
    EXPECT_EQ(sync.status, 403);
    EXPECT_EQ(code_of(sync), "operator_only");
    EXPECT_EQ(code_of(release), "operator_only");
    EXPECT_EQ(look.status, 200) << "looking is for everybody";
    EXPECT_TRUE(asked().empty());
}

}  // namespace
}  // namespace wcmp::api::test
