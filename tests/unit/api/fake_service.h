// A node in memory: everything happens on the context's thread, and every reply comes from the event loop, as
// the real one's do.
#pragma once

#include "node/service.h"

#include <list>
#include <map>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

namespace wcmp::api::test {

class FakeService final : public node::Service {
public:
    explicit FakeService(boost::asio::io_context& context) : context_(context) {}

    std::string version() const override { return "1.2.3"; }
    node::Limits limits() const override {
        return {.message_bytes_max = 4096, .upload_bytes_max = 1 << 20, .lifetime_days_max = 182};
    }
    node::Status status() const override;
    std::vector<node::DriveInfo> drives() const override;
    void enqueue(Bytes message, node::Reply<node::Enqueued> reply) override;
    bool folds_on_request() const override { return !covered; }
    void fold(node::Reply<void> reply) override;
    void read(const MessageId& id, node::Reply<Bytes> reply) override;
    void length_of(const MessageId& id, node::Reply<std::uint64_t> reply) override;
    void recognition(const std::string& cursor, node::DayRange range, std::size_t records_max,
                     node::Reply<node::RecognitionPart> reply) override;
    std::unique_ptr<node::Subscription> on_arrival(std::move_only_function<void()> call) override;
    std::vector<node::BundleInfo> bundles() const override;
    node::Outcome<std::shared_ptr<node::BundleFile>> open_bundle(const std::string& name) override;
    void upload(node::Reply<std::shared_ptr<node::Upload>> reply) override;
    node::Outcome<std::unique_ptr<node::Subscription>> subscribe(
        const std::string& cursor, std::function<void(const std::string& event)> call) override;
    node::Outcome<void> set_today(Day today) override;
    node::Outcome<void> sync_drive(const std::string& id) override { return asked("sync " + id); }
    node::Outcome<void> release_drive(const std::string& id) override { return asked("release " + id); }

    // What the tests set and look at, on the context's thread.
    std::optional<node::Failure> failure;  // of every request that can fail
    std::map<MessageId, Bytes> messages;
    std::vector<Bytes> records;  // recognition records in the order of arrival; a cursor is a position
    node::DayRange last_range;
    std::map<std::string, Bytes> files;
    std::optional<std::uint64_t> file_breaks_at;
    Bytes uploaded;
    std::size_t uploads_abandoned = 0;
    std::size_t folds = 0;
    bool covered = false;
    std::vector<std::string> asked_of_drives;  // "sync d1"
    std::optional<Day> told_day;
    bool holds = false;  // replies wait for release()
    std::vector<std::move_only_function<void()>> held;
    std::list<std::move_only_function<void()>> arrival_calls;
    std::list<std::function<void(const std::string&)>> watchers;
    std::vector<std::string> remembered;  // events before anybody watched

    void arrive(Bytes record);
    void say(const std::string& event);
    void release();

    void answer(std::move_only_function<void()> call);

private:
    node::Outcome<void> asked(std::string what);

    boost::asio::io_context& context_;
};

// A recognition record with four slots, or of an unknown suite.
Bytes known_record(std::uint8_t fill, std::uint32_t day);
Bytes unknown_record(std::uint8_t fill, std::uint32_t day);

}  // namespace wcmp::api::test
