// The store's directory in the hands of an importer: it changes nothing once the ticket is void.
#pragma once

#include "drives/forwarding_directory.h"
#include "node/write_turn.h"

namespace wcmp::node {

class TicketedDirectory final : public drives::ForwardingDirectory {
public:
    TicketedDirectory(io::Directory& store, std::shared_ptr<ImportTicket> ticket)
        : ForwardingDirectory(store), ticket_(std::move(ticket)) {}

    Result<std::unique_ptr<io::WritableFile>> open_for_writing(std::string_view name) override {
        return ticket_->act([&] { return ForwardingDirectory::open_for_writing(name); });
    }
    Result<std::unique_ptr<io::WritableFile>> create(std::string_view name) override {
        return ticket_->act([&] { return ForwardingDirectory::create(name); });
    }
    Result<void> unlink(std::string_view name) override {
        return ticket_->act([&] { return ForwardingDirectory::unlink(name); });
    }
    Result<void> rename(std::string_view from, std::string_view to) override {
        return ticket_->act([&] { return ForwardingDirectory::rename(from, to); });
    }

private:
    std::shared_ptr<ImportTicket> ticket_;
};

}  // namespace wcmp::node
