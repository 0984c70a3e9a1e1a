#include "node/local_store.h"

namespace wcmp::node {

LocalStore::LocalStore(store::Store& store, WriteTurn& turn, Arrived arrived,
                       std::shared_ptr<drives::Pulse> pulse)
    : store_(store),
      turn_(turn),
      arrived_(std::move(arrived)),
      pulse_(std::move(pulse)),
      directory_(store.directory(), ticket_) {}

LocalStore::~LocalStore() {
    end_import();
}

std::vector<std::shared_ptr<const bundle::Reader>> LocalStore::bundles() {
    return store_.snapshot()->bundles;
}

io::Directory* LocalStore::directory() {
    return store_.failing() ? nullptr : &directory_;
}

std::uint64_t LocalStore::room_bytes() {
    return store_.room_bytes().value_or(0);
}

Result<void> LocalStore::publish(std::span<const bundle::Name> added, std::span<const bundle::Name> covered,
                                 std::span<const MessageKey> arrived) {
    WCMP_TRY(ticket_->act([&] { return store_.publish(added, covered); }));
    arrived_({arrived.begin(), arrived.end()});
    return {};
}

Result<void> LocalStore::begin_import(const std::stop_token& stop) {
    pulse_->resting = true;
    const auto taken = turn_.take(stop, ticket_);
    pulse_->resting = false;
    importing_ = taken.has_value();
    return taken;
}

void LocalStore::end_import() {
    if (std::exchange(importing_, false)) turn_.give_back(ticket_);
}

}  // namespace wcmp::node
