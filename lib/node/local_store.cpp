#include "node/local_store.h"

namespace wcmp::node {

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
