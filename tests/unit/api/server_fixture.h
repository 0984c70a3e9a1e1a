// A server on a real socket, with its own thread; the test's thread is the client.
#pragma once

#include "api/server.h"
#include "unit/api/fake_service.h"
#include "unit/api/raw_client.h"

#include <filesystem>
#include <future>
#include <memory>
#include <thread>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace wcmp::api::test {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A new folder, gone with the object.
class TempDirectory {
public:
    TempDirectory();
    TempDirectory(const TempDirectory&) = delete;
    TempDirectory& operator=(const TempDirectory&) = delete;
    ~TempDirectory();

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

class ServerTest : public testing::Test {
protected:
    ~ServerTest() override { shut_down(); }

    // With these options, instead of the defaults, before the first client.
    void start(const Options& options = {});
    void shut_down();

    // Runs on the server's thread and waits for it.
    template <class Work>
    auto on_server(Work work) {
        std::packaged_task<decltype(work())()> task(std::move(work));
        auto result = task.get_future();
        boost::asio::post(context_, std::move(task));
        return result.get();
    }

    // Waits until a condition, looked at on the server's thread, is true; false after ten seconds.
    bool becomes_true(std::function<bool()> condition);

    std::filesystem::path socket_path() const { return directory_.path() / "api.sock"; }

    Response ask(std::string_view text, bool head_only = false);

    // Root's tests can be somebody else: for this thread only, unlike seteuid(2).
    static constexpr uid_t somebody = 65'534;
    static void act_as(uid_t uid);
    void let_anybody_in();  // to the socket

    TempDirectory directory_;
    boost::asio::io_context context_;
    FakeService service_{context_};
    std::unique_ptr<Server> server_;

private:
    using Guard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;
    std::optional<Guard> guard_;
    std::thread thread_;
};

// The code of a problem, after a check of its form and of its agreement with the status line.
std::string code_of(const Response& response);

}  // namespace wcmp::api::test
