// The store as a visit sees it.
#pragma once

#include "node/write_turn.h"
#include "store/store.h"
#include "sync/visit.h"

#include <functional>

namespace wcmp::node {

// Of one visit; used on its worker.
class LocalStore final : public sync::Local {
public:
    using Arrived = std::function<void(std::vector<MessageKey>)>;

    LocalStore(store::Store& store, WriteTurn& turn, Arrived arrived);
    LocalStore(const LocalStore&) = delete;
    LocalStore& operator=(const LocalStore&) = delete;
    ~LocalStore() override;

    std::vector<std::shared_ptr<const bundle::Reader>> bundles() override;
    io::Directory* directory() override;
    std::uint64_t room_bytes() override;
    Result<void> publish(std::span<const bundle::Name> added, std::span<const bundle::Name> covered,
                         std::span<const MessageKey> arrived) override;
    Result<void> begin_import(const std::stop_token& stop) override;
    void end_import() override;

private:
    store::Store& store_;
    WriteTurn& turn_;
    Arrived arrived_;
    bool importing_ = false;
};

}  // namespace wcmp::node
