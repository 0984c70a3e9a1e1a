#include "node/local_store.h"

#include "store/eviction.h"

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

sync::StoreRoom LocalStore::room() {
    const auto room = store_.room(store::Drawer::imports);
    if (!room) return {.disk_bytes = 0, .share_bytes = 0};
    return {.disk_bytes = room->disk_bytes, .share_bytes = room->share_bytes};
}

sync::Retention LocalStore::retention() {
    const auto state = store_.state();
    const auto ranking = std::make_shared<store::Ranking>(state.eviction_salt);
    return {.rank = [ranking](const MessageId& id) { return ranking->rank(id.view()); },
            .threshold = state.eviction_threshold};
}

Result<void> LocalStore::publish(std::span<const bundle::Name> added, std::span<const bundle::Name> covered,
                                 std::span<const MessageKey> arrived) {
    WCMP_TRY(ticket_->act([&] { return store_.publish(added, covered, store::Drawer::imports); }));
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
