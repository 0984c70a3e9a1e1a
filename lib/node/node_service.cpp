// The node as its clients see it: each request goes to the part that does it.
#include "node/light_state.h"
#include "node/parts.h"

namespace wcmp::node {

std::string Node::version() const {
    return parts_->options.version;
}

Limits Node::limits() const {
    const auto& settings = *parts_->context.settings;
    return {message_bytes_max(settings), settings.api.upload_bytes_max, settings.rules.lifetime_days_max};
}

Status Node::status() const {
    const auto& parts = *parts_;
    Status status;
    status.state = parts.context.stopping    ? "stopping"
                   : parts.needs_attention() ? "attention"
                   : parts.visits.busy() > 0 ? "busy"
                                             : "idle";
    status.service = parts.options.service;
    status.messages = parts.view.shown().messages;
    status.bytes = parts.view.snapshot()->bytes;
    status.quota_bytes = parts.context.settings->store.bytes_max;
    status.expires_first = parts.view.shown().first;
    status.expires_last = parts.view.shown().last;
    status.today = parts.keeper.today().floor;
    status.trust = store::to_string(parts.keeper.trust());
    status.drives = parts.visits.infos();
    status.refused = parts.refusals.counts();
    status.evicted = parts.evictions.evicted();
    status.warnings = parts.warnings.list();
    status.uptime =
        std::chrono::duration_cast<std::chrono::seconds>(parts.context.clock.boot_time() - parts.started);
    status.version = parts.options.version;
    return status;
}

std::string Node::summary() const {
    const auto now = status();
    std::string text(now.state);
    for (const auto& warning : now.warnings)
        text += (&warning == now.warnings.data() ? ": " : ", ") + warning;
    if (const auto drives = drives_in_words(now.drives); !drives.empty()) text += "; " + drives;
    return text;
}

std::vector<DriveInfo> Node::drives() const {
    return parts_->visits.infos();
}

void Node::enqueue(Bytes message, Reply<Enqueued> reply) {
    parts_->ingest.enqueue(std::move(message), std::move(reply));
}

bool Node::folds_on_request() const {
    return !parts_->ingest.covered();
}

void Node::fold(Reply<void> reply) {
    parts_->ingest.fold(std::move(reply));
}

void Node::read(const MessageId& id, Reply<Bytes> reply) {
    parts_->reading.read(id, std::move(reply));
}

void Node::length_of(const MessageId& id, Reply<std::uint64_t> reply) {
    parts_->reading.length_of(id, std::move(reply));
}

void Node::recognition(const std::string& cursor, DayRange range, std::size_t records_max,
                       Reply<RecognitionPart> reply) {
    parts_->reading.recognition(cursor, range, records_max, std::move(reply));
}

std::unique_ptr<Subscription> Node::on_arrival(std::move_only_function<void()> call) {
    return parts_->view.on_arrival(std::move(call));
}

std::vector<BundleInfo> Node::bundles() const {
    return parts_->reading.bundles();
}

Outcome<std::shared_ptr<BundleFile>> Node::open_bundle(const std::string& name) {
    return parts_->reading.open_bundle(name);
}

void Node::upload(Reply<std::shared_ptr<Upload>> reply) {
    parts_->uploads.begin(std::move(reply));
}

Outcome<std::unique_ptr<Subscription>> Node::subscribe(const std::string& cursor,
                                                       std::function<void(const std::string&)> call) {
    return parts_->events.subscribe(cursor, std::move(call));
}

Outcome<void> Node::set_today(Day today) {
    const auto set = parts_->clock_watch.set_by_operator(today);
    if (set) return {};
    return std::unexpected(
        Failure{.code = set.error().code, .detail = std::string(set.error().what), .rule = "clock"});
}

Outcome<void> Node::sync_drive(const std::string& id) {
    return parts_->visits.sync(id);
}

Outcome<void> Node::release_drive(const std::string& id) {
    return parts_->visits.release(id);
}

}  // namespace wcmp::node
