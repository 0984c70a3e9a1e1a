// Bundle files over HTTP: listed, served whole and in ranges, taken in.
#include "unit/api/server_fixture.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace wcmp::api::test {
namespace {

constexpr std::string_view bundle_type = "application/vnd.wcmp.bundle";
const std::string bundle_name = "0050a0-ab.wcmp";

class BundlesTest : public ServerTest {
protected:
    BundlesTest() {
        start();
        std::string bytes(700'000, '\0');
        for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 31 + i / 251);
        contents_ = bytes;
        on_server([&] { service_.files[bundle_name] = Bytes(bytes.begin(), bytes.end()); });
    }

    Response get(const std::string& fields) {
        return ask(request_text("GET /v1/bundles/" + bundle_name, fields));
    }

    std::string contents_;
};

TEST_F(BundlesTest, AreListed) {
    const auto list = boost::json::parse(ask(request_text("GET /v1/bundles")).body);
    EXPECT_EQ(list, boost::json::parse(
                        R"([{"name":"0050a0-ab.wcmp","expires":"2026-05-27","messages":3,"bytes":700000}])"));
}

TEST_F(BundlesTest, AreServedWhole) {
    const auto response = get("");
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(response.field("content-type"), bundle_type);
    EXPECT_EQ(response.field("accept-ranges"), "bytes");
    EXPECT_EQ(response.field("etag"), '"' + bundle_name + '"');
    EXPECT_EQ(response.body, contents_);
    EXPECT_EQ(code_of(ask(request_text("GET /v1/bundles/other"))), "not_found");
    EXPECT_EQ(code_of(ask(request_text("GET /v1/bundles/.."))), "not_found");
}

TEST_F(BundlesTest, AreServedInRanges) {
    const auto middle = get("Range: bytes=10-600000\r\n");
    EXPECT_EQ(middle.status, 206);
    EXPECT_EQ(middle.field("content-range"), "bytes 10-600000/700000");
    EXPECT_EQ(middle.body, contents_.substr(10, 599'991));
    const auto end = get("Range: bytes=-5\r\n");
    EXPECT_EQ(end.field("content-range"), "bytes 699995-699999/700000");
    EXPECT_EQ(end.body, contents_.substr(699'995));
    EXPECT_EQ(get("Range: bytes=699999-\r\n").body.size(), 1u);
    EXPECT_EQ(get("Range: bytes=0-0,5-6\r\n").status, 200) << "several ranges are the whole file";
}

TEST_F(BundlesTest, ARangeOutsideIsRefused) {
    const auto response = get("Range: bytes=700000-\r\n");
    EXPECT_EQ(response.status, 416);
    EXPECT_EQ(response.field("content-range"), "bytes */700000");
    EXPECT_EQ(code_of(response), "range_not_satisfiable");
}

TEST_F(BundlesTest, ConditionsAreHonoured) {
    const auto tag = '"' + bundle_name + '"';
    EXPECT_EQ(get("If-None-Match: " + tag + "\r\n").status, 304);
    EXPECT_EQ(get("If-None-Match: \"x\"\r\n").status, 200);
    EXPECT_EQ(get("Range: bytes=0-1\r\nIf-Range: " + tag + "\r\n").status, 206);
    EXPECT_EQ(get("Range: bytes=0-1\r\nIf-Range: \"x\"\r\n").status, 200);
}

TEST_F(BundlesTest, AFileThatBreaksCutsTheConnection) {
    on_server([&] { service_.file_breaks_at = 500'000; });
    RawClient client(socket_path());
    const auto response = client.ask(request_text("GET /v1/bundles/" + bundle_name));
    EXPECT_EQ(response.field("content-length"), "700000");
    EXPECT_LT(response.body.size(), 700'000u);
    EXPECT_TRUE(client.is_closed_within(seconds(5)));
}

TEST_F(BundlesTest, AnUploadIsTaken) {
    const auto response = ask(post_text("/v1/bundles", bundle_type, "W" + std::string(900'000, 'x')));
    EXPECT_EQ(response.status, 200);
    EXPECT_EQ(
        boost::json::parse(response.body),
        boost::json::parse(
            R"({"imported":2,"known":1,"refused":{"lifetime":3},"invalid":{"E_SHAPE":4},"damaged":false})"));
    EXPECT_EQ(on_server([&] { return service_.uploaded.size(); }), 900'001u);
    EXPECT_EQ(ask(post_text("/v1/bundles", "application/octet-stream", "W")).status, 200);
}

TEST_F(BundlesTest, AnUploadThatIsNoneIsRefused) {
    const auto response = ask(post_text("/v1/bundles", bundle_type, "not a bundle"));
    EXPECT_EQ(response.status, 400);
    EXPECT_EQ(code_of(response), "malformed_bundle");
    EXPECT_EQ(on_server([&] { return service_.uploads_abandoned; }), 1u);
}

TEST_F(BundlesTest, AnUploadOverTheLimitIsReadOffAndAnswered) {
    const std::string large(3'000'000, 'W');
    const auto response = ask(post_text("/v1/bundles", bundle_type, large));
    EXPECT_EQ(code_of(response), "too_large");
    EXPECT_EQ(boost::json::parse(response.body).at("limit").to_number<int>(), 1 << 20);
    const auto chunked = request_text("POST /v1/bundles", "Transfer-Encoding: chunked\r\n",
                                      "2dc6c0\r\n" + large + "\r\n0\r\n\r\n");
    EXPECT_EQ(code_of(ask(chunked)), "too_large");
    EXPECT_TRUE(becomes_true([&] { return service_.uploads_abandoned == 2; }));
}

TEST_F(BundlesTest, AnUploadThatFailsSaysWhy) {
    const auto text = post_text("/v1/bundles", bundle_type, "W");
    on_server([&] { service_.failure = node::Failure{.code = Errc::busy}; });
    EXPECT_EQ(code_of(ask(text)), "busy");
    on_server([&] { service_.failure = node::Failure{.code = Errc::no_space}; });
    EXPECT_EQ(code_of(ask(text)), "store_full");
}

TEST_F(BundlesTest, AnUploadThatBreaksOffIsAbandoned) {
    RawClient client(socket_path());
    client.send(
        request_text("POST /v1/bundles", "Content-Length: 600000\r\n", "W" + std::string(300'000, 'x')));
    EXPECT_FALSE(client.is_closed_within(milliseconds(20)));
    client.close();
    EXPECT_TRUE(becomes_true([&] { return service_.uploads_abandoned == 1; }));
    EXPECT_TRUE(on_server([&] { return service_.uploaded.empty(); }));
}

}  // namespace
}  // namespace wcmp::api::test
