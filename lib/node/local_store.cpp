#include "node/local_store.h"

namespace wcmp::node {

namespace {

// Notices when it is the medium of the source that fails, and not that of the output.
class WatchedSource final : public bundle::MessageSource {
public:
    explicit WatchedSource(bundle::MessageSource& source) : source_(source) {}

    Result<bundle::Reader::Message> fetch(std::size_t index, const bundle::Item& item) override {
        auto message = source_.fetch(index, item);
        if (!message)
            failed_ |= !is_format_class(message.error().code) && message.error().code != Errc::wrong_hash;
        return message;
    }
    bool failed() const { return failed_; }

private:
    bundle::MessageSource& source_;
    bool failed_ = false;
};

}  // namespace

LocalStore::LocalStore(store::Store& store, WriteTurn& turn, Arrived arrived)
    : store_(store), turn_(turn), arrived_(std::move(arrived)) {}

LocalStore::~LocalStore() {
    if (importing_) turn_.give_back();
}

std::vector<std::shared_ptr<const bundle::Reader>> LocalStore::bundles() {
    return store_.snapshot()->bundles;
}

io::Directory* LocalStore::directory() {
    return store_.failing() ? nullptr : &store_.directory();
}

Result<bundle::CommitResult> LocalStore::import(std::span<const bundle::Item> items,
                                                bundle::MessageSource& source,
                                                const bundle::CommitOptions& options) {
    WatchedSource watched(source);
    auto committed = Local::import(items, watched, options);
    if (!committed && committed.error().code == Errc::io && !watched.failed()) store_.set_failing();
    return committed;
}

std::uint64_t LocalStore::room_bytes() {
    return store_.room_bytes().value_or(0);
}

Result<void> LocalStore::publish(std::span<const bundle::Name> added, std::span<const bundle::Name> covered,
                                 std::span<const MessageKey> arrived) {
    WCMP_TRY(store_.publish(added, covered));
    arrived_({arrived.begin(), arrived.end()});
    return {};
}

Result<void> LocalStore::begin_import(const std::stop_token& stop) {
    WCMP_TRY(turn_.take(stop));
    importing_ = true;
    return {};
}

void LocalStore::end_import() {
    if (std::exchange(importing_, false)) turn_.give_back();
}

}  // namespace wcmp::node
