// The relay's store as one side of a visit: read by ranges, written by uploads.
#pragma once

#include "client/relay.h"
#include "sync/visit.h"

#include <filesystem>

namespace wcmp::client {

class RemoteStore final : public sync::Local {
public:
    // `pieces` is empty, and this process's alone: what goes to the relay is made there first, one piece at a
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
    sync::StoreRoom room() override { return {}; }
    Result<void> publish(std::span<const bundle::Name> added, std::span<const bundle::Name> covered,
                         std::span<const MessageKey> arrived) override;

    // What the relay said about all that was sent. Where it had no room, nothing more is sent.
    const Uploaded& uploaded() const { return uploaded_; }
    bool relay_is_full() const { return relay_is_full_; }
    // As an earlier visit has found out.
    void set_relay_is_full() { relay_is_full_ = true; }
    // Why a piece could not be made: the place for pieces is at fault.
    const std::optional<Error>& piece_error() const { return piece_error_; }

private:
    Result<bundle::CommitResult> make_piece(std::span<const bundle::Item> items,
                                            bundle::MessageSource& source,
                                            const bundle::CommitOptions& options);
    Result<void> send(const bundle::Name& name);
    void count(const Uploaded& uploaded);

    Relay& relay_;
    std::unique_ptr<io::Directory> pieces_;
    std::vector<std::shared_ptr<const bundle::Reader>> bundles_;
    Uploaded uploaded_;
    bool relay_is_full_ = false;
    std::optional<Error> piece_error_;
};

}  // namespace wcmp::client
