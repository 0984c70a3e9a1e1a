// The store as a visit sees it.
#pragma once

#include "drives/metered_directory.h"
#include "node/ticketed_directory.h"
#include "store/store.h"
#include "sync/visit.h"

#include <functional>

namespace wcmp::node {

// Of one visit; used on its worker.
class LocalStore final : public sync::Local {
public:
    using Arrived = std::function<void(std::vector<MessageKey>)>;

    // While the visit waits for others instead of for its drive, `pulse` rests.
    LocalStore(store::Store& store, WriteTurn& turn, Arrived arrived,
               std::shared_ptr<drives::Pulse> pulse = std::make_shared<drives::Pulse>());
    LocalStore(const LocalStore&) = delete;
    LocalStore& operator=(const LocalStore&) = delete;
    ~LocalStore() override;

    // For WriteTurn::take_away().
    const std::shared_ptr<ImportTicket>& ticket() const { return ticket_; }

    std::vector<std::shared_ptr<const bundle::Reader>> bundles() override;
    io::Directory* directory() override;
    sync::StoreRoom room() override;
    sync::Retention retention() override;
    Result<void> publish(std::span<const bundle::Name> added, std::span<const bundle::Name> covered,
                         std::span<const MessageKey> arrived) override;
    Result<void> begin_import(const std::stop_token& stop) override;
    void end_import() override;

private:
    store::Store& store_;
    WriteTurn& turn_;
    Arrived arrived_;
    std::shared_ptr<drives::Pulse> pulse_;
    std::shared_ptr<ImportTicket> ticket_ = std::make_shared<ImportTicket>();
    TicketedDirectory directory_;
    bool importing_ = false;
};

}  // namespace wcmp::node
