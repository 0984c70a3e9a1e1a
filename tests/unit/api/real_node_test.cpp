// The codes of the API as a real node brings them about, on a store whose medium can be made to fail.
#include "api/server.h"
#include "core/writer.h"
#include "io/memory.h"
#include "message/seal.h"
#include "node/node.h"
#include "unit/api/server_fixture.h"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

namespace wcmp::api::test {
namespace {

constexpr std::uint32_t test_day = 20'400;
constexpr std::size_t expires_offset = 33;

class RealNode : public testing::Test {
protected:
    RealNode() {
        clock_.system = std::chrono::sys_seconds(std::chrono::days(test_day));
        clock_.is_disciplined = true;
        settings_.store.keep_free_bytes = 0;
    }
    ~RealNode() override { end(); }

    template <class Work>
    auto on_node(Work work) {
        std::packaged_task<decltype(work())()> task(std::move(work));
        auto result = task.get_future();
        boost::asio::post(*context_, std::move(task));
        return result.get();
    }

    void start() {
        auto node =
            node::Node::open({*context_, clock_, random_}, files_.root(), settings_,
                             {.service = "user", .version = "1", .build_day = Day{test_day}, .exit = {}});
        ASSERT_TRUE(node.has_value()) << describe(node.error());
        node_ = std::move(*node);
        auto server = Server::listen(*context_, *node_, socket_path(), Access::user);
        ASSERT_TRUE(server.has_value()) << describe(server.error());
        server_ = std::move(*server);
        guard_.emplace(context_->get_executor());
        thread_ = std::thread([this] { context_->run(); });
    }
    void end() {
        if (!thread_.joinable()) return;
        on_node([this] {
            server_.reset();
            node_.reset();
        });
        guard_.reset();
        thread_.join();
        context_ = std::make_unique<boost::asio::io_context>();
    }

    Response ask(std::string_view text) {
        RawClient client(socket_path());
        return client.ask(text);
    }
    Response enqueue(const Bytes& message) {
        return ask(post_text("/v1/messages", message_type,
                             {reinterpret_cast<const char*>(message.data()), message.size()}));
    }
    std::filesystem::path socket_path() const { return directory_.path() / "api.sock"; }

    Bytes message() { return *message::seal_dummy(Day{test_day}, message_random_); }
    Bytes message_of_day(std::uint32_t day) {
        auto made = message();
        put_number(MutableBytes(made).subspan(expires_offset), day);
        return made;
    }

