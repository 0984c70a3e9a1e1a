// Messages of damaged bundles on a drive that cannot be written: they go straight into the store
// (lib/bundle/BUNDLE.md, section 8).
#pragma once

#include "bundle/salvage.h"
#include "sync/visit.h"

namespace wcmp::sync {

class Rescue {
public:
    Rescue(Local& local, const io::Directory& drive, const VisitSettings& settings,
           const message::Today& today, VisitResult& result, bundle::CommitOptions options)
        : local_(local),
          drive_(drive),
          settings_(settings),
          today_(today),
          result_(result),
          options_(std::move(options)) {}

    // With the importer's turn held. Of all bundles together, no more is read in vain than
    // limits::failing_bytes_max; the bundles that this leaves are counted, and so is what a full disk keeps
    // out of the store. Errors are the store's, or cancelled.
    Result<void> run(const std::vector<bundle::Name>& damaged);

private:
    Result<void> take(const bundle::Name& name);
    Result<void> take_round(const io::ReadableFile& file, bundle::Salvage& round);
    Result<void> import(const io::ReadableFile& file, const bundle::Salvage& round);
    Result<void> import_part(std::span<const bundle::Item> items, bundle::MessageSource& source);
    Result<void> take_in(std::span<const bundle::Item> items, const bundle::CommitResult& done);
    void leave_out_unwanted(bundle::Salvage& round);
    void leave_out_what_has_no_room(bundle::Salvage& round, const Retention& retention);

    Local& local_;
    const io::Directory& drive_;
    const VisitSettings& settings_;
    const message::Today& today_;
    VisitResult& result_;
    bundle::CommitOptions options_;
    std::uint64_t failing_bytes_ = 0;
    bool full_ = false;  // the store's disk: what comes now is only counted
};

}  // namespace wcmp::sync
