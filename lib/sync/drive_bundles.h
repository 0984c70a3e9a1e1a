// The bundles of a drive at the start of a visit: what is there is opened, what is damaged is salvaged, what
// is dead or was never finished goes (lib/bundle/BUNDLE.md, sections 4, 5 and 8).
#pragma once

#include "sync/visit.h"

namespace wcmp::sync {

// Opens and cleans. Writing to the drive never decides whether it can be read: what cannot be written is said
// in result.export_error.
class DriveBundles {
public:
    DriveBundles(io::Directory& drive, const VisitSettings& settings, const message::Today& today,
                 Random& random, VisitResult& result)
        : drive_(drive), settings_(settings), today_(today), random_(random), result_(result) {}

    // Scans, salvages what the scan found damaged, and unlinks what is void or dead. Again when something has
    // vanished meanwhile.
    Result<void> open(const std::stop_token& stop);

    // For bundles whose index turned out wrong: salvages them, then scans again. Those with an index that the
    // medium does not give are left where they are, for Rescue.
    Result<void> replace_wrong(const std::vector<std::uint32_t>& positions,
                               const std::vector<std::uint32_t>& unreadable, const std::stop_token& stop);

    const std::vector<std::shared_ptr<const bundle::Reader>>& readers() const { return readers_; }
    // Closes what is about to be unlinked.
    void forget(const std::vector<bundle::Name>& names);

    bool written() const { return written_; }
    void note_written() { written_ = true; }
    // Damaged bundles whose messages could not be put on the drive anew: see Rescue.
    const std::vector<bundle::Name>& unsaved() const { return unsaved_; }

private:
    Result<bundle::DirectoryScan> scan_and_clean();
    Result<void> salvage(const bundle::Name& name, const std::stop_token& stop);
    Result<void> leave_to_rescue(const bundle::Name& name, const Error& error);
    void leave_unreadable(const bundle::Name& name);
    Result<void> check_writable() const;
    void unlink_all(const std::vector<bundle::Name>& names);
    bool is_abandoned(const bundle::Name& name) const;
    bool may_be_unlinked(const bundle::Name& name) const;
    // Remembers the first reason why the drive cannot be written.
    void note(const Error& error);

    io::Directory& drive_;
    const VisitSettings& settings_;
    const message::Today& today_;
    Random& random_;
    VisitResult& result_;
    std::vector<std::shared_ptr<const bundle::Reader>> readers_;
    std::vector<bundle::Name> hopeless_;  // in this visit: damaged, and still there
    std::vector<bundle::Name> unsaved_;
    bool written_ = false;
};

}  // namespace wcmp::sync