    TempDirectory directory_;
    ManualClock clock_;
    SeededRandom random_{1}, message_random_{2};
    io::MemoryFileSystem files_{3};
    settings::Settings settings_;
    std::unique_ptr<boost::asio::io_context> context_ = std::make_unique<boost::asio::io_context>();
    std::unique_ptr<node::Node> node_;
    std::unique_ptr<Server> server_;

private:
    using Guard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;
    std::optional<Guard> guard_;
    std::thread thread_;
};

boost::json::object problem_in(const Response& response, std::string_view code) {
    EXPECT_EQ(code_of(response), code);
    return boost::json::parse(response.body).as_object();
}

TEST_F(RealNode, MessagesThatAreNotTaken) {
    settings_.rules.lifetime_days_max = 100;
    start();
    auto broken = message();
    broken[0] = 0;
    EXPECT_EQ(problem_in(enqueue(broken), "malformed_message").at("class"), "E_SUITE");
    EXPECT_EQ(problem_in(enqueue({1, 2, 3}), "malformed_message").at("class"), "E_SIZE");
    problem_in(enqueue(message_of_day(test_day)), "expired");
    for (const auto day : {test_day + 101, test_day + 1000}) {
        const auto refused = problem_in(enqueue(message_of_day(day)), "refused");
        EXPECT_EQ(refused.at("rule"), "lifetime");
        EXPECT_NE(refused.at("detail"), "lifetime") << "a sentence, not the rule once more";
    }
    EXPECT_EQ(enqueue(message_of_day(test_day + 100)).status, 201);
}

TEST_F(RealNode, AMessageOverTheRelaysLimitIsToldTheLimit) {
    settings_.rules.message_bytes_max = 1543;
    start();
    Bytes large;
    while (large.size() <= 1543) large = message();
    EXPECT_EQ(problem_in(enqueue(large), "too_large").at("limit").to_number<int>(), 1543);
}

TEST_F(RealNode, AFullStoreSaysWhenToComeAgain) {
    settings_.store.bytes_max = 20'000;
    start();
    Response answer;
    do {
        answer = enqueue(message());
    } while (answer.status == 201);
    EXPECT_EQ(code_of(answer), "store_full");
    EXPECT_EQ(answer.status, 507);
    // A part of the six hours in which the share fills up.
    const auto wait = std::stoi(std::string(answer.field("retry-after")));
    EXPECT_GE(wait, 1);
    EXPECT_LE(wait, 6 * 3600);
    const auto status = boost::json::parse(ask(request_text("GET /v1/status")).body);
    EXPECT_EQ(status.at("refused").at("import_share").to_number<int>(), 1);
    for (const auto& warning : status.at("warnings").as_array()) EXPECT_NE(warning, "store_full");
}

TEST_F(RealNode, ADiskThatFailsIsSaidToFailFromTheFirstTimeOn) {
    start();
    EXPECT_EQ(enqueue(message()).status, 201);
    files_.fail_at(files_.steps(), {.os_error = EIO, .lasts = io::Fault::Lasts::writes});
    for (int i = 0; i < 2; ++i) {
        const auto answer = enqueue(message());
        EXPECT_EQ(answer.status, 507);
        EXPECT_EQ(code_of(answer), "store_failing");
    }
    EXPECT_EQ(code_of(ask(request_text("POST /v1/fold"))), "store_failing");
}

TEST_F(RealNode, BundlesThatAreNone) {
    start();
    EXPECT_EQ(code_of(ask(post_text("/v1/bundles", "application/octet-stream", "WCMP"))), "malformed_bundle");
    EXPECT_EQ(code_of(ask(request_text("GET /v1/bundles/none"))), "not_found");
}

TEST_F(RealNode, CursorsOfAnotherRunAndNone) {
    start();
    const auto cursor = ask(request_text("GET /v1/recognition")).field("wcmp-cursor");
    EXPECT_EQ(ask(request_text("GET /v1/recognition?after=" + cursor)).status, 200);
    end();
    start();
    EXPECT_EQ(code_of(ask(request_text("GET /v1/recognition?after=" + cursor))), "cursor_expired");
    EXPECT_EQ(code_of(ask(request_text("GET /v1/recognition?after=nonsense"))), "malformed_request");
    EXPECT_EQ(code_of(ask(request_text("GET /v1/events?after=nonsense"))), "malformed_request");
}

TEST_F(RealNode, ALongPollEndsWithTheServer) {
    start();
    RawClient waiting(socket_path());
    waiting.send(request_text("GET /v1/recognition?wait=60"));
    RawClient watching(socket_path());
    watching.send(request_text("GET /v1/events"));
    EXPECT_EQ(watching.read_head().status, 200);
    std::promise<void> server_ended, node_ended;
    on_node([&] {
        server_->stop([&] { server_ended.set_value(); });
        node_->stop([&] { node_ended.set_value(); });
    });
    const auto answer = waiting.read();
    EXPECT_EQ(answer.status, 200);
    EXPECT_TRUE(answer.body.empty());
    EXPECT_FALSE(answer.field("wcmp-cursor").empty());
    EXPECT_EQ(watching.read_chunk(), "");
    EXPECT_EQ(server_ended.get_future().wait_for(seconds(30)), std::future_status::ready);
    EXPECT_EQ(node_ended.get_future().wait_for(seconds(30)), std::future_status::ready);
}

}  // namespace
}  // namespace wcmp::api::test
