// A whole node in a test: a real store, real directories as drives, a clock that is moved by hand.
#pragma once

#include "bundle/reader.h"
#include "io/memory.h"
#include "io/posix.h"
#include "node/node.h"

#include <filesystem>
#include <latch>
#include <map>
#include <mutex>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace wcmp::node::test {

inline constexpr std::uint32_t test_day = 20'400;

// Gone with everything in it at the end.
class TempFolder {
public:
    TempFolder();
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    ~TempFolder();
    std::filesystem::path path;
};

// Hands out real directories as drives; says what it is told to say.
class TestSource final : public drives::Source {
public:
    void start(drives::Listener listener) override { listener_ = std::move(listener); }
    void stop() override {}
    Result<std::unique_ptr<io::Directory>> open(drives::DriveId id) override;
    Result<void> release(drives::DriveId id) override;

    drives::DriveId add(const std::filesystem::path& path, drives::Kind kind = drives::Kind::directory,
                        drives::Readiness readiness = drives::Readiness::ready);
    void change(drives::DriveId id) { listener_.changed({id}); }
    void remove(drives::DriveId id) { listener_.removed({id}); }
    void become(drives::DriveId id, drives::Readiness readiness) {
        listener_.readiness({.id = id, .readiness = readiness});
    }
    void want(drives::DriveId id) { listener_.wanted({id}); }

    // What open() does first, on the worker.
    void before_open(drives::DriveId id, std::function<Result<void>()> call);
    // What release() answers with, on the worker.
    void on_release(std::function<Result<void>()> call);
    // What is put around each drive that is opened.
    using Wrap = std::function<std::unique_ptr<io::Directory>(std::unique_ptr<io::Directory>)>;
    void wrap(Wrap wrap);
    std::size_t released() const;

    bool shared = false;  // of drives that are added from now on

private:
    mutable std::mutex mutex_;
    drives::Listener listener_;
    std::map<drives::DriveId, std::filesystem::path> paths_;
    std::map<drives::DriveId, std::function<Result<void>()>> before_open_;
    std::function<Result<void>()> on_release_;
    Wrap wrap_;
    std::uint32_t last_id_ = 0;
    std::size_t released_ = 0;
};

class TestRelay {
public:
    explicit TestRelay(std::uint64_t seed = 1);
    TestRelay(const TestRelay&) = delete;
    TestRelay& operator=(const TestRelay&) = delete;
    ~TestRelay() { end(); }

    // On a real folder; or, to make the medium fail, in memory.
    Result<void> start();
    Result<void> start(std::unique_ptr<io::Directory> store);
    void end();  // without a fold, as a kill would
    void stop();
    void restart();

    Node& node() { return *node_; }
    boost::asio::io_context& io() { return *io_; }

    void run_until(const std::function<bool()>& done);
    // Everything that is under way comes back; then what is due by the clock happens.
    void advance(std::chrono::seconds by);

    // Calls the service and waits for its answer.
    template <class T, class Call>
    Outcome<T> ask(Call call) {
        std::optional<Outcome<T>> answer;
        call(Reply<T>([&answer](Outcome<T> given) { answer = std::move(given); }));
        EXPECT_FALSE(answer.has_value()) << "never from inside the call";
        run_until([&answer] { return answer.has_value(); });
        return std::move(*answer);
    }
    Outcome<Enqueued> enqueue(const Bytes& message);
    Outcome<void> fold();
    Outcome<Bytes> read(const MessageId& id);
    Outcome<RecognitionPart> recognition(const std::string& cursor, std::size_t records_max,
                                         DayRange range = {});
    Outcome<UploadResult> upload(const Bytes& bundle, std::size_t piece = 1000);

    // A sealed message to nobody.
    Bytes message();
    std::vector<Bytes> messages(std::size_t count);

    // Waits until the drive is in this state.
    DriveInfo wait_for(drives::DriveId id, std::string_view state);
    DriveInfo drive(drives::DriveId id);
    std::size_t events_of(std::string_view type) const;

    TempFolder folder;
    ManualClock clock;
    SeededRandom random;
    settings::Settings settings;
    TestSource source;
    std::vector<std::string> events;
    std::optional<int> exit_code;
    std::vector<drives::Light> lights;
    std::filesystem::path sysfs;
    bool store_is_volatile = false;

private:
    using Guard = boost::asio::executor_work_guard<boost::asio::io_context::executor_type>;

    std::unique_ptr<boost::asio::io_context> io_;  // a new one for each run
    std::optional<Guard> guard_;
    std::unique_ptr<Node> node_;
    std::unique_ptr<Subscription> watching_;
};

}  // namespace wcmp::node::test
