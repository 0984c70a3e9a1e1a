// The daemon's brain: requests and drives come in, work goes out to workers, one thread owns the state.
#pragma once

#include "drives/light.h"
#include "drives/source.h"
#include "node/context.h"
#include "node/service.h"

#include <filesystem>
#include <memory>

#include <boost/asio/io_context.hpp>

namespace wcmp::node {

struct NodeOptions {
    std::string_view service = "user";  // or "system"
    std::string version;
    Day build_day;
    // Called once when the process should end, with its exit code: 75 when the store fails.
    std::function<void(int code)> exit;
    // What a light before the relay should show: called on the node's thread, when it is another one.
    std::function<void(drives::Light)> show_light{};
    bool store_is_volatile = false;  // what is written to the store is gone after a restart
    std::filesystem::path sysfs{};   // "/sys": where the power supply is looked at; empty: nowhere
};

// The world as the node sees it. All of it outlives the node.
struct World {
    boost::asio::io_context& io;
    const Clock& clock;
    Random& random;
};

class Node final : public Service {
public:
    // Opens the store: folds what the journals hold. Errc::busy: another daemon owns it.
    static Result<std::unique_ptr<Node>> open(World world, std::unique_ptr<io::Directory> store_directory,
                                              const settings::Settings& settings, NodeOptions options);
    Node(const Node&) = delete;
    Node& operator=(const Node&) = delete;
    ~Node() override;

    // Sources are started in the order given, and outlive the node.
    void add_source(drives::Source& source);
    // Whether who mounts drives for this relay is there; where that is expected of nobody it is not called.
    void mounter_is(bool there);
    // What can change while it runs does; paths count at the next start.
    void reload(const settings::Settings& settings);
    // Abandons visits, answers what is in flight, then calls; the journal needs no fold.
    void stop(Task stopped);

    // What is due by the clock that was handed in; in the daemon a timer does this.
    void run_due();

    // A line for people: the state, what needs attention, and what the drives are doing. No counts.
    std::string summary() const;

    std::string version() const override;
    Limits limits() const override;
    Status status() const override;
    std::vector<DriveInfo> drives() const override;
    void enqueue(Bytes message, Reply<Enqueued> reply) override;
    bool folds_on_request() const override;
    void fold(Reply<void> reply) override;
    void read(const MessageId& id, Reply<Bytes> reply) override;
    void length_of(const MessageId& id, Reply<std::uint64_t> reply) override;
    void recognition(const std::string& cursor, DayRange range, std::size_t records_max,
                     Reply<RecognitionPart> reply) override;
    std::unique_ptr<Subscription> on_arrival(std::move_only_function<void()> call) override;
    std::vector<BundleInfo> bundles() const override;
    Outcome<std::shared_ptr<BundleFile>> open_bundle(const std::string& name) override;
    void upload(Reply<std::shared_ptr<Upload>> reply) override;
    Outcome<std::unique_ptr<Subscription>> subscribe(
        const std::string& cursor, std::function<void(const std::string& event)> call) override;
    Outcome<void> set_today(Day today) override;
    Outcome<void> sync_drive(const std::string& id) override;
    Outcome<void> release_drive(const std::string& id) override;

private:
    struct Parts;
    explicit Node(std::unique_ptr<Parts> parts);

    std::unique_ptr<Parts> parts_;
};

}  // namespace wcmp::node
