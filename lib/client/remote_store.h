// The relay's store as one side of a visit: read by ranges, written by uploads.
#pragma once

#include "client/relay.h"
#include "sync/visit.h"

#include <filesystem>

namespace wcmp::client {

class RemoteStore final : public sync::Local {
public:
    // `pieces` is an empty folder of this process: what goes to the relay is made there first, one piece at a
    // time.
    RemoteStore(Relay& relay, std::unique_ptr<io::Directory> pieces)
        : relay_(relay), pieces_(std::move(pieces)) {}

    // Folds, so that bundles hold all there is, and opens every bundle that is not dead. not_found when one
    // is gone meanwhile.
    Result<void> open(Day floor);

    std::vector<std::shared_ptr<const bundle::Reader>> bundles() override { return bundles_; }
    io::Directory* directory() override { return nullptr; }
    Result<bundle::CommitResult> import(std::span<const bundle::Item> items, bundle::MessageSource& source,
                                        const bundle::CommitOptions& options) override;
    // The relay knows, and says so when it is full.
    std::uint64_t room_bytes() override { return ~std::uint64_t{0}; }
    Result<void> publish(std::span<const bundle::Name> added, std::span<const bundle::Name> covered,
                         std::span<const MessageKey> arrived) override;

private:
    Result<void> send(const bundle::Name& name);

    Relay& relay_;
    std::unique_ptr<io::Directory> pieces_;
    std::vector<std::shared_ptr<const bundle::Reader>> bundles_;
};

}  // namespace wcmp::client
