// Puts what can be saved of a damaged bundle of a drive in its place (lib/bundle/BUNDLE.md, section 8).
#pragma once

#include "bundle/salvage.h"
#include "sync/visit.h"

namespace wcmp::sync {

// For one damaged bundle.
class DriveSalvage {
public:
    DriveSalvage(io::Directory& drive, const VisitSettings& settings, const message::Today& today,
                 VisitResult& result)
        : drive_(drive), settings_(settings), today_(today), result_(result) {}

    // True when the damaged file is gone, and everything that it gave stands elsewhere. It stays when
    // something of it may yet be read another time. Errors: unreliable_medium, it cannot be read to its end;
    // busy, the name that a new bundle needs is taken; cancelled; or what writing to the drive came to.
    Result<bool> replace(const bundle::Name& name, const io::ReadableFile& file, const std::stop_token& stop);

    // Whether something was changed on the drive.
    bool written() const { return written_; }

private:
    Result<void> save_all(bundle::Salvager& salvager, const io::ReadableFile& file,
                          const std::stop_token& stop);
    Result<void> put(const io::ReadableFile& file, const bundle::Salvage& round, const std::stop_token& stop);
    void leave_out_dead(bundle::Salvage& round) const;
    Result<void> unlink(const bundle::Name& name);

    io::Directory& drive_;
    const VisitSettings& settings_;
    const message::Today& today_;
    VisitResult& result_;
    std::vector<bundle::Name> outputs_;
    std::uint64_t saved_ = 0;
    std::uint64_t lost_ = 0;
    bool may_give_more_ = false;
    bool written_ = false;
};

}  // namespace wcmp::sync
